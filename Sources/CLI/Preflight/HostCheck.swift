import Fleet

/// One question of the preflight, and what its answer was.
struct HostCheck: Sendable, Encodable {
    enum Subject: String, Sendable, Encodable, CaseIterable {
        case way, name, port, banner, algorithms, hostKey, login, become, tools, disk, clock, sshd
    }

    enum State: String, Sendable, Encodable {
        case fine
        /// Works today, and may not tomorrow.
        case doubtful
        case faulty
        /// Could not be asked, or nobody wanted to know.
        case unasked
    }

    let subject: Subject
    let state: State
    /// What was found, in a few words.
    let says: String
    /// What to do about it.
    var remedies: [String] = []
}

/// What the preflight found on one host.
struct HostCheckup: Sendable, Encodable {
    let host: HostName
    /// The hosts that the way to it goes through.
    var through: [HostName] = []
    /// The hosts that are reached through it, where it was looked at because of them.
    var behind: [HostName] = []
    var checks: [HostCheck] = []

    /// Whether nothing is faulty.
    var isHealthy: Bool { !checks.contains { $0.state == .faulty } }

    private enum Key: String, CodingKey { case host, behind, through, isHealthy, checks }

    func encode(to encoder: any Encoder) throws {
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

    mutating func add(_ subject: HostCheck.Subject, faulty error: TransportError) {
        checks.append(HostCheck(subject: subject, state: .faulty, says: error.message, remedies: error.hints))
    }
}
