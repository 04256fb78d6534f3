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
public protocol TrafficControl: ManualControl {
    /// The pool as desired.
    var pool: Pool { get }

    /// Asks every balancer; one that does not answer has a `fault` instead of members.
    func observe() async -> [BalancerView]

    /// Looks at whether balancers are as this needs them: program, service, files, rights. Changes nothing; those that cannot be
    /// reached are left out.
    func examine() async -> [ContractFinding]

    /// What each balancer that answers would be told for `steps`, one after the other. Changes nothing.
    func rehearse(_ steps: [PoolStep]) async -> [PoolRehearsal]

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

    /// Whether clients ask another balancer than this silent one: the pool's address has moved there. One that was just lost has
    /// some time for that.
    func isBypassed(_ balancer: HostName) async -> Bool

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
    /// Nothing is asked of balancers.
    public func examine() async -> [ContractFinding] { [] }
    /// Nothing can be said beforehand.
    public func rehearse(_ steps: [PoolStep]) async -> [PoolRehearsal] { [] }
    /// Nothing is established apart from ``establish()``.
    public func establishWhereEmpty() async throws(TrafficError) {}
    /// Nobody is asked.
    public func probe(_ member: PoolMember) async throws(TrafficError) {}
    /// Nobody knows: it may be sending requests.
    public func isBypassed(_ balancer: HostName) async -> Bool { false }
    /// No balancer can be left out.
    public func leaveOut(_ balancer: HostName, reason: String) async -> LeavingOut { .impossible }
    /// Nothing was left out.
    public func align(_ balancer: HostName) async throws(TrafficError) {}
}
