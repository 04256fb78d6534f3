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
    }

    /// Name of the backend.
    public var name: String
    /// The members it should have, in the inventory's order.
    public var members: [PoolMember]
    /// How members are checked.
    public var check: Check
    /// File on every balancer that holds this backend and nothing else.
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

/// A server as one balancer runs it.
public struct RunningMember: Hashable, Sendable {
    /// What the balancer does with it.
    public enum State: String, Hashable, Sendable, Codable {
        /// Gets traffic.
        case up
        /// Fails its checks, or has not passed enough of them yet.
        case down
        /// Finishes what it has, gets nothing new.
        case draining
        /// Taken out by hand.
        case maintenance
    }

    /// The server's name, which is the host's.
    public var host: HostName
    /// Address and port it is reached at.
    public var address: String
    /// TCP port.
    public var port: Int
    /// What the balancer does with it.
    public var state: State
    /// Requests or connections in progress.
    public var sessions: Int
    /// Requests waiting for it.
    public var queued: Int
    /// The last check in the balancer's own words, such as `L7OK`.
    public var check: String

    /// A server in `state`.
    public init(
        host: HostName, address: String, port: Int, state: State, sessions: Int = 0, queued: Int = 0, check: String = ""
    ) {
        self.host = host
        self.address = address
        self.port = port
        self.state = state
        self.sessions = sessions
        self.queued = queued
        self.check = check
    }
}

/// How a balancer's file would change.
public struct PoolFileChange: Hashable, Sendable {
    /// The file on the balancer.
    public var path: String
    /// Its text now; empty when there is none.
    public var before: String
    /// Its text afterwards.
    public var after: String

    /// A change of `path`.
    public init(path: String, before: String, after: String) {
        self.path = path
        self.before = before
        self.after = after
    }
}

/// One balancer's pool: what it runs and what its file says.
public struct BalancerView: Hashable, Sendable {
    /// The balancer.
    public var balancer: HostName
    /// Members it runs.
    public var running: [RunningMember]
    /// Members its configuration file names.
    public var configured: [PoolMember]
    /// Those of them that the file keeps out of rotation.
    public var disabled: Set<HostName> = []
    /// Whether the backend that runs and the one in the file both have the pool's settings.
    public var isEstablished: Bool
    /// How the file has members checked; `nil` when it does not say it as Drover does.
    public var check: Pool.Check?
    /// How the file would change if the pool's settings were brought to it; `nil` when they are there.
    public var fileChange: PoolFileChange?
    /// Why nothing is known of it, when it did not answer.
    public var fault: String?
    /// Whether it is left out of every change; `fault` says why.
    public var isLeftOut = false

    /// What `balancer` answered.
    public init(
        balancer: HostName, running: [RunningMember] = [], configured: [PoolMember] = [], isEstablished: Bool = true,
        fault: String? = nil
    ) {
        self.balancer = balancer
        self.running = running
        self.configured = configured
        self.isEstablished = isEstablished
        self.fault = fault
    }

    /// Why it may not be gone on without: it did not answer, and nobody left it out.
    public var silence: String? { isLeftOut ? nil : fault }
}

/// What came of leaving a balancer out.
public enum LeavingOut: Hashable, Sendable {
    /// It takes no part in changes from now on.
    case done
    /// It took no part already.
    case already
    /// It is none of the pool's, or no other one answers.
    case impossible
}

/// Moves traffic on and off the members of one pool, on every balancer at once.
///
/// Every change is made at run time and in the configuration file, and read back before the call returns.
public protocol TrafficControl: Sendable {
    /// The pool as desired.
    var pool: Pool { get }

    /// Asks every balancer; one that does not answer has a `fault` instead of members.
    func observe() async -> [BalancerView]

    /// Makes the backend's settings and its file what the pool wants, without touching members' traffic.
    ///
    /// The settings are tried on every member in service before any balancer has them, then on one balancer, whose
    /// members are counted afterwards.
    /// - Throws: ``TrafficError`` `.unhealthy` when a member in service fails them; every balancer then has what it had.
    func establish() async throws(TrafficError)

    /// As ``establish()``, only on balancers that serve no member, where nobody's traffic can be changed by it.
    func establishWhereEmpty() async throws(TrafficError)

    /// Asks the member from every balancer as its check would, wherever it is registered. Changes nothing.
    /// - Throws: ``TrafficError`` `.unhealthy` with what it answered.
    func probe(_ member: PoolMember) async throws(TrafficError)

    /// Leaves a balancer out of every change from now on.
    func leaveOut(_ balancer: HostName, reason: String) async -> LeavingOut

    /// Makes a balancer that was left out what the others are, members' states, file and settings, and has it take part
    /// again. Until its file is right it gets no member that the others keep out.
    /// - Throws: ``TrafficError`` `.unreachable` when it does not answer, or no other does.
    func align(_ balancer: HostName) async throws(TrafficError)

    /// Registers the member where it is missing and waits until it is up on every balancer.
    ///
    /// Safe to repeat. It gets no request before its checks have passed.
    /// - Throws: ``TrafficError`` `.unhealthy` when its checks have not passed after `patience`; it is then kept out.
    func admit(_ member: PoolMember, patience: Duration) async throws(TrafficError)

    /// Takes the member out of rotation everywhere and waits until it carries no session.
    ///
    /// Safe to repeat. A member that no balancer runs is drained already.
    /// - Returns: How many sessions were still open when `patience` ran out.
    func drain(_ host: HostName, patience: Duration) async throws(TrafficError) -> Int

    /// Takes a drained member out of every balancer and every file. Safe to repeat.
    func remove(_ host: HostName) async throws(TrafficError)

    /// Gives the server `old`, which is at the member's address, the member's name. Safe to repeat.
    ///
    /// The machine goes on serving: its checks pass under the new name before the old one leaves rotation, and it never
    /// counts twice.
    /// - Throws: ``TrafficError`` `.unhealthy` when the checks have not passed after `patience`; `old` then serves as before.
    func rename(_ old: HostName, to member: PoolMember, patience: Duration) async throws(TrafficError)
}

extension TrafficControl {
    /// Nothing is established apart from ``establish()``.
    public func establishWhereEmpty() async throws(TrafficError) {}
    /// Nobody is asked.
    public func probe(_ member: PoolMember) async throws(TrafficError) {}
    /// No balancer can be left out.
    public func leaveOut(_ balancer: HostName, reason: String) async -> LeavingOut { .impossible }
    /// Nothing was left out.
    public func align(_ balancer: HostName) async throws(TrafficError) {}
}

/// Why balancers could not be made to do something.
public struct TrafficError: ExplainedError, Equatable {
    /// What kind of failure it is.
    public enum Code: Sendable, Equatable {
        /// A balancer did not answer.
        case unreachable
        /// A balancer refused a command or a configuration.
        case refused
        /// A member's checks did not pass in time.
        case unhealthy
        /// A change did not show when read back.
        case notApplied
        /// Another controller has taken the stage over: the balancer has seen a greater token.
        case fenced
        /// The caller's task was cancelled. A member that was being admitted gets no traffic.
        case cancelled
    }

    /// What kind of failure it is.
    public let code: Code
    /// The balancer it happened on.
    public let balancer: HostName
    /// One lower-case sentence.
    public let message: String
    /// What to do about it.
    public let hints: [String]

    /// A failure on `balancer`.
    public init(_ code: Code, balancer: HostName, _ message: String, hints: [String] = []) {
        self.code = code
        self.balancer = balancer
        self.message = message
        self.hints = hints
    }

    /// The balancer's name.
    public var subject: String? { balancer.description }
}
