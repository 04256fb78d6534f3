import Fleet
import Foundation
import Inventories
import OrderedCollections
import Synchronization
import TestSupport
import Values

@testable import Rollouts

/// A stage whose hosts and balancer are values, whose journal is in memory, and whose calls and events are noted in one order.
struct StageRig {
    let journal: MemoryJournal
    let fleet: RecordingFleet
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

    /// - Parameters:
    ///   - members: The pool's members in the inventory, `web1` and on.
    ///   - left: Servers that the balancer has besides.
    ///   - release: What the members run and serve already.
    ///   - journal: One of its own unless given.
    ///   - other: Whose hosts and balancer these are as well, for a controller with a journal of its own.
    ///   - shared: The builds that several machines share.
    ///   - extra: A further line of drover.yml.
    init(
        in folder: URL, members: Int, left: [String] = [], running release: ReleaseID?, after: String? = nil,
        bake: String = "0s", beside other: StageRig? = nil, user: String = "me",
        journal: MemoryJournal = MemoryJournal(), shared: SharedBuilds? = nil,
        clock: any Clock<Duration> = ContinuousClock(), settings: @escaping @Sendable () -> [Setting] = { [] },
        extra: String = ""
    ) throws {
        let hosts = try (1...members).map { try HostName("web\($0)") }
        let (fleet, told) = (other?.fleet ?? RecordingFleet(hosts, running: release), Told())
        if let now = other?.told.now() { told.clock.withLock { $0 = now.milliseconds } }
        let others = try left.enumerated().map { index, name in
            RunningMember(host: try HostName(name), address: "10.0.1.\(index + 1)", port: 8080, state: .up)
        }
        if other == nil { fleet.set { $0.others = others } }
        let site = try Self.site(folder, hosts, after, bake, extra: extra)
        // Staging has hosts of its own.
        let staging = try Self.site(folder, try ["stg1", "stg2"].map { try HostName($0) }, after, bake, of: "staging")
        let controller = Controller(
            user: user, machine: "here", process: 1, now: { told.now() }, isGone: { $0 == 99 })
        var drivers = StageDrivers(
            StageConnections(Dialer(NoConnector(), resolver: EndpointResolver())) { _, _, _, _ in fleet },
            web: NoWeb(), journal: journal,
            builds: BuildStore(stateFolder: folder.path), sharedBuilds: shared, controller: controller, clock: clock,
            settings: SettingsSource(read: { _, _ in settings() }, newSalt: { Secret("new") }, keep: { _ in }))
        drivers.openReleases = { _, _, _ in fleet }
        session = StageSession(
            site,
            drivers,
            loadStage: { name in
                guard name == "staging" else { throw InputError("no such inventory") }
                return staging
            },
            listener: { event in
                if let line = Self.line(event) { fleet.set { $0.calls.append(line) } }
                told.lines.withLock { $0.append("\(event)") }
            })
        self.fleet = fleet
        self.journal = journal
        self.told = told
    }

    /// Everything that was said, as the debugger shows it.
    var events: [String] { told.lines.withLock { $0 } }

    /// Calls that change something, and what was told about the pool.
    var deeds: [String] {
        fleet.calls.filter { !$0.hasPrefix("survey") && !$0.hasPrefix("inspect") && !$0.hasPrefix("rejoin") }
    }

    private static func line(_ event: StageEvent) -> String? {
        switch event {
        case .stillRunning(let left): "tell \(left.host) may still run"
        case .noBuild: "tell no build"
        case .failed(let error): "tell \(error.host) failed"
        case .leftAlone(let error): "tell \(error.host) left alone"
        default: nil
        }
    }

    private static func site(
        _ folder: URL, _ hosts: [HostName], _ after: String?, _ bake: String, of stage: String = "production",
        extra: String = ""
    ) throws -> StageSite {
        let name = stage == "production" ? "hosts.yml" : "\(stage).yml"
        let names = hosts.enumerated().map { "\($1): {ansible_host: 10.0.0.\($0 + 1)}" }.joined(separator: ", ")
        let files = [
            "drover.yml": """
            service: shop
            units: [shop.service]
            \(extra)
            pool: {name: shop, balancers: lb, members: web, port: 8080}
            stages:
              staging: {inventory: staging.yml}
              production: {inventory: hosts.yml, bake: \(bake)\(after.map { ", after: \($0)" } ?? "")}
            """,
            "\(name)": "{web: {hosts: {\(names)}}, lb: {hosts: {lb1: {ansible_host: 10.0.2.1}}}}\n",
        ]
        for (name, text) in files {
            try text.write(to: folder.appendingPathComponent(name), atomically: true, encoding: .utf8)
        }
        let file = try ServiceFileReader.read(folder.path + "/drover.yml")
        let inventory = try Inventory.load(sources: ["\(folder.path)/\(name)"])
        return try StageSite(
            file, try file.stage(stage), over: inventory, flags: ConnectionSettings(),
            route: { host in
                Route(host: host, name: inventory.variables(of: host)["ansible_host"]?.text ?? host.description)
            })
    }
}

/// Reaches nobody.
private struct NoConnector: Connector {
    func transport(to endpoint: Endpoint) async throws(TransportError) -> any Transport {
        throw TransportError(.unreachable, host: endpoint.host, "nobody is there")
    }

    func closeAll() async {}
}

private struct NoWeb: WebClient {
    func ask(_ request: WebRequest) async -> WebAnswer { .failure("nobody is there") }
}
