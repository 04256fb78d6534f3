/// Something that a person wrote is wrong: an inventory, a playbook, a template, a build, a flag.
///
/// Where it is raised before anything was touched it ends the program with status 64; in a run it fails a task.
public struct InputError: ExplainedError, Equatable {
    /// What kind of mistake it is.
    public struct Code: ErrorCode {
        /// The code's name.
        public let rawValue: String
        /// The code of that name.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// It is written well and cannot mean anything.
        public static let invalid = Self(rawValue: "invalid")
        /// It cannot be read: no YAML, no JSON, no template.
        public static let syntax = Self(rawValue: "syntax")
        /// It names something that nobody knows: a module, a keyword, a host, a handler.
        public static let unknownName = Self(rawValue: "unknownName")
        /// A file or a value that is needed is not there.
        public static let missing = Self(rawValue: "missing")
        /// A file is there and cannot be read.
        public static let unreadable = Self(rawValue: "unreadable")
        /// A password is missing, or does not open what it should.
        public static let locked = Self(rawValue: "locked")
        /// Well meant, and not supported.
        public static let unsupported = Self(rawValue: "unsupported")
    }

    /// What kind of mistake it is.
    public var code: Code
    /// Where it stands, when it stands in a file.
    public var location: SourceLocation?
    /// One lower-case sentence.
    public var message: String
    /// What to do about it.
    public var hints: [String]

    /// An error of `code` with `message`, at `location` when it is known.
    public init(_ code: Code, _ message: String, at location: SourceLocation? = nil, hints: [String] = []) {
        self.code = code
        self.location = location
        self.message = message
        self.hints = hints
    }

    /// As ``init(_:_:at:hints:)`` for `.invalid`.
    public init(_ message: String, at location: SourceLocation? = nil, hints: [String] = []) {
        self.init(.invalid, message, at: location, hints: hints)
    }

    /// Where it stands.
    public var place: ErrorPlace { ErrorPlace(location) }

    /// The same error, placed at `location` unless it already has a place.
    public func located(at location: SourceLocation?) -> Self {
        Self(code, message, at: self.location ?? location, hints: hints)
    }
}
