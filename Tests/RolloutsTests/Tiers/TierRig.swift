import Fleet
import Foundation
import Inventories
import OrderedCollections
import Synchronization
import TestSupport
import Values

@testable import Rollouts

/// A stage of two tiers, `ap` behind a balancer and `worker` without, whose hosts are values and whose calls are noted in one
/// order.
struct TierRig {
    let fleet: RecordingFleet
    let journal = MemoryJournal()
    let session: StageSession
    private let told: Told

    private final class Told: Sendable {
        let lines = Mutex<[String]>([])
        let clock = Mutex<Int64>(1_000_000)

        func now() -> Timestamp {
            Timestamp(
                milliseconds: clock.withLock { now in
                    now += 1
                    return now
                })
        }
    }

    static let file = """
        service: shop
        tiers:
          ap:
            hosts: web
            units: [shop.service]
            pool: {name: shop, balancers: lb, port: 8080}
          worker:
            hosts: worker
            units: [shop-worker.service]
            health: {command: shop-check}
        stages: {production: {inventory: hosts.yml, rollout: {bake: 0, batch: 1}}}

        """

    static let inventory = """
        web: {hosts: {web1: {ansible_host: 10.0.0.1}, web2: {ansible_host: 10.0.0.2}}}
        worker: {hosts: {worker1: {ansible_host: 10.0.0.3}, worker2: {ansible_host: 10.0.0.4}}}
        lb: {hosts: {lb1: {ansible_host: 10.0.2.1}}}

        """

    init(
        in folder: URL, file text: String = file, inventory hosts: String = inventory,
        running release: ReleaseID? = Builds.one.release
    ) throws {
        let site = try Self.site(in: folder, file: text, inventory: hosts)
        let (fleet, told) = (RecordingFleet(site.pool.members.map(\.host), running: release), Told())
        var drivers = StageDrivers(
            StageConnections(Dialer(Nowhere(), resolver: EndpointResolver())) { pool, _, _, _ in
                FleetPool(pool: pool, fleet: fleet)
            },
            web: Unanswered(), journal: journal, builds: BuildStore(stateFolder: folder.path),
            controller: Controller(
                user: "me", machine: "here", process: 1, now: { told.now() }, isGone: { $0 == 99 }))
        drivers.openReleases = { _, _, _ in fleet }
        session = StageSession(site, drivers, listener: { event in told.lines.withLock { $0.append("\(event)") } })
        (self.fleet, self.told) = (fleet, told)
    }

    static func site(in folder: URL, file text: String, inventory hosts: String) throws -> StageSite {
        for (name, text) in ["drover.yml": text, "hosts.yml": hosts] {
            try text.write(to: folder.appendingPathComponent(name), atomically: true, encoding: .utf8)
        }
        let file = try ServiceFileReader.read(folder.path + "/drover.yml")
        let inventory = try Inventory.load(sources: ["\(folder.path)/hosts.yml"])
        return try StageSite(
            file, try file.stage("production"), over: inventory, flags: ConnectionSettings(),
            route: { host in
                Route(host: host, name: inventory.variables(of: host)["ansible_host"]?.text ?? host.description)
            })
    }

    /// Everything that was said, as the debugger shows it.
    var events: [String] { told.lines.withLock { $0 } }

    /// Calls that change something.
    var deeds: [String] {
        fleet.calls.filter { !$0.hasPrefix("survey") && !$0.hasPrefix("inspect") && !$0.hasPrefix("rejoin") }
    }

    /// What the hosts run, in the order of their names.
    var running: [String] {
        fleet.inside.withLock { inside in
            inside.current.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value.short)" }
        }
    }

    /// Brings a build to the stage.
    func rollOut(_ build: BuildDigest) async throws -> RolloutState {
        let record = try await journal.stage("production")
        return try await session.changing { lease in
            try await session.begin(
                RolloutPlan(
                    stage: "production", build: build, baseline: record?.current?.release ?? Builds.one.release,
                    hosts: session.site.pool.members.map(\.host), policy: session.site.stage.rollout), under: lease)
        }
    }
}

/// One pool of a fleet of values.
struct FleetPool: TrafficControl {
    let pool: Pool
    let fleet: RecordingFleet

    func observe() async -> [BalancerView] {
        let others = fleet.inside.withLock { $0.others }
        return await fleet.observe().map { view in
            var view = view
            let places = Dictionary(pool.members.map { ($0.host, $0) }) { first, _ in first }
            view.running = view.running.compactMap { running in
                guard let member = places[running.host] else { return others.contains(running) ? running : nil }
                var running = running
                (running.address, running.port) = (member.address, member.port)
                return running
            }
            view.configured = pool.members
            return view
        }
    }

    func establish() async throws(TrafficError) { try await fleet.establish() }
    func admit(_ member: PoolMember, patience: Duration) async throws(TrafficError) {
        try await fleet.admit(member, patience: patience)
    }
    func drain(_ host: HostName, patience: Duration) async throws(TrafficError) -> Int {
        try await fleet.drain(host, patience: patience)
    }
    func remove(_ host: HostName) async throws(TrafficError) { try await fleet.remove(host) }
    func rename(_ old: HostName, to member: PoolMember, patience: Duration) async throws(TrafficError) {
        try await fleet.rename(old, to: member, patience: patience)
    }
}

/// Reaches nobody.
private struct Nowhere: Connector {
    func transport(to endpoint: Endpoint) async throws(TransportError) -> any Transport {
        throw TransportError(.unreachable, host: endpoint.host, "nobody is there")
    }

    func closeAll() async {}
}

private struct Unanswered: WebClient {
    func ask(_ request: WebRequest) async -> WebAnswer { .failure("nobody is there") }
}
