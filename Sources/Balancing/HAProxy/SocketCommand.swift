import Fleet

/// A command of HAProxy's admin socket.
enum SocketCommand: Hashable, Sendable {
    /// What an operator wants of a server.
    enum AdministrativeState: String, Sendable {
        case ready, drain, maint
    }

    /// Registers a server, in maintenance, with its check not running, and with these keywords.
    case add(PoolMember, String)
    /// Starts a server's checks.
    case enableHealth(String)
    /// Sets the administrative state.
    case want(AdministrativeState, String)
    /// Sets a server's weight.
    case weigh(String, Int)
    /// Has a server's agent asked. One that was added at run time is down until its agent says that it is up.
    case enableAgent(String)
    /// What an agent would say of a server that is up: without it, one whose agent does not run would stay down.
    case agentUp(String)
    /// Has a server's agent left alone; the weight that it said stays.
    case disableAgent(String)
    /// Forgets the passed checks: the server is down until `rise` new ones have passed.
    case healthDown(String)
    /// Cuts what is in progress.
    case shutdownSessions(String)
    /// Takes a server in maintenance, without connections, out.
    case delete(String)
    /// Servers of the backend, and the backend itself.
    case showStat
    /// As ``showStat``, among those of all backends.
    case showAllStat

    /// The line for `backend`.
    func line(backend: String) -> String {
        switch self {
        case .add(let member, let keywords):
            "add server \(backend)/\(member.host) \(ServerAddress(address: member.address, port: member.port)) "
                + keywords
        case .enableHealth(let server): "enable health \(backend)/\(server)"
        case .want(let wish, let server): "set server \(backend)/\(server) state \(wish.rawValue)"
        case .weigh(let server, let weight): "set server \(backend)/\(server) weight \(weight)"
        case .enableAgent(let server): "enable agent \(backend)/\(server)"
        case .agentUp(let server): "set server \(backend)/\(server) agent up"
        case .disableAgent(let server): "disable agent \(backend)/\(server)"
        case .healthDown(let server): "set server \(backend)/\(server) health down"
        case .shutdownSessions(let server): "shutdown sessions server \(backend)/\(server)"
        case .delete(let server): "del server \(backend)/\(server)"
        case .showStat: "show stat \(backend) 6 -1"
        case .showAllStat: "show stat -1 6 -1"
        }
    }
}
