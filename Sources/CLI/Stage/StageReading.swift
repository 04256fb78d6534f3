import Fleet
import Rollouts
import Synchronization

/// Asks a stage's hosts and balancers how they do, all at once, and none for long. Changes nothing.
struct StageReading: Sendable {
    /// How long one host or balancer may take.
    static let patience: Duration = .seconds(5)

    private let session: StageSession
    private let progress: AskingProgress

    init(_ session: StageSession, _ progress: AskingProgress) {
        self.session = session
        self.progress = progress
    }

    private var site: StageSite { session.site }

    /// What the journal, the hosts and the balancers say.
    func answer() async throws -> StageAnswer {
        let record = try await session.journal.stage(site.stage.name)
        let build = try record?.current.map { try BuildDigest($0).release }
        let (sight, unverified) = await ask()
        let health = FleetHealth(
            site.pool, build: build, policy: site.stage.rollout, sight: sight, unverified: unverified)
        return try await StageAnswer(health, record, session)
    }

    private func ask() async -> (FleetSight, unverified: Set<HostName>) {
        let clock = ContinuousClock()
        let begun = clock.now
        async let views = askBalancers()
        let hosts = await askHosts()
        var sight = FleetSight(hosts: hosts, balancers: await views)
        let served = site.pool.members.map(\.host).filter { host in
            sight.balancers.contains { Self.sends(host, $0) }
        }
        let silent = served.filter { hosts[$0]?.survey == nil }
        guard served.contains(where: { Self.isDoubtful(hosts[$0]) }) else { return (sight, []) }
        // A balancer takes its time to miss a member: it is asked again when it must have.
        let check = site.pool.check
        let needed = check.interval * (2 * check.fall) + .milliseconds(500)
        let elapsed = begun.duration(to: clock.now)
        let pause = min(needed - elapsed, Self.patience)
        if pause > .zero {
            progress.asking("the balancers again")
            // Cancelled with everything else.
            try? await clock.sleep(for: pause)
        }
        sight.balancers = await askBalancers()
        progress.answered("the balancers again")
        return (sight, begun.duration(to: clock.now) < needed ? Set(silent) : [])
    }

    /// Whether a host that gets traffic may have stopped serving just now.
    private static func isDoubtful(_ sight: HostSight?) -> Bool {
        guard let survey = sight?.survey else { return true }
        return survey.units.values.contains { $0 == "inactive" || $0 == "failed" }
    }

    private static func sends(_ host: HostName, _ view: BalancerView) -> Bool {
        view.running.contains { $0.host == host && $0.state == .up }
    }

    private func askHosts() async -> [HostName: HostSight] {
        let releases = site.releases(token: 0, builds: session.builds)
        return await withTaskGroup(of: (HostName, HostSight).self) { group in
            for host in site.pool.members.map(\.host) {
                group.addTask {
                    progress.asking(host.description)
                    let sight = await Self.bounded(Self.silent(host)) { await Self.survey(host, releases) }
                    progress.answered(host.description)
                    return (host, sight)
                }
            }
            return await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
        }
    }

    private static func survey(_ host: HostName, _ releases: ShellReleases) async -> HostSight {
        do throws(RolloutFault) {
            return .answered(try await releases.survey(host))
        } catch {
            return .silent(error)
        }
    }

    private static func silent(_ host: HostName) -> HostSight {
        .silent(RolloutFault(.unreachable, host: host, slowness))
    }

    private static var slowness: String { "no answer within \(patience.components.seconds) s" }

    private func askBalancers() async -> [BalancerView] {
        let views = await withTaskGroup(of: BalancerView.self) { group in
            for host in site.balancers {
                group.addTask {
                    progress.asking(host.description)
                    let silent = BalancerView(balancer: host, fault: Self.slowness)
                    let view = await Self.bounded(silent) { await askBalancer(host) }
                    progress.answered(host.description)
                    return view
                }
            }
            return await group.reduce(into: [:]) { $0[$1.balancer] = $1 }
        }
        return site.balancers.compactMap { views[$0] }
    }

    private func askBalancer(_ host: HostName) async -> BalancerView {
        do {
            let view = try await site.traffic(over: [host]).observe().first
            return view ?? BalancerView(balancer: host, fault: "it was not asked")
        } catch {
            return BalancerView(balancer: host, fault: (error as? any ExplainedError)?.message ?? "\(error)")
        }
    }

    /// What `work` gives, or `late` when it takes too long.
    private static func bounded<Answer: Sendable>(
        _ late: Answer, _ work: @escaping @Sendable () async -> Answer
    ) async -> Answer {
        await withTaskGroup(of: Answer.self) { group in
            group.addTask { await work() }
            group.addTask {
                // Cancelled as soon as the work is done.
                try? await Task.sleep(for: patience)
                return late
            }
            defer { group.cancelAll() }
            return await group.next() ?? late
        }
    }
}

/// Shows who has not answered yet, where a person watches.
final class AskingProgress: Sendable {
    private let terminal: Terminal
    private let open = Mutex<[String]>([])

    init(_ terminal: Terminal) { self.terminal = terminal }

    /// `name` is being asked.
    func asking(_ name: String) { change { $0.append(name) } }

    /// `name` has answered, or will not.
    func answered(_ name: String) {
        change { open in
            if let place = open.firstIndex(of: name) { open.remove(at: place) }
        }
    }

    private func change(_ change: (inout [String]) -> Void) {
        let open = open.withLock { open in
            change(&open)
            return open
        }
        guard !open.isEmpty else { return }
        let names = open.prefix(6).joined(separator: ", ") + (open.count > 6 ? ", …" : "")
        terminal.show(progress: "asking \(names) (\(open.count) to go)")
    }
}
