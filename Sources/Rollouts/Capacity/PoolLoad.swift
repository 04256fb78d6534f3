import Fleet

/// How busy one host is.
public struct HostLoad: Hashable, Sendable {
    /// How much of its processors' time is used, from 0 to 1.
    public var cpu: Double

    /// A host that uses so much.
    public init(cpu: Double) { self.cpu = min(max(cpu, 0), 1) }
}

/// How busy the members of a pool are that are in service, as they and the balancers say.
public struct PoolLoad: Hashable, Sendable, Codable {
    /// How many are in service.
    public var inService: Int
    /// How much of their processors' time they use on average, from 0 to 1; `nil` where none of them could be asked.
    public var cpu: Double?
    /// How many of them were asked that and answered.
    public var measured: Int
    /// Requests that wait for a member, on the balancer where most do.
    public var queued: Int

    /// What was measured.
    public init(inService: Int, cpu: Double? = nil, measured: Int = 0, queued: Int = 0) {
        (self.inService, self.cpu, self.measured, self.queued) = (inService, cpu, measured, queued)
    }

    /// How busy those would be that are left; `nil` where nobody knows. Those who join take their share.
    public func cpu(leaving: Int, joining: Int = 0) -> Double? {
        guard let cpu else { return nil }
        let left = inService - leaving + joining
        return left > 0 ? cpu * Double(inService) / Double(left) : .infinity
    }

    /// How many have to stay in service so that none has more than `limit` percent to do; all of them while requests wait.
    public func needed(limit: Int) -> Int {
        if queued > 0 { return inService }
        guard let cpu else { return 0 }
        // A hair less than a whole host needs no host of its own.
        let hosts = cpu * Double(inService) * 100 / Double(max(1, limit)) - 1e-9
        return hosts.isFinite ? Int(min(max(0, hosts.rounded(.up)), 1e6)) : inService
    }
}

/// Why members can't leave rotation: what is left could not carry what the pool has to do.
public struct CapacityStrain: Hashable, Sendable, Codable {
    /// What was measured.
    public var load: PoolLoad
    /// How many would leave.
    public var leaving: Int
    /// How many would join before.
    public var joining: Int
    /// How many percent of a member's processors may be in use.
    public var limit: Int

    /// `nil` where there is room, or nobody wants to know.
    public init?(_ load: PoolLoad, leaving: Int, joining: Int = 0, limit: Int?) {
        guard let limit, leaving > 0 else { return nil }
        (self.load, self.leaving, self.joining, self.limit) = (load, leaving, joining, limit)
        if load.queued > 0 { return }
        guard let cpu = load.cpu(leaving: leaving, joining: joining), cpu * 100 > Double(limit) + 1e-6 else {
            return nil
        }
    }

    /// The arithmetic.
    public var message: String {
        if load.queued > 0 {
            return "\(load.queued.of("request")) already \(load.queued == 1 ? "waits" : "wait") for one of the "
                + "\(load.inService) in service: none can be spared"
        }
        let leave = leaving == 1 ? "1 leaves" : "\(leaving) leave"
        let join = joining == 0 ? "" : joining == 1 ? ", 1 joins" : ", \(joining) join"
        return "\(load.inService) in service at \(percent(load.cpu)) CPU, \(leave)\(join): "
            + outcome + ", and capacity is \(limit) %"
    }

    private var outcome: String {
        let left = load.inService - leaving + joining
        return left > 0
            ? "\(left) would run at \(percent(load.cpu(leaving: leaving, joining: joining)))" : "none would be left"
    }

    private func percent(_ share: Double?) -> String { (share ?? 0).inPercent }
}

extension Double {
    /// A share for people: `70 %`.
    public var inPercent: String { isFinite ? "\(Int(min(max(self * 100, 0), 1e9).rounded())) %" : "-" }
}

extension FleetObservation {
    /// How busy the members in service are.
    var load: PoolLoad { PoolLoad(balancers, loads) }

    /// Asks the members in service how busy they are, all at once. Those that do not answer are left out.
    static func loads(
        of pool: Pool, _ views: [BalancerView], _ releases: any ReleaseControl
    ) async -> [HostName: HostLoad] {
        let hosts = pool.members.map(\.host).filter(views.isServing)
        let answers = await forEachBounded(hosts) { host in
            // One that does not answer is told of by whoever asks what it runs.
            try? await releases.load(of: host)
        }
        return zip(hosts, answers).reduce(into: [:]) { loads, answer in loads[answer.0] = answer.1 ?? nil }
    }
}

extension PoolLoad {
    init(_ views: [BalancerView], _ loads: [HostName: HostLoad]) {
        let measured = loads.filter { views.isServing($0.key) }.map(\.value.cpu)
        let waiting = views.filter { $0.fault == nil }.map { view in
            view.running.reduce(view.queued) { $0 + $1.queued }
        }
        self.init(
            inService: PoolObservation(views).inService().count,
            cpu: measured.isEmpty ? nil : measured.reduce(0, +) / Double(measured.count), measured: measured.count,
            queued: waiting.max() ?? 0)
    }
}
