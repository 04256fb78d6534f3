import Fleet
import OrderedCollections
import Rollouts
import Synchronization
import Testing

/// Hosts and balancers behind the runner's ports, as values; every call is noted in the order it was made.
final class RecordingFleet: Sendable {
    struct Inside: Sendable {
        var calls: [String] = []
        var current: [HostName: ReleaseID] = [:]
        var serving: Set<HostName> = []
        var unhealthy: Set<ReleaseID> = []
        /// Servers of the balancer that are no members of the pool.
        var others: [RunningMember] = []
        /// Units of each host that do not run.
        var stopped: [HostName: [String]] = [:]
        /// Hosts whose service systemd has restarted so often.
        var restarts: [HostName: Int] = [:]
        /// Calls that throw, by their beginning.
        var faults: [String: RolloutFault] = [:]
    }

    let inside: Mutex<Inside>
    let pool: Pool
    /// Called with each note before it is acted on.
    let onCall: @Sendable (String) -> Void

    init(
        _ hosts: [HostName], running release: ReleaseID?, onCall: @escaping @Sendable (String) -> Void = { _ in }
    ) {
        var start = Inside()
        for host in hosts { start.current[host] = release }
        if release != nil { start.serving = Set(hosts) }
        inside = Mutex(start)
        pool = Pool(
            name: "bookmark",
            members: hosts.enumerated().map { PoolMember(host: $1, address: "10.0.0.\($0 + 1)", port: 8080) },
            configFile: "/pools/bookmark.cfg")
        self.onCall = onCall
    }

    var calls: [String] { inside.withLock { $0.calls } }

    func set(_ change: (inout Inside) -> Void) { inside.withLock { change(&$0) } }

    fileprivate func note(_ call: String) throws(RolloutFault) {
        onCall(call)
        let fault = inside.withLock { inside in
            inside.calls.append(call)
            return inside.faults.first { call.hasPrefix($0.key) }?.value
        }
        if let fault { throw fault }
    }
}

extension RecordingFleet: ReleaseControl {
    func survey(_ host: HostName) async throws(RolloutFault) -> HostSurvey {
        try note("survey \(host)")
        return inside.withLock { inside in
            let units = inside.stopped[host, default: []].map { ($0, "failed") }
            return HostSurvey(release: inside.current[host], units: Dictionary(uniqueKeysWithValues: units))
        }
    }

    func stage(_ release: ReleaseID, on host: HostName) async throws(RolloutFault) -> String {
        try note("stage \(host) \(release.short)")
        return "already there"
    }

    func activate(_ release: ReleaseID?, on host: HostName, revertAfter: Duration?) async throws(RolloutFault) {
        let timer = revertAfter.map { " timer \($0.components.seconds)" } ?? ""
        try note("activate \(host) \(release?.short ?? "none")\(timer)")
        inside.withLock { $0.current[host] = release }
    }

    func check(_ release: ReleaseID, on host: HostName, patience: Duration) async throws(RolloutFault) -> String {
        try note("check \(host) \(release.short)")
        let isHealthy = inside.withLock { !$0.unhealthy.contains(release) && $0.current[host] == release }
        guard isHealthy else { throw RolloutFault(.unhealthy, host: host, "500 Broken") }
        return "200 OK"
    }

    func inspect(_ host: HostName) async throws(RolloutFault) -> HostCondition {
        try note("inspect \(host)")
        return inside.withLock { inside in
            let release = inside.current[host]
            let unit = HostCondition.Unit("bookmark.service", restarts: inside.restarts[host] ?? 0)
            let isHealthy = release.map { !inside.unhealthy.contains($0) } ?? false
            return HostCondition(release: release, units: [unit], isHealthy: isHealthy, answer: "200 OK")
        }
    }

    func confirm(_ release: ReleaseID, on host: HostName) async throws(RolloutFault) {
        try note("confirm \(host) \(release.short)")
    }
}

extension RecordingFleet: UnitControl {
    func start(_ host: HostName) async throws(RolloutFault) {
        try note("start \(host)")
        inside.withLock { $0.stopped[host] = nil }
    }

    func retire(_ host: HostName) async throws(RolloutFault) { try note("retire \(host)") }

    func rejoin(_ host: HostName) async throws(RolloutFault) { try note("rejoin \(host)") }
}

extension RecordingFleet: TrafficControl {
    func observe() async -> [BalancerView] {
        let (serving, others) = inside.withLock { ($0.serving, $0.others) }
        let running =
            pool.members.map { member in
                RunningMember(
                    host: member.host, address: member.address, port: member.port,
                    state: serving.contains(member.host) ? .up : .draining)
            } + others
        guard let balancer = try? HostName("lb1") else { return [] }
        return [BalancerView(balancer: balancer, running: running, configured: pool.members, isEstablished: true)]
    }

    func establish() async throws(TrafficError) { inside.withLock { $0.calls.append("establish") } }

    func admit(_ member: PoolMember, patience: Duration) async throws(TrafficError) {
        try traffic("admit \(member.host)", member.host)
        inside.withLock { _ = $0.serving.insert(member.host) }
    }

    func drain(_ host: HostName, patience: Duration) async throws(TrafficError) -> Int {
        try traffic("drain \(host)\(patience == .zero ? " at once" : "")", host)
        inside.withLock { _ = $0.serving.remove(host) }
        return 0
    }

    func remove(_ host: HostName) async throws(TrafficError) {
        try traffic("remove \(host)", host)
        inside.withLock { $0.others.removeAll { $0.host == host } }
    }

    func rename(_ old: HostName, to member: PoolMember, patience: Duration) async throws(TrafficError) {
        try traffic("rename \(old) \(member.host)", old)
        inside.withLock { inside in
            inside.others.removeAll { $0.host == old }
            inside.serving.insert(member.host)
        }
    }

    private func traffic(_ call: String, _ host: HostName) throws(TrafficError) {
        do { try note(call) } catch { throw TrafficError(.refused, balancer: host, error.message) }
    }
}

extension ReleaseID {
    /// The first digit, which tells test builds apart.
    var short: String { String(description.prefix(1)) }
}
