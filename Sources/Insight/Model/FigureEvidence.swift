/// One figure that speaks for a verdict, or against it.
public struct FigureEvidence: Sendable, Hashable, Codable {
    /// Whose figure: a host, a queue; `nil` for the whole tier's.
    public var subject: String?
    /// The figure, in the words of `sar` where it has them: `%user`, `await`, `refaults/s`.
    public var figure: String
    /// How much it was.
    public var value: Double
    /// What of: `%`, `ms`, `/s`; empty where the figure says it.
    public var unit: String
    /// From how much on it tells; `nil` where it only explains.
    public var limit: Double?
    /// When it was measured.
    public var window: ObservationWindow
    /// What it means, where the figure's name does not say.
    public var remark: String?

    /// A figure.
    public init(
        _ figure: String, _ value: Double, unit: String = "", limit: Double? = nil, of subject: String? = nil,
        window: ObservationWindow, remark: String? = nil
    ) {
        self.subject = subject
        self.figure = figure
        // What JSON has no word for is no evidence.
        self.value = value.isNaN ? 0 : Swift.min(Swift.max(value, -1e300), 1e300)
        self.unit = unit
        self.limit = limit.flatMap { $0.isFinite ? $0 : nil }
        self.window = window
        self.remark = remark
    }

    /// As a line for people: `ap1: %cpu 97 % (limit 80 %): busy all the time`.
    public var message: String {
        let whose = subject.map { "\($0): " } ?? ""
        let bound = limit.map { " (limit \(FigureText.of($0, unit)))" } ?? ""
        return "\(whose)\(figure) \(FigureText.of(value, unit))\(bound)" + (remark.map { ": \($0)" } ?? "")
    }
}

/// How sure a verdict is.
public enum Confidence: String, CaseIterable, Sendable, Codable, Hashable, Comparable {
    /// Something points to it, something is missing.
    case low
    /// Its figures are over their limits on some hosts, or what could rule others out is not known.
    case medium
    /// Figures of several kinds agree.
    case high

    /// The less sure is the smaller.
    public static func < (one: Self, other: Self) -> Bool { one.rank < other.rank }

    private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}
