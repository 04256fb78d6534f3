/// How much is said beside a command's answer; each says what those before it say as well.
enum Verbosity: Int, Comparable, Sendable {
    /// What went wrong, what might be, and questions.
    case quiet = -1
    /// What happens.
    case usual
    /// How each host was connected to.
    case connections
    /// What each host was asked to do, how long that took and how it ended.
    case commands
    /// What went there and what came back.
    case streams

    static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}
