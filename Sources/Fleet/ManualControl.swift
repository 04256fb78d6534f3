/// What people do by hand to single members of a pool, on every balancer at once.
///
/// As every change it is made at run time and in the file, and read back before the call returns.
public protocol ManualControl: Sendable {
    /// Takes the member out of rotation until ``letIn(_:patience:)``, whatever is rolled out or applied meanwhile, and waits
    /// until it carries no session. Safe to repeat.
    /// - Returns: How many sessions were still open when `patience` ran out.
    func keepOut(_ host: HostName, _ note: KeptOut, patience: Duration) async throws(TrafficError) -> Int

    /// Puts the member into rotation, whoever took it out, once its checks pass on every balancer. Safe to repeat.
    /// - Throws: ``TrafficError`` `.unhealthy` when they have not passed after `patience`; it then stays as it was.
    func letIn(_ member: PoolMember, patience: Duration) async throws(TrafficError)

    /// Gives the member a weight beside ``PoolTraffic/weight``, which the others have. Safe to repeat.
    func weigh(_ host: HostName, _ weight: Int) async throws(TrafficError)

    /// Writes down who was taken out at a balancer's own console, so that it stays out when the balancer starts anew.
    /// Balancers that do not answer are passed over.
    func noteKeptOut(at moment: Timestamp) async
}

extension ManualControl {
    /// Nothing is done by hand.
    public func keepOut(_ host: HostName, _ note: KeptOut, patience: Duration) async throws(TrafficError) -> Int {
        throw TrafficError(.refused, balancer: host, "these balancers have no members that are taken out by hand")
    }
    /// Nothing is done by hand.
    public func letIn(_ member: PoolMember, patience: Duration) async throws(TrafficError) {
        throw TrafficError(.refused, balancer: member.host, "these balancers have no members that are let in by hand")
    }
    /// Nothing is done by hand.
    public func weigh(_ host: HostName, _ weight: Int) async throws(TrafficError) {
        throw TrafficError(.refused, balancer: host, "these balancers have no weights that are set by hand")
    }
    /// Nobody is taken out at a console.
    public func noteKeptOut(at moment: Timestamp) async {}
}
