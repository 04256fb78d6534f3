public import Fleet

/// What a command says to a keeper. What comes with it as bytes is named at each.
enum KeeperRequest: Codable {
    /// The first thing that is said about a host: connect.
    case open(Opening)
    /// Run a command: the script, then its input.
    case run(Int, Running)
    /// Copy a file.
    case upload(Int, Copying)
    /// Stop what has this number.
    case cancel(Int)
    /// Say which connections there are.
    case list
    /// End the connections to these hosts that nobody uses, and the others once nobody does; no name means all.
    case close([HostName])

    /// Where to, and for whom.
    struct Opening: Codable {
        /// Connections that one command opens share jump hosts and places for handshakes.
        var command: String
        var handshakesAtOnce: Int
        var configuration: String?
        var hasConfiguration: Bool
        var endpoint: EndpointRecord
        /// How long the connection is kept when nobody uses it.
        var idle: Duration
    }

    struct Running: Codable {
        var privilege: PrivilegeRecord
        var scriptLength: Int
        var deadline: Duration
        var isForAllToSee: Bool
        var leavesNothing = false
        /// How much of each stream is kept; `nil` hands everything over as it comes.
        var limit: Int?
    }

    struct Copying: Codable {
        /// The file's number in the command's process, and what it is known by.
        var descriptor: Int32
        var device: UInt64
        var inode: UInt64
        var name: String
        var path: String
        var mode: UInt16
        var privilege: PrivilegeRecord
    }
}

/// What a keeper says to a command.
enum KeeperAnswer: Codable {
    /// The first thing that is said to everybody.
    case here
    /// There is a connection.
    case opened(LoginRecord)
    /// There is none.
    case refused(TransportErrorRecord)
    /// Output of what has this number; the bytes are it.
    case wrote(Int, isErrors: Bool)
    /// So much of the file that has this number, from its beginning, has been taken to be written; and its size.
    case passed(Int, sent: Int, size: Int)
    /// What has this number ran to its end: the bytes are what is kept of its output, then of its errors.
    case ended(Int, status: Int32, outputLength: Int, elapsed: Duration)
    /// What has this number went wrong.
    case failed(Int, TransportErrorRecord)
    /// These are the connections.
    case connections([KeptConnectionFacts])
    /// So many are closed.
    case closed(Int)
}

/// One kept connection.
public struct KeptConnectionFacts: Codable, Sendable {
    /// The host, as the inventory names it.
    public let host: HostName
    /// Who is logged in.
    public let user: String
    /// Where it goes to.
    public let address: String
    /// Its port.
    public let port: UInt16
    /// When it was made.
    public let since: Timestamp
    /// For how long nobody has used it; `nil` while somebody does.
    public let idle: Duration?
    /// How many shells it has.
    public let shells: Int
}

/// Whose rights a command has, as it is said.
struct PrivilegeRecord: Codable {
    var user: String?

    init(_ privilege: Privilege) { if case .become(let user) = privilege { self.user = user } }

    var privilege: Privilege { user.map { .become(user: $0) } ?? .login }
}

/// An error as it is said.
struct TransportErrorRecord: Codable {
    var code: TransportError.Code
    var host: HostName
    var message: String
    var hints: [String]

    init(_ error: TransportError) {
        (code, host, message, hints) = (error.code, error.host, error.message, error.hints)
    }

    var error: TransportError { TransportError(code, host: host, message, hints: hints) }
}

/// How a host let somebody in, as it is said.
struct LoginRecord: Codable {
    var hostKey: String?
    var accepted: String?
    var detour: String?
    /// Whether the connection was there already.
    var wasKept: Bool

    init(_ login: LoginFacts?, wasKept: Bool) {
        (hostKey, accepted, detour) = (login?.hostKey, login?.accepted, login?.detour)
        self.wasKept = wasKept
    }

    var facts: LoginFacts { LoginFacts(hostKey: hostKey, accepted: accepted, detour: detour, wasKept: wasKept) }
}
