public import Fleet

/// One question of the preflight, and what its answer was.
public struct HostCheck: Sendable, Encodable {
    /// What is asked.
    public enum Subject: String, Sendable, Encodable, CaseIterable {
        /// What is said of the way to the host can be honoured, and the hosts on it are in order.
        case way
        /// Its name can be looked up.
        case name
        /// Its port is open.
        case port
        /// An SSH server greets there.
        case banner
        /// It shares algorithms with us.
        case algorithms
        /// Its key is the one that is known.
        case hostKey
        /// It lets us in.
        case login
        /// We may become the user that is asked for.
        case become
        /// The programs that Drover calls are there.
        case tools
        /// There is room on its disks.
        case disk
        /// Its clock goes as this machine's.
        case clock
        /// Its sshd lets us have the sessions that we use.
        case sshd
        /// Of a stage: the balancer's program is there, and of a version that is known.
        case balancer
        /// The service that it runs as is there, runs, and starts with the host.
        case service
        /// It reads the pool's file.
        case include
        /// It can be told something.
        case socket
        /// It sends requests to the pool.
        case frontend
        /// Of a stage: releases can lie where they are to.
        case folder
        /// The service's units are there, and start what a release brings.
        case units
        /// Programs that rollouts call are there.
        case programs
        /// There is room for releases.
        case room
    }

    /// How the answer is to be taken.
    public enum State: String, Sendable, Encodable, CaseIterable {
        /// Nothing to do.
        case fine
        /// Works today, and may not tomorrow.
        case doubtful
        /// Does not work.
        case faulty
        /// Could not be asked, or nobody wanted to know.
        case unasked
    }

    /// What was asked.
    public let subject: Subject
    /// How the answer is to be taken.
    public let state: State
    /// What was found, in a few words.
    public let says: String
    /// What to do about it.
    public var remedies: [String] = []
}

/// What the preflight found on one host.
public struct HostCheckup: Sendable, Encodable {
    /// The host.
    public let host: HostName
    /// The hosts that the way to it goes through.
    public var through: [HostName] = []
    /// The hosts that are reached through it, where it was looked at because of them.
    public var behind: [HostName] = []
    /// The answers, in the order of asking.
    public var checks: [HostCheck] = []

    init(host: HostName, through: [HostName] = [], behind: [HostName] = []) {
        (self.host, self.through, self.behind) = (host, through, behind)
    }

    /// Whether nothing is faulty.
    public var isHealthy: Bool { !checks.contains { $0.state == .faulty } }

    private enum Key: String, CodingKey { case host, behind, through, isHealthy, checks }

    /// Encodes all of it; what is empty is left out.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(host, forKey: .host)
        if !behind.isEmpty { try container.encode(behind, forKey: .behind) }
        if !through.isEmpty { try container.encode(through, forKey: .through) }
        try container.encode(isHealthy, forKey: .isHealthy)
        try container.encode(checks, forKey: .checks)
    }

    mutating func add(_ subject: HostCheck.Subject, _ state: HostCheck.State, _ says: String, _ remedies: String...) {
        checks.append(HostCheck(subject: subject, state: state, says: says, remedies: remedies))
    }

    /// Adds what a stage asks of the host, and how it was found.
    public mutating func add(_ finding: ContractFinding) {
        let state: HostCheck.State =
            switch finding.state {
            case .fine: .fine
            case .doubtful: .doubtful
            case .faulty: .faulty
            }
        // Every subject of a contract is one of the preflight's by the same name.
        guard let subject = HostCheck.Subject(rawValue: finding.subject.rawValue) else { return }
        checks.append(HostCheck(subject: subject, state: state, says: finding.says, remedies: finding.remedies))
    }

    mutating func add(_ subject: HostCheck.Subject, faulty error: TransportError) {
        checks.append(HostCheck(subject: subject, state: .faulty, says: error.message, remedies: error.hints))
    }
}
