/// A server of a pool as the inventory wants it.
public struct PoolMember: Hashable, Sendable, Codable {
    /// The host that serves.
    public var host: HostName
    /// Its address, never a name: HAProxy does not resolve names of servers added at run time.
    public var address: String
    /// Its TCP port.
    public var port: Int

    /// A server at `address`:`port`.
    public init(host: HostName, address: String, port: Int) {
        self.host = host
        self.address = address
        self.port = port
    }
}

/// A set of servers behind one backend of the balancers, and how they are checked.
public struct Pool: Hashable, Sendable {
    /// How a balancer finds out whether a member can serve.
    public struct Check: Hashable, Sendable {
        /// What a member is asked.
        public enum Kind: Hashable, Sendable {
            /// For the path.
            case http
            /// Whether it takes a connection.
            case connect
        }

        /// What a member is asked.
        public var kind = Kind.http
        /// Path asked with GET.
        public var path: String
        /// The answers that mean healthy. A redirect is none unless it is among them: it is not followed.
        public var expect: ClosedRange<Int>
        /// Time between two checks.
        public var interval: Duration
        /// Passed checks in a row that make a member up.
        public var rise: Int
        /// Failed checks in a row that make a member down.
        public var fall: Int

        /// A check of `path`.
        public init(
            path: String = "/healthz", expect: ClosedRange<Int> = 200...299, interval: Duration = .seconds(1),
            rise: Int = 2, fall: Int = 3
        ) {
            self.path = path
            self.expect = expect
            self.interval = interval
            self.rise = rise
            self.fall = fall
        }

        /// What a member is asked, for people.
        public var question: String { kind == .http ? "GET \(path)" : "a connection" }

        /// The path that is asked for; empty where a connection is enough.
        public var asked: String { kind == .http ? path : "" }
    }

    /// Which program the balancers run.
    public enum Driver: String, Hashable, Sendable, CaseIterable {
        /// HAProxy: changes at run time, over its admin socket.
        case haproxy
        /// nginx: changes by its file, which it reads again.
        case nginx
    }

    /// A backend in a file that is somebody else's: its `server` lines alone are Drover's.
    public struct Adoption: Hashable, Sendable {
        /// What new members' lines get behind the address; `nil` for what the others' lines have.
        public var serverOptions: String?

        /// Members get `serverOptions`.
        public init(serverOptions: String? = nil) { self.serverOptions = serverOptions }
    }

    /// Which program the balancers run.
    public var driver = Driver.haproxy
    /// That the file is somebody else's; `nil` where Drover writes the whole of it.
    public var adoption: Adoption?
    /// The address that clients ask, where it moves between balancers; `nil` where each has its own.
    public var address: String?
    /// Name of the backend.
    public var name: String
    /// The members it should have, in the inventory's order.
    public var members: [PoolMember]
    /// How members are checked.
    public var check: Check
    /// How requests are shared out among members.
    public var traffic = PoolTraffic()
    /// File on every balancer that holds this backend, and nothing else unless it is adopted.
    public var configFile: String
    /// Admin socket on every balancer.
    public var socket: String

    /// A pool of `members`.
    public init(
        name: String, members: [PoolMember], check: Check = Check(), configFile: String,
        socket: String = "/run/haproxy/admin.sock"
    ) {
        self.name = name
        self.members = members
        self.check = check
        self.configFile = configFile
        self.socket = socket
    }
}
