import Fleet
import Journaling
import Rollouts

/// A stage that is about to be changed: its journal, lease and builds.
struct StageSession: Sendable {
    let site: StageSite
    let journal: any RunJournal
    let builds: BuildStore
    let terminal: Terminal
    let teller: RolloutTeller
    let stop = StopSignal()

    /// Opens the journal and the stage; no connection is made.
    init(
        _ file: ServiceFile, stage: String, _ connection: ConnectionOptions, _ format: OutputFormat, _ seams: Seams,
        without: [HostName: String] = [:]
    ) async throws {
        var site = try await StageSite(file, stage: stage, connection, seams)
        try site.leaveOut(without)
        self.site = site
        let folder = file.stateFolder(seams)
        journal = try SQLiteJournal(path: folder + "/journal.sqlite")
        builds = BuildStore(stateFolder: folder)
        terminal = seams.terminal
        teller = RolloutTeller(seams.terminal, format)
    }

    var ledger: RolloutLedger {
        RolloutLedger(
            journal: journal, holder: Controller.name, now: Controller.now,
            mask: { [redactor = terminal.redactor] in redactor($0) },
            listener: { [teller] run, entry in teller.tell(run, entry) })
    }

    /// Does `work` under the stage's lease; Ctrl-C stops it after the hosts in hand. Connections end with it.
    func changing<Result: Sendable>(_ work: @escaping @Sendable (Lease) async throws -> Result) async throws -> Result {
        try site.stage.checkMinimum(hosts: site.pool.members.count)
        let keeper = LeaseKeeper(
            journal: journal, holder: Controller.name, now: Controller.now,
            sleep: { duration in try await Task.sleep(for: duration) },
            watching: { [terminal] lease, time in
                terminal.say(
                    "the lease of \(lease.holder) ends only at \(lease.expiresAt), by another clock than this machine's; "
                        + "watching for its heartbeat for \(RolloutTeller.seconds(time))")
            })
        do {
            let result = try await Interruption.watched(terminal, stop) {
                try await keeper.hold(site.stage.name, isDead: Controller.isDead) { lease in
                    try await withThrowingTaskGroup(of: Void.self) { group in
                        group.addTask { await teller.keepTalking() }
                        defer { group.cancelAll() }
                        return try await work(lease)
                    }
                }
            }
            await site.close()
            return result
        } catch {
            await site.close()
            throw error
        }
    }

    /// Refuses while a rollout of the stage is unfinished.
    func refuseUnfinished() async throws {
        guard let unfinished = try await ledger.unfinished(site.stage.name) else { return }
        throw UnfinishedRollout(stage: site.stage.name, run: unfinished.run)
    }

    /// Goes on with a rollout in the journal until it is over or stopped, and records what it means for the stage.
    func drive(_ rollout: RecordedRollout, under lease: Lease) async throws -> RolloutState {
        let ledger = ledger
        var state = rollout.state
        if state.outcome == nil {
            let (site, traffic) = try await rolloutTraffic(under: lease)
            for (balancer, reason) in site.leftOut.sorted(by: { $0.key < $1.key }) {
                let event = RolloutEvent.balancerLeftOut(balancer, reason: reason)
                state.apply(try await ledger.record(event, in: rollout.run.id, under: lease))
            }
            let keeper = GateKeeper(
                gates: StageGates(site: site, build: state.plan.build).gates, bake: state.plan.policy.bake,
                clock: ContinuousClock())
            let runner = RolloutRunner(
                releases: site.releases(token: lease.token, builds: builds), traffic: traffic,
                judge: { hosts in await keeper.judge(hosts) },
                record: { event in try await ledger.record(event, in: rollout.run.id, under: lease) }, stop: stop)
            state = try await runner.run(from: state)
            await tellStanding(state, traffic)
        }
        try await ledger.conclude(rollout.run.id, state)
        return state
    }

    /// Tells how a rollout ended, and gives the program's status.
    func report(_ state: RolloutState) -> ExitStatus {
        let left = state.faulted
        if !left.isEmpty {
            terminal.warn("left out: \(left.map(\.description).joined(separator: ", "))")
            terminal.say("hint: mend them, then 'drover apply \(site.stage.name)' brings them back")
            if state.outcome == .failed, state.plan.policy.budget < left.count {
                terminal.say("hint: with --budget \(left.count) the other hosts go on without them")
            }
        }
        guard let outcome = state.outcome else {
            let open = state.hosts.filter { $0.value.phase < .settled && $0.value.fault == nil }.map(\.key)
            terminal.say("stopped; left to do: \(open.map(\.description).joined(separator: ", "))")
            terminal.say("hint: drover rollout resume \(site.stage.name), or drover rollback \(site.stage.name)")
            return .failed
        }
        switch outcome {
        case .succeeded: return .done
        case .rolledBack: return .rolledBack
        case .rollbackFailed: return .rollbackFailed
        case .failed: return .failed
        }
    }
}

/// A rollout of the stage was interrupted, and has to be ended before another one.
struct UnfinishedRollout: ExplainedError {
    let stage: String
    let run: RunRecord

    var subject: String? { stage }
    var message: String {
        "run \(run.id) (\(run.kind) of build \(run.build?.prefix(12) ?? "?"), begun \(run.startedAt)) is unfinished"
    }
    var hints: [String] {
        ["finish it: drover rollout resume \(stage)", "or go back: drover rollback \(stage)"]
    }
}

extension TrafficError: ExitingError {
    /// A balancer that knows of a newer controller says the same as a lease that another took.
    var exitStatus: ExitStatus { code == .fenced ? .leaseHeld : .failed }
}

extension JournalError: ExitingError {
    /// A lease that another holds, or took, has a status of its own.
    var exitStatus: ExitStatus {
        if code == .leaseHeld || code == .leaseLost { return .leaseHeld }
        return code == .unknownBuild || code == .ambiguousBuild || code == .unknownRun ? .usage : .failed
    }
}

extension RolloutFault: ExitingError {
    /// A host that knows of a newer controller says the same as a lease that another took.
    var exitStatus: ExitStatus { kind == .fenced ? .leaseHeld : .failed }
}
