import Fleet

/// A command of HAProxy's admin socket.
enum SocketCommand: Hashable, Sendable {
    /// What an operator wants of a server.
    enum AdministrativeState: String, Sendable {
        case ready, drain, maint
    }

    /// Registers a server, in maintenance, with its check not running.
    case add(PoolMember, Pool.Check)
    /// Starts a server's checks.
    case enableHealth(String)
    /// Sets the administrative state.
    case want(AdministrativeState, String)
    /// Forgets the passed checks: the server is down until `rise` new ones have passed.
    case healthDown(String)
    /// Cuts what is in progress.
    case shutdownSessions(String)
    /// Takes a server in maintenance, without connections, out.
    case delete(String)
    /// Servers of the backend, and the backend itself.
    case showStat

    /// The line for `backend`.
    func line(backend: String) -> String {
        switch self {
        case .add(let member, let check):
            "add server \(backend)/\(member.host) \(ServerAddress(address: member.address, port: member.port)) check "
                + CheckSettings(check).words
        case .enableHealth(let server): "enable health \(backend)/\(server)"
        case .want(let wish, let server): "set server \(backend)/\(server) state \(wish.rawValue)"
        case .healthDown(let server): "set server \(backend)/\(server) health down"
        case .shutdownSessions(let server): "shutdown sessions server \(backend)/\(server)"
        case .delete(let server): "del server \(backend)/\(server)"
        case .showStat: "show stat \(backend) 6 -1"
        }
    }
}

/// What HAProxy's server lines say of a check, and of a member that fails it.
struct CheckSettings {
    let words: String

    /// Requests in progress on a member that went down are ended at once: their clients would wait for the server's time
    /// limit.
    init(_ check: Pool.Check) {
        words =
            "inter \(check.interval.wholeMilliseconds)ms rise \(check.rise) fall \(check.fall)"
            + " on-marked-down shutdown-sessions"
    }

    /// The times in a `default-server` line that begins as ours do.
    static func times(_ words: [Substring]) -> (interval: Duration, rise: Int, fall: Int)? {
        guard words.count >= 7, words[0] == "default-server", words[1] == "inter", words[2].hasSuffix("ms"),
            let interval = Int64(words[2].dropLast(2)), (1...86_400_000).contains(interval), words[3] == "rise",
            let rise = Int(words[4]), words[5] == "fall", let fall = Int(words[6]), (1...100).contains(rise),
            (1...100).contains(fall)
        else { return nil }
        return (.milliseconds(interval), rise, fall)
    }
}
