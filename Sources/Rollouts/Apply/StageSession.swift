public import Fleet

/// How an operator wants a stage's lease to be asked for.
public struct LockTerms: Hashable, Sendable {
    /// Why it is taken although no more than half of the hosts and balancers answer; `nil` where it is not.
    public var force: String?
    /// For how long another holder is waited for.
    public var wait: Duration

    /// Neither, unless said otherwise.
    public init(force: String? = nil, wait: Duration = .zero) {
        self.force = force
        self.wait = wait
    }
}

/// A stage that is looked at or changed: what it is, and what it is worked on through.
public struct StageSession: Sendable {
    /// Hears what happens.
    public typealias Listener = @Sendable (StageEvent) -> Void
    /// Reads another stage of the service. No connection is made.
    public typealias LoadStage = @Sendable (_ stage: String) async throws -> StageSite

    /// The stage, its hosts and its pool.
    public let site: StageSite
    /// What it is worked on through.
    public let drivers: StageDrivers
    /// How the stage's lease is asked for.
    public let lock: LockTerms
    /// Raised by whoever wishes that the work end after the hosts in hand.
    public let stop: StopSignal
    /// Reads the service's other stages, whose hosts may hold builds; `nil` where nobody can.
    let loadStage: LoadStage?
    let tell: Listener
    /// Where requests to its rollout arrive.
    let inbox = RolloutInbox()
    /// Whether a rollout that waits for somebody keeps this process; else it ends, and any goes on.
    public var waits = false
    /// Whether hooks that must not be run twice, and may have been, are run again.
    public var rerunsHooks = false
    /// Whether it goes back although nothing takes back what a hook did.
    public var goesOverHooks = false

    /// A session on `site`; no connection is made.
    public init(
        _ site: StageSite, _ drivers: StageDrivers, lock: LockTerms = LockTerms(), stop: StopSignal = StopSignal(),
        loadStage: LoadStage? = nil, listener: @escaping Listener = { _ in }
    ) {
        self.site = site
        self.drivers = drivers
        self.lock = lock
        self.stop = stop
        self.loadStage = loadStage
        tell = listener
    }

    /// The stage's name.
    public var name: String { site.stage.name }
    var journal: any RunJournal { drivers.journal }
    var controller: Controller { drivers.controller }

    var ledger: RolloutLedger {
        RolloutLedger(
            journal: journal, holder: controller.name, now: controller.now, mask: drivers.mask,
            listener: { [tell] run, entry in tell(.recorded(run, entry)) })
    }

    /// The build that every member should run; `nil` before the stage's first rollout.
    func currentBuild() async throws -> BuildDigest? { try await journal.stage(name)?.current }

    /// Ends every connection.
    public func close() async { await drivers.connections.close() }

    /// The pool's traffic, for asking only.
    func traffic() async throws -> any TrafficControl {
        try await drivers.connections.traffic(of: site, asking: releases(site, token: 0))
    }

    /// What changes the releases of the pool's members.
    ///
    /// - Parameters:
    ///   - site: With the pool as it is to be gone by.
    ///   - token: The lease's fencing token; 0 for asking only.
    ///   - former: How hosts are reached that the inventory no longer names.
    func releases(
        _ site: StageSite, token: Int64, former: [HostName: Route] = [:]
    ) -> any ReleaseControl & UnitControl & NoteControl & ArchiveControl & SettingsControl & HookControl {
        if let open = drivers.openReleases { return open(site, token, former) }
        if site.tiers.isEmpty { return releases(of: nil, on: site, token: token, former: former) }
        return TierReleases(site) { host in releases(of: host, on: site, token: token, former: former) }
    }

    /// - Parameter host: The host whose units and checks these are; `nil` for all of the service's.
    private func releases(
        of host: HostName?, on site: StageSite, token: Int64, former: [HostName: Route]
    ) -> ShellReleases {
        ShellReleases(
            site.layout(of: host), site.pool, site.questions(for: host), token: token,
            dial: { [connections = drivers.connections] host throws(TransportError) in
                try await connections.transport(to: host, in: site, or: former[host])
            },
            findBuild: { digest in
                try await expectSigned(digest)
                var build = try await obtain(digest)
                try await noteContents(of: digest)
                // A release without a note is as good.
                build.note = try? await buildNote(of: digest).map(NoteJSON.text)
                return build
            }, findSettings: { try await settings($0) }, delivery: delivery)
    }

    /// Does `work` under the stage's lease. Connections end with it.
    ///
    /// - Throws: ``InputError`` when more hosts have to stay in service than there are; ``JournalError`` `.leaseHeld`,
    ///   `.leaseLost`; what `work` throws.
    public func changing<Answer: Sendable>(
        _ purpose: String = "change", _ work: @escaping @Sendable (Lease) async throws -> Answer
    ) async throws -> Answer {
        try site.checkMinimum()
        let known = try await journal.lastToken(stage: name)
        let terms = LeaseKeeper.Terms(purpose: purpose, force: lock.force, wait: lock.wait)
        do {
            let isDead = { @Sendable (lease: Lease) in controller.holder(of: lease) == .gone }
            let answer = try await keeper.hold(name, terms, isDead: isDead) { lease, answers in
                try await begin(under: lease, answers, known: known)
                if let reason = lock.force {
                    _ = try await LeaseOverride(lease, reason: reason).record(
                        as: .lockForced, on: name, in: journal, by: controller, under: lease)
                }
                return try await work(lease)
            }
            await close()
            return answer
        } catch {
            await close()
            throw error
        }
    }

    var keeper: LeaseKeeper {
        LeaseKeeper(
            journal: journal, notes: { notes(token: $0) }, holder: controller.name, now: controller.now,
            sleep: { [clock = drivers.clock] duration in try await clock.sleep(for: duration) },
            watching: { [tell] lease, time in tell(.watchingLease(lease, time)) },
            heard: { [inbox] in inbox.put($0) })
    }

    /// Refuses while a rollout of the stage is unfinished.
    /// - Throws: ``StageError`` `.unfinished`.
    func refuseUnfinished() async throws {
        guard let unfinished = try await ledger.unfinished(name) else { return }
        throw StageError.unfinished(unfinished)
    }

    /// What was killed and needs no resuming is over: whoever comes next asks hosts and balancers anew.
    func supersedeUnfinished() async throws {
        for run in try await journal.runs(stage: name, limit: 20) where run.isOpen && !run.kind.isRollout {
            try await journal.finish(run.id, .superseded, at: controller.now())
        }
    }
}
