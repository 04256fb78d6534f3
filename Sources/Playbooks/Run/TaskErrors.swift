import Fleet
import Values

/// Why tasks fail that no error made fail.
extension ErrorReport.Code {
    /// `failed_when` holds.
    static let failedWhen = Self(rawValue: "failedWhen")
    /// `until` did not hold, however often the task was tried.
    static let triesUsedUp = Self(rawValue: "triesUsedUp")
    /// A host that is owed handlers cannot remember them.
    static let notRemembered = Self(rawValue: "notRemembered")
}

extension ErrorReport {
    /// The conditions of `failed_when` hold.
    static func failedWhen(_ conditions: [Condition]) -> ErrorReport {
        ErrorReport(.failedWhen, at: place(of: conditions), "failed_when holds" + text(of: conditions))
    }

    /// The conditions of `until` did not hold in so many `tries`.
    static func triesUsedUp(_ conditions: [Condition], tries: Int) -> ErrorReport {
        return ErrorReport(
            .triesUsedUp, at: place(of: conditions),
            "until did not hold in \(tries.of("try", "tries"))" + text(of: conditions),
            hints: ["'retries' and 'delay' say how often and how far apart it is tried"])
    }

    private static func place(of conditions: [Condition]) -> ErrorPlace {
        ErrorPlace(conditions.lazy.compactMap(\.location).first)
    }

    private static func text(of conditions: [Condition]) -> String {
        let texts = conditions.compactMap(\.text)
        return texts.isEmpty ? "" : ": " + texts.joined(separator: " and ")
    }
}

extension Condition {
    /// Where it stands, when that is known.
    fileprivate var location: SourceLocation? {
        if case .expression(let text) = self { text.location } else { nil }
    }

    fileprivate var text: String? { if case .expression(let text) = self { text.text } else { nil } }
}
