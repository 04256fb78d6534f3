/// What a stage asks of a host or a balancer, and how it was found to be.
public struct ContractFinding: Hashable, Sendable {
    /// What was looked at.
    public enum Subject: String, Hashable, Sendable, Codable, CaseIterable {
        /// The balancer's program, and its version.
        case balancer
        /// The service that it runs as.
        case service
        /// The program reads the pool's file.
        case include
        /// The way to tell it something.
        case socket
        /// Requests are sent to the pool.
        case frontend
        /// Where releases lie.
        case folder
        /// The service's units.
        case units
        /// Programs that are called there.
        case programs
        /// Room for releases.
        case room
    }

    /// How it was found.
    public enum State: String, Hashable, Sendable, Codable {
        /// Nothing to do.
        case fine
        /// Works today, and may not tomorrow.
        case doubtful
        /// Does not work.
        case faulty
    }

    /// The host or balancer.
    public var host: HostName
    /// What was looked at.
    public var subject: Subject
    /// How it was found.
    public var state: State
    /// What was found, in a few words.
    public var says: String
    /// What to write, and where; each on a line of its own.
    public var remedies: [String]

    /// What was found on `host`.
    public init(_ host: HostName, _ subject: Subject, _ state: State, _ says: String, _ remedies: [String] = []) {
        (self.host, self.subject, self.state, self.says, self.remedies) = (host, subject, state, says, remedies)
    }
}

/// The parts of an answer of a script that writes `== NAME` before each.
public struct SectionedAnswer: Hashable, Sendable {
    private var sections: [String: [String]] = [:]

    /// Reads the lines; those before the first name are nobody's.
    public init(_ text: String) {
        var name: String?
        for line in text.split(omittingEmptySubsequences: true, whereSeparator: \.isNewline) {
            if line.hasPrefix("== ") {
                name = String(line.dropFirst(3))
                sections[name ?? "", default: []] += []
            } else if let name {
                sections[name, default: []].append(String(line))
            }
        }
    }

    /// The lines of a part; none where it is not there.
    public subscript(name: String) -> [String] { sections[name] ?? [] }
}
