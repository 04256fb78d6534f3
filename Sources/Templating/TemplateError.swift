public import Fleet

/// A template that does not parse, names something unknown, or fails while it is evaluated.
public struct TemplateError: ExplainedError, Equatable {
    /// What is wrong.
    public enum Kind: String, Hashable, Sendable {
        /// The text does not parse.
        case syntax
        /// A value was needed that nobody defined.
        case undefined
        /// A filter, test or lookup is unknown, or failed.
        case filter
        /// Everything else: wrong operand types, a condition that is no boolean, endless recursion.
        case type
    }

    /// What is wrong.
    public var kind: Kind
    /// One lower-case sentence.
    public var message: String
    /// The file and line, when known.
    public var location: SourceLocation?
    /// What to do about it.
    public var hints: [String]

    /// An error of `kind`.
    public init(_ kind: Kind, _ message: String, at location: SourceLocation? = nil, hints: [String] = []) {
        self.kind = kind
        self.message = message
        self.location = location
        self.hints = hints
    }

    /// The place, as `file:line`.
    public var subject: String? { location?.description }

    /// The same error, placed at `location` unless it already has a place.
    func located(at location: SourceLocation?) -> Self {
        var error = self
        error.location = self.location ?? location
        return error
    }

    static func type(_ message: String) -> Self { Self(.type, message) }
    static func filter(_ message: String) -> Self { Self(.filter, message) }
}
