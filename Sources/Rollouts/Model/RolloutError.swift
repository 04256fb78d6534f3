public import Fleet

/// Why something could not be done to a host.
public struct RolloutError: ExplainedError, Hashable, Codable {
    /// What kind of failure it is; the planner decides by this, never by the text. Open, so that a newer Drover's journal can
    /// be read.
    public struct Code: Hashable, Sendable, Codable, CustomStringConvertible {
        /// The word in the journal.
        public let description: String

        private init(_ word: String) { description = word }

        /// The host could not be talked to.
        public static let unreachable = Self("unreachable")
        /// The service did not become healthy, or the balancers do not find it so.
        public static let unhealthy = Self("unhealthy")
        /// A command on the host went wrong.
        public static let command = Self("command")
        /// A balancer could not be made to do something.
        public static let balancer = Self("balancer")
        /// The host had switched back by itself.
        public static let reverted = Self("reverted")
        /// Another controller has taken the stage over.
        public static let fenced = Self("fenced")
        /// A newer Drover wrote what stands on the host.
        public static let newer = Self("newer")
        /// Too few hosts are in service to take this one out.
        public static let blocked = Self("blocked")

        /// Decodes the word.
        public init(from decoder: any Decoder) throws {
            self.init(try decoder.singleValueContainer().decode(String.self))
        }

        /// Encodes the word.
        public func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            try container.encode(description)
        }
    }

    // The names that journals have always had.
    private enum CodingKeys: String, CodingKey {
        case code = "kind"
        case host, message, detail, hints, isServing, balancer
    }

    /// What kind of failure it is.
    public var code: Code
    /// The host it happened on.
    public var host: HostName
    /// One lower-case sentence.
    public var message: String
    /// Last lines of what was said there.
    public var detail: [String]
    /// What to do about it.
    public var hints: [String]
    /// Whether balancers still send the host traffic, when they were asked.
    public var isServing: Bool?
    /// The balancer that did not answer, where that is the reason.
    public var balancer: HostName?

    /// A failure on `host`.
    public init(
        _ code: Code, host: HostName, _ message: String, detail: [String] = [], hints: [String] = [],
        isServing: Bool? = nil
    ) {
        self.code = code
        self.host = host
        self.message = message
        self.detail = detail
        self.hints = hints
        self.isServing = isServing
    }

    /// What a transport could not do.
    public init(_ error: TransportError) {
        self.init(
            error.meansUnreachable ? .unreachable : .command, host: error.host, error.message, hints: error.hints)
    }

    /// What balancers could not do for `host`.
    public init(_ error: TrafficError, host: HostName) {
        let code: Code =
            switch error.code {
            case .unhealthy: .unhealthy
            case .fenced: .fenced
            default: .balancer
            }
        self.init(code, host: host, "\(error.balancer): \(error.message)", hints: error.hints)
        if error.code == .unreachable { balancer = error.balancer }
    }

    /// The error with `mask` applied to what a person or a host wrote.
    func masked(_ mask: (String) -> String) -> Self {
        var error = self
        error.message = mask(message)
        error.detail = detail.map(mask)
        error.hints = hints.map(mask)
        return error
    }

    /// The host.
    public var place: ErrorPlace { ErrorPlace(host: host) }
}
