/// A place in a file, counted from 1.
public struct SourceLocation: Hashable, Sendable, CustomStringConvertible {
    /// Path as the user gave it.
    public var file: String
    /// Line, from 1; 0 means the whole file.
    public var line: Int
    /// Column, from 1; 0 when only the line is known.
    public var column: Int

    /// A place in `file`.
    public init(file: String, line: Int = 0, column: Int = 0) {
        self.file = file
        self.line = line
        self.column = column
    }

    /// `file:line:column`, as compilers print it, leaving out what is not known.
    public var description: String {
        switch (line, column) {
        case (0, _): file
        case (_, 0): "\(file):\(line)"
        default: "\(file):\(line):\(column)"
        }
    }
}

/// An error that an operator can read: a subject, one sentence, and what to do about it.
public protocol ExplainedError: Error, Sendable {
    /// The host, or the place in a file, that the error is about.
    var subject: String? { get }
    /// One lower-case sentence without a final full stop and without secrets.
    var message: String { get }
    /// What the operator can do next, each printed on a line of its own.
    var hints: [String] { get }
}

/// Something that a person wrote is wrong: an inventory, a playbook, a template, a build, a flag.
///
/// Raised before anything is touched. Ends the program with status 64.
public struct InputError: ExplainedError, Equatable {
    /// Where it stands, when it stands in a file.
    public var location: SourceLocation?
    /// One lower-case sentence.
    public var message: String
    /// What to do about it.
    public var hints: [String]

    /// An error with `message`, at `location` when it is known.
    public init(_ message: String, at location: SourceLocation? = nil, hints: [String] = []) {
        self.location = location
        self.message = message
        self.hints = hints
    }

    /// The place, as `file:line:column`.
    public var subject: String? { location?.description }

    /// The same error, placed at `location` unless it already has a place.
    public func located(at location: SourceLocation?) -> Self {
        Self(message, at: self.location ?? location, hints: hints)
    }
}
