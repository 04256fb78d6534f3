public import Fleet
public import OrderedCollections
public import Values

/// What templates may reach outside themselves. Everything here is injected; the engine does no input or output.
public struct TemplateEnvironment: Sendable {
    /// A template found by its name.
    public struct Source: Sendable {
        /// The text.
        public var text: String
        /// Where it was found, for messages.
        public var file: String

        /// The text of `file`.
        public init(text: String, file: String) {
            self.text = text
            self.file = file
        }
    }

    /// One use of a lookup.
    public struct LookupCall: Sendable {
        /// The terms, evaluated.
        public var terms: [Value]
        /// The keyword arguments, evaluated, without `wantlist` and `errors`.
        public var options: OrderedDictionary<String, Value>
        /// Where the template stands that asks, when known.
        public var location: SourceLocation?
    }

    /// Answers a lookup with a list, one element for each term as a rule.
    public typealias Lookup = @Sendable (LookupCall) throws -> [Value]

    /// What stands at a path of this machine, for `is file`, `is directory`, `is exists` and `is link`.
    public enum PathKind: Hashable, Sendable {
        /// A regular file.
        case file
        /// A directory.
        case directory
        /// A symbolic link, when links are not followed.
        case link
        /// Anything else, such as a socket.
        case other
    }

    /// Finds the template that `include`, `import`, `extends` or the `template` lookup names; `nil` when there is none.
    public var load: @Sendable (String) throws -> Source?
    /// Lookups by name, beside those that need no input or output.
    public var lookups: [String: Lookup]
    /// Reads the documents of a YAML text, for `from_yaml`.
    public var readYAML: (@Sendable (String) throws -> [Value])?
    /// Seconds since 1970, for `now()` and `strftime` without a time.
    public var now: @Sendable () -> Double
    /// How far local time is from UTC at so many seconds since 1970.
    public var zone: @Sendable (_ seconds: Double) -> ZoneOffset
    /// A number from 0 to below `bound`, for `random` and `shuffle`.
    public var random: @Sendable (_ bound: Int) -> Int
    /// What stands at a path, links followed or not; `nil` when nothing does.
    public var pathKind: @Sendable (_ path: String, _ followLinks: Bool) -> PathKind?

    /// An environment in which nothing outside can be reached, but for what is given.
    public init(
        load: @escaping @Sendable (String) throws -> Source? = { _ in nil }, lookups: [String: Lookup] = [:],
        readYAML: (@Sendable (String) throws -> [Value])? = nil, now: @escaping @Sendable () -> Double = { 0 },
        zone: @escaping @Sendable (_ seconds: Double) -> ZoneOffset = { _ in .utc },
        random: @escaping @Sendable (_ bound: Int) -> Int = { _ in 0 },
        pathKind: @escaping @Sendable (_ path: String, _ followLinks: Bool) -> PathKind? = { _, _ in nil }
    ) {
        self.load = load
        self.lookups = lookups
        self.readYAML = readYAML
        self.now = now
        self.zone = zone
        self.random = random
        self.pathKind = pathKind
    }
}
