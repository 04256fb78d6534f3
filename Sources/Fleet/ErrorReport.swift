/// An error or a warning as events, answers and the screen carry it, whichever module it comes from.
///
/// It never changes. A class only so that the many results that have none carry a word instead of a dozen.
public final class ErrorReport: ExplainedError, Codable {
    /// The code of whichever module it was.
    public struct Code: ErrorCode {
        /// The code's name.
        public let rawValue: String
        /// The code of that name.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// What it is about went wrong, and no kinds of that are told apart.
        public static let failed = Self(rawValue: "failed")
        /// Something went wrong that nobody expected: a fault of Drover.
        public static let `internal` = Self(rawValue: "internal")
        /// The work was given up before it was done.
        public static let cancelled = Self(rawValue: "cancelled")
    }

    /// What kind of failure it is.
    public let code: Code
    /// What it is about.
    public let place: ErrorPlace
    /// One lower-case sentence.
    public let message: String
    /// What to do about it.
    public let hints: [String]

    /// An error of `code`, about `place`.
    public init(_ code: Code, at place: ErrorPlace = .unknown, _ message: String, hints: [String] = []) {
        self.code = code
        self.place = place
        self.message = message
        self.hints = hints
    }

    /// `error` as it stands; an error that explains nothing is `.internal`, and a cancellation `.cancelled`.
    public convenience init(_ error: any Error) {
        switch error {
        case let error as any ExplainedError:
            self.init(Code(rawValue: error.code.description), at: error.place, error.message, hints: error.hints)
        case is CancellationError: self.init(.cancelled, "interrupted")
        default:
            self.init(
                .internal, String(describing: error), hints: ["this is a fault of Drover: please report what you did"])
        }
    }

    /// The same error, at `place` as far as it has none of its own.
    public func located(at place: ErrorPlace) -> ErrorReport {
        ErrorReport(code, at: self.place.over(place), message, hints: hints)
    }
}

extension ErrorReport: CustomStringConvertible {
    /// What it is about and the sentence, on one line.
    public var description: String { [subject, message].compactMap(\.self).joined(separator: ": ") }
}

extension ErrorReport: Hashable {
    /// Whether both say the same.
    public static func == (one: ErrorReport, other: ErrorReport) -> Bool {
        one === other
            || (one.code == other.code && one.place == other.place && one.message == other.message
                && one.hints == other.hints)
    }

    /// Hashes what it says.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(code)
        hasher.combine(place)
        hasher.combine(message)
        hasher.combine(hints)
    }
}
