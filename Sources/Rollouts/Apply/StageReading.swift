public import Fleet

/// Asks a stage's hosts and balancers how they do, all at once, and none for long. Changes nothing.
public struct StageReading: Sendable {
    /// Somebody who is asked, until it has answered or will not.
    public enum Question: Hashable, Sendable {
        /// A host or a balancer.
        case host(HostName)
        /// The balancers once more, when they must have missed a member that is gone.
        case balancersAgain
    }

    /// Hears when a question is put, and when it is over.
    public typealias Listener = @Sendable (Question, _ isOver: Bool) -> Void

    /// How long all of it may take where hosts answer quickly, so that an operator does not wait for those that are gone.
    private static let whole = Duration.milliseconds(2700)

    private let session: StageSession
    private let listener: Listener

    /// A reading of the session's stage.
    public init(_ session: StageSession, listener: @escaping Listener = { _, _ in }) {
        self.session = session
        self.listener = listener
    }

    private var site: StageSite { session.site }
    private var clock: any Clock<Duration> { session.drivers.clock }

    /// What the journal, the hosts and the balancers say.
    /// - Throws: ``JournalError``.
    public func report() async throws -> StageReport {
        let patience = Patience(clock)
        async let asked = ask(patience)
        let notes = try await session.notes(token: 0).read(within: patience)
        try await session.learn(from: notes)
        let record = try await session.journal.stage(session.name)
        let (seen, unverified) = await asked
        let build = record?.current?.release
        let health =
            site.tiers.isEmpty
            ? FleetHealth(
                site.pool, build: build, policy: site.stage.rollout, sight: seen, unverified: unverified)
            : FleetHealth(site.tiers, build: build, sight: seen, unverified: unverified)
        let settings = await settings(of: record?.current, patience)
        return try await StageReport(health, record, notes, session, settings: settings)
    }

    /// What is to be told of settings: that hosts have others than the service's file, or why nobody can say.
    private func settings(of build: BuildDigest?, _ patience: Patience) async -> StageReport.Settings {
        guard let build else { return .same }
        do { return try await session.settingsChange(of: build, within: patience).map { .others($0) } ?? .same } catch {
            return .unknown(ErrorReport(error).message)
        }
    }

    private func ask(_ patience: Patience) async -> (FleetObservation, unverified: Set<HostName>) {
        let elapsed = clock.stopwatch()
        async let views = askBalancers(patience)
        let hosts = await askHosts(patience)
        var seen = FleetObservation(hosts: hosts, balancers: await views)
        let served = site.pool.members.map(\.host).filter { host in seen.balancers.contains { $0.sends(host) } }
        let silent = served.filter { hosts[$0]?.survey == nil }
        guard served.contains(where: { Self.isDoubtful(hosts[$0]) }) else { return (seen, []) }
        // A balancer takes its time to miss a member: it is asked again when it must have.
        let check = site.pool.check
        let needed = check.interval * (2 * check.fall) + .milliseconds(500)
        let pause = min(needed, Self.whole) - elapsed()
        seen.balancers = await asking(.balancersAgain) {
            // Cancelled with everything else.
            if pause > .zero { try? await clock.sleep(for: pause) }
            return await askBalancers(patience)
        }
        return (seen, elapsed() < needed ? Set(silent) : [])
    }

    /// Whether a host that gets traffic may have stopped serving just now.
    private static func isDoubtful(_ seen: HostObservation?) -> Bool {
        guard let survey = seen?.survey else { return true }
        return survey.units.values.contains { $0 == "inactive" || $0 == "failed" }
    }

    private func askHosts(_ patience: Patience) async -> [HostName: HostObservation] {
        let releases = session.releases(site, token: 0)
        return await withTaskGroup(of: (HostName, HostObservation).self) { group in
            for host in site.pool.members.map(\.host) {
                group.addTask {
                    let answer = await asking(.host(host)) {
                        await patience.bounded({
                            HostObservation.silent(RolloutError(.unreachable, host: host, Self.slowness($0)))
                        }) {
                            await .of(host, releases)
                        }
                    }
                    return (host, answer)
                }
            }
            return await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
        }
    }

    private func askBalancers(_ patience: Patience) async -> [BalancerView] {
        async let ofHosts = askTiers(patience)
        let views = await forEachBounded(site.balancers) { host in
            await asking(.host(host)) {
                await patience.bounded({ site.views(of: host, fault: Self.slowness($0)) }) {
                    await askBalancer(host)
                }
            }
        }
        return await views.flatMap(\.self) + ofHosts
    }

    /// One view a pool that the balancer has.
    private func askBalancer(_ host: HostName) async -> [BalancerView] {
        do throws(InputError) {
            let views = try await session.drivers.connections.traffic(of: site, over: [host]).observe()
            return views.isEmpty ? site.views(of: host, fault: "it was not asked") : views
        } catch {
            return site.views(of: host, fault: error.message)
        }
    }

    /// What hosts of tiers that no balancer has say of themselves.
    private func askTiers(_ patience: Patience) async -> [BalancerView] {
        let releases = session.releases(site, token: 0)
        let tiers = site.tiers.filter { !$0.isBalanced }
        return await forEachBounded(tiers) { tier in
            await tier.asHostsSay { host throws(RolloutError) in
                let late = RolloutError(.unreachable, host: host, "no answer in time")
                let answer = await patience.bounded({ _ in Result<HostCondition, RolloutError>.failure(late) }) {
                    await Result { () async throws(RolloutError) in try await releases.inspect(host) }
                }
                return try answer.get()
            }
        }.compactMap(\.self)
    }

    // MARK: parts

    static func slowness(_ time: Duration) -> String { "no answer within \(time.inSeconds)" }

    private func asking<Answer: Sendable>(_ question: Question, _ work: () async -> Answer) async -> Answer {
        listener(question, false)
        defer { listener(question, true) }
        return await work()
    }
}

extension BalancerView {
    fileprivate func sends(_ host: HostName) -> Bool { running.contains { $0.host == host && $0.state == .up } }
}
