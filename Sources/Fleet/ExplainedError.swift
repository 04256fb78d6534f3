/// An error that an operator can read: what kind it is, what it is about, one sentence, and what to do about it.
///
/// Every error of every module has this shape, and ``ErrorReport`` is the value in which it travels on.
public protocol ExplainedError: Error, Sendable {
    /// The kinds of failure that it tells apart; callers decide by them, never by the text.
    associatedtype Code: CustomStringConvertible & Sendable = ErrorReport.Code
    /// What kind of failure it is; `.failed` unless the error tells kinds apart.
    var code: Code { get }
    /// What it is about: a file, a host, a thing that has a name.
    var place: ErrorPlace { get }
    /// What it is about, in words; `nil` when that is not known.
    var subject: String? { get }
    /// One lower-case sentence without a final full stop and without secrets.
    var message: String { get }
    /// What the operator can do next, each printed on a line of its own.
    var hints: [String] { get }
}

extension ExplainedError {
    /// The place in words.
    public var subject: String? { place.isUnknown ? nil : place.description }
}

extension ExplainedError where Code == ErrorReport.Code {
    /// That it failed.
    public var code: ErrorReport.Code { .failed }
}

/// A kind of failure. Callers decide by it, never by the text.
///
/// A module's codes are a struct of its own with a constant for each, so that a new one breaks nobody, and one that a
/// later version wrote is read as it is.
public protocol ErrorCode: RawRepresentable, Hashable, Sendable, Codable, CustomStringConvertible
where RawValue == String {}

extension ErrorCode {
    /// The code's name, as programs read it.
    public var description: String { rawValue }
}

/// What an error is about: a place in a file, a host, something else that has a name, or several of these.
public struct ErrorPlace: Hashable, Sendable, Codable, CustomStringConvertible {
    /// Where in a file.
    public var location: SourceLocation?
    /// Which host.
    public var host: HostName?
    /// What else: a stage, a run, a build, a pool, a folder.
    public var name: String?

    /// A place of which these are known.
    public init(_ location: SourceLocation? = nil, host: HostName? = nil, name: String? = nil) {
        self.location = location
        self.host = host
        self.name = name
    }

    /// Nothing is known of it.
    public static let unknown = Self()
    /// Whether nothing is known of it.
    public var isUnknown: Bool { self == .unknown }

    /// What is known, from the file to the name: `site.yml:3:5: web1`.
    public var description: String {
        [location?.description, host?.description, name].compactMap(\.self).joined(separator: ": ")
    }

    /// What is known here, and of `other` what is not.
    public func over(_ other: Self) -> Self {
        Self(location ?? other.location, host: host ?? other.host, name: name ?? other.name)
    }
}
