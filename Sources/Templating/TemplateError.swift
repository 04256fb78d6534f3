public import Fleet

/// A template that does not parse, names something unknown, or fails while it is evaluated.
public struct TemplateError: ExplainedError, Equatable {
    /// What kind of failure it is.
    public struct Code: ErrorCode {
        /// The code's name.
        public let rawValue: String
        /// The code of that name.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// The text does not parse.
        public static let syntax = Self(rawValue: "syntax")
        /// A value was needed that nobody defined.
        public static let undefined = Self(rawValue: "undefined")
        /// A filter, test or lookup is unknown, or failed.
        public static let filter = Self(rawValue: "filter")
        /// Everything else: wrong operand types, a condition that is no boolean, endless recursion.
        public static let type = Self(rawValue: "type")
    }

    /// What kind of failure it is.
    public var code: Code
    /// One lower-case sentence.
    public var message: String
    /// The file and line, when known.
    public var location: SourceLocation?
    /// What to do about it.
    public var hints: [String]

    /// An error of `code`.
    public init(_ code: Code, _ message: String, at location: SourceLocation? = nil, hints: [String] = []) {
        self.code = code
        self.message = message
        self.location = location
        self.hints = hints
    }

    /// The file and line.
    public var place: ErrorPlace { ErrorPlace(location) }

    /// The same error, placed at `location` unless it already has a place.
    func located(at location: SourceLocation?) -> Self {
        var error = self
        error.location = self.location ?? location
        return error
    }

    static func type(_ message: String) -> Self { Self(.type, message) }
    static func filter(_ message: String) -> Self { Self(.filter, message) }
}
