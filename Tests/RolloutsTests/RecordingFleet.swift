import Fleet
import OrderedCollections
import Synchronization
import Testing

@testable import Rollouts

/// Hosts and balancers behind the runner's ports, as values; every call is noted in the order it was made.
final class RecordingFleet: Sendable {
    struct Inside: Sendable {
        var calls: [String] = []
        var current: [HostName: ReleaseID] = [:]
        /// What hosts go back to that wait for a confirmation.
        var waiting: [HostName: ReleaseID?] = [:]
        /// What was confirmed on hosts, the latest last.
        var good: [HostName: [ReleaseID]] = [:]
        var serving: Set<HostName> = []
        /// Hosts that an operator has put into maintenance at the balancer's console.
        var maintained: Set<HostName> = []
        /// Members that somebody took out by a command.
        var kept: [HostName: KeptOut] = [:]
        var weights: [HostName: Int] = [:]
        /// Who stopped the units of hosts.
        var stops: [HostName: UnitStop] = [:]
        var unhealthy: Set<ReleaseID> = []
        /// Servers of the balancer that are no members of the pool.
        var others: [RunningMember] = []
        /// Units of each host that do not run.
        var stopped: [HostName: [String]] = [:]
        /// Hosts whose service systemd has restarted so often.
        var restarts: [HostName: Int] = [:]
        /// Hosts that lack the release that is asked for.
        var lacking: Set<HostName> = []
        /// Hosts that say nothing of what they have.
        var silent: Set<HostName> = []
        /// The settings that hosts have.
        var settings: [SettingsID: SettingsFile] = [:]
        /// The archives that hosts keep.
        var archives: [HostName: String] = [:]
        /// Done once so many calls were made.
        var interruption: Interruption?
        /// Calls that throw, by their beginning.
        var faults: [String: RolloutError] = [:]
    }

    struct Interruption: Sendable {
        let after: Int
        let interrupt: @Sendable () -> Void
    }

    let inside: Mutex<Inside>
    /// What stands on hosts and balancers about the stage.
    let board = NoteBoard()
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

    fileprivate func note(_ call: String) throws(RolloutError) {
        onCall(call)
        let (fault, interruption) = inside.withLock { inside in
            inside.calls.append(call)
            let interruption = inside.interruption.flatMap { $0.after == inside.calls.count ? $0 : nil }
            return (inside.faults.first { call.hasPrefix($0.key) }?.value, interruption)
        }
        interruption?.interrupt()
        if let fault { throw fault }
    }
}

extension RecordingFleet: ReleaseControl {
    func survey(_ host: HostName) async throws(RolloutError) -> HostSurvey {
        try note("survey \(host)")
        return inside.withLock { inside in
            let units = inside.stopped[host, default: []].map { ($0, "failed") }
            let good = inside.good[host, default: []]
            return HostSurvey(
                release: inside.current[host], units: Dictionary(uniqueKeysWithValues: units),
                isUnconfirmed: inside.waiting[host] != nil, previous: inside.waiting[host] ?? nil, good: good.last,
                goodBefore: good.dropLast().last, stopped: inside.stops[host])
        }
    }

    func deliver(
        _ release: ReleaseID, of build: BuildDigest?, to host: HostName
    ) async throws(RolloutError) -> String {
        try note("deliver \(host) \(release.short)\(build?.release == release ? "" : " of an unknown build")")
        return "already there"
    }

    func activate(_ release: ReleaseID?, on host: HostName, revertAfter: Duration?) async throws(RolloutError) {
        let timer = revertAfter.map { " timer \($0.components.seconds)" } ?? ""
        try note("activate \(host) \(release?.short ?? "none")\(timer)")
        inside.withLock { inside in
            inside.waiting[host] = revertAfter.map { _ in inside.current[host] }
            inside.current[host] = release
            inside.stops[host] = nil
        }
    }

    func check(_ release: ReleaseID, on host: HostName, patience: Duration) async throws(RolloutError) -> String {
        try note("check \(host) \(release.short)")
        let isHealthy = inside.withLock { !$0.unhealthy.contains(release) && $0.current[host] == release }
        guard isHealthy else { throw RolloutError(.unhealthy, host: host, "500 Broken") }
        return "200 OK"
    }

    func inspect(_ host: HostName) async throws(RolloutError) -> HostCondition {
        try note("inspect \(host)")
        return inside.withLock { inside in
            let release = inside.current[host]
            let unit = HostCondition.Unit("bookmark.service", restarts: inside.restarts[host] ?? 0)
            let isHealthy = release.map { !inside.unhealthy.contains($0) } ?? false
            return HostCondition(release: release, units: [unit], isHealthy: isHealthy, answer: "200 OK")
        }
    }

    func get(_ path: String, port: Int, on host: HostName) async throws(RolloutError) -> String {
        try note("get \(host) \(path)")
        return "200 OK"
    }

    func confirm(_ release: ReleaseID, on host: HostName) async throws(RolloutError) {
        try note("confirm \(host) \(release.short)")
        inside.withLock { inside in
            inside.waiting[host] = nil
            if inside.good[host]?.last != release { inside.good[host, default: []].append(release) }
        }
    }
}

extension RecordingFleet: ArchiveControl {
    func holding(of build: BuildDigest, on host: HostName) async throws(RolloutError) -> HostHolding {
        let (isSilent, isLacking, archive) = inside.withLock {
            ($0.silent.contains(host), $0.lacking.contains(host), $0.archives[host])
        }
        if isSilent { throw RolloutError(.unreachable, host: host, "no route to host") }
        return HostHolding(hasRelease: !isLacking, archiveSize: archive.map { _ in 1 })
    }

    func fetch(_ build: BuildDigest, size: Int64, from host: HostName, into store: BuildStore) async throws {
        try note("fetch \(host)")
        guard let archive = inside.withLock({ $0.archives[host] }) else {
            throw RolloutError(.command, host: host, "there is no archive")
        }
        _ = try await store.add(archive)
    }

    func fetch(
        _ build: BuildDigest, repacked: RepackedArchive, from host: HostName, into store: BuildStore
    ) async throws { try await fetch(build, size: repacked.size, from: host, into: store) }
}

extension RecordingFleet: NoteControl {
    // Who writes is checked where a lease is taken and renewed.
    private var control: BoardControl { BoardControl(board: board, token: .max) }

    func notes(on host: HostName) async throws(RolloutError) -> HostNotes { try await control.notes(on: host) }

    func take(_ lease: StageLease, replacing token: Int64?, on host: HostName) async throws(RolloutError) -> HostNotes {
        try await control.take(lease, replacing: token, on: host)
    }

    func renew(_ lease: StageLease, on host: HostName) async throws(RolloutError) -> [RolloutRequest] {
        try await control.renew(lease, on: host)
    }

    func post(_ request: RolloutRequest, on host: HostName) async throws(RolloutError) {
        try await control.post(request, on: host)
    }

    func release(_ token: Int64, isRevoked: Bool, on host: HostName) async throws(RolloutError) {
        try await control.release(token, isRevoked: isRevoked, on: host)
    }

    func write(_ note: RolloutNote, on host: HostName) async throws(RolloutError) {
        try await control.write(note, on: host)
    }

    func write(_ note: StageNote, on host: HostName) async throws(RolloutError) {
        try await control.write(note, on: host)
    }
}

extension RecordingFleet: HookControl {
    func run(_ call: HookCall, on host: HostName) async throws(RolloutError) -> String? {
        try note("hook \(host) \(call.command)")
        if call.command == "false" { throw RolloutError(.command, host: host, "it ended with 1") }
        return nil
    }
}

extension RecordingFleet: UnitControl {
    func start(_ host: HostName) async throws(RolloutError) {
        try note("start \(host)")
        inside.withLock { ($0.stopped[host], $0.stops[host]) = (nil, nil) }
    }

    func restart(_ host: HostName) async throws(RolloutError) {
        try note("restart \(host)")
        inside.withLock { ($0.stopped[host], $0.stops[host]) = (nil, nil) }
    }

    func stop(_ host: HostName, _ stop: UnitStop) async throws(RolloutError) {
        try note("stop \(host)")
        inside.withLock { $0.stops[host] = stop }
    }

    func retire(_ host: HostName) async throws(RolloutError) { try note("retire \(host)") }

    func rejoin(_ host: HostName) async throws(RolloutError) {
        try note("rejoin \(host)")
        inside.withLock { $0.stops[host] = nil }
    }
}

extension RecordingFleet: TrafficControl {
    func observe() async -> [BalancerView] {
        let (serving, others, maintained, kept) = inside.withLock {
            ($0.serving, $0.others, $0.maintained, $0.kept)
        }
        let running =
            pool.members.map { member in
                RunningMember(
                    host: member.host, address: member.address, port: member.port,
                    state: maintained.contains(member.host)
                        ? .maintenance : serving.contains(member.host) ? .up : .draining)
            } + others
        guard let balancer = try? HostName("lb1") else { return [] }
        var view = BalancerView(balancer: balancer, running: running, configured: pool.members, isEstablished: true)
        // What Drover took out stands in the file.
        view.disabled = Set(pool.members.map(\.host)).subtracting(serving).subtracting(maintained)
        for host in maintained { view.keptOut[host] = KeptOut(isMaintenance: true) }
        view.keptOut.merge(kept) { $1 }
        return [view]
    }

    func establish() async throws(TrafficError) { inside.withLock { $0.calls.append("establish") } }

    func admit(_ member: PoolMember, patience: Duration) async throws(TrafficError) {
        try traffic("admit \(member.host)", member.host)
        inside.withLock { inside in
            inside.serving.insert(member.host)
            inside.maintained.remove(member.host)
        }
    }

    func drain(_ host: HostName, patience: Duration) async throws(TrafficError) -> Int {
        try traffic("drain \(host)\(patience == .zero ? " at once" : "")", host)
        inside.withLock { inside in
            inside.serving.remove(host)
            inside.maintained.remove(host)
        }
        return 0
    }

    func keepOut(_ host: HostName, _ note: KeptOut, patience: Duration) async throws(TrafficError) -> Int {
        try traffic("keepOut \(host)", host)
        inside.withLock { inside in
            inside.kept[host] = note
            inside.serving.remove(host)
        }
        return 0
    }

    func letIn(_ member: PoolMember, patience: Duration) async throws(TrafficError) {
        try traffic("letIn \(member.host)", member.host)
        inside.withLock { inside in
            inside.kept[member.host] = nil
            inside.maintained.remove(member.host)
            inside.serving.insert(member.host)
        }
    }

    func weigh(_ host: HostName, _ weight: Int) async throws(TrafficError) {
        try traffic("weigh \(host) \(weight)", host)
        inside.withLock { $0.weights[host] = weight }
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

extension RecordingFleet: SettingsControl {
    func settingsMarks(on host: HostName) async throws(RolloutError) -> [SettingsMark] {
        try note("settings \(host)")
        return inside.withLock { inside in
            inside.settings.values.map { SettingsMark(release: Builds.one.with($0.id).release, salt: $0.salt) }
        }
    }

    func settings(_ id: SettingsID, on host: HostName) async throws(RolloutError) -> SettingsFile? {
        try note("settings \(host) \(id)")
        return inside.withLock { $0.settings[id] }
    }
}
