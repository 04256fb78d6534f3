import Fleet
import Foundation
import Journaling
import OrderedCollections
import Rollouts
import Synchronization

/// A stage that is about to be changed: its journal, lease and builds.
struct StageSession: Sendable {
    let site: StageSite
    let journal: any RunJournal
    let builds: BuildStore
    /// Where the journal lies.
    let folder: String
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
        folder = file.stateFolder(seams)
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
            try expectRoomForJournal()
            let (site, traffic) = try await rolloutTraffic(under: lease)
            for (balancer, reason) in site.leftOut.sorted(by: { $0.key < $1.key }) {
                let event = RolloutEvent.balancerLeftOut(balancer, reason: reason)
                state.apply(try await ledger.record(event, in: rollout.run.id, under: lease))
            }
            let reached = Mutex(state)
            let releases = site.releases(token: lease.token, builds: builds)
            let keeper = GateKeeper(
                gates: StageGates(site: site, build: state.plan.build, releases: releases).gates,
                bake: state.plan.policy.bake,
                clock: ContinuousClock())
            let runner = RolloutRunner(
                releases: releases, traffic: traffic,
                judge: { hosts, itself in await keeper.judge(hosts, itself) },
                record: { event in
                    let entry = try await ledger.record(event, in: rollout.run.id, under: lease)
                    reached.withLock { $0.apply(entry) }
                    return entry
                }, stop: stop)
            do {
                state = try await runner.run(from: state)
                await tellStanding(state, traffic)
            } catch {
                await giveUp(rollout.run.id, reached.withLock { $0 }, because: error)
                throw error
            }
        }
        try await ledger.conclude(rollout.run.id, state)
        return state
    }

    /// Tells how hosts are left by a rollout that ends in the middle.
    private func giveUp(_ run: RunID, _ state: RolloutState, because error: any Error) async {
        let left = RolloutWords.left(state)
        let isTakenOver = (error as? any ExitingError)?.exitStatus == .leaseHeld
        if left.isEmpty, isTakenOver {
            // Nothing is left to be resumed; if that cannot be noted, the run stays open.
            try? await journal.finish(run, .failed, at: Controller.now())
            return
        }
        terminal.say(left.isEmpty ? "no host was left half done" : "left as they were:")
        for line in left { terminal.say("    \(line)") }
        if !isTakenOver {
            terminal.say("hint: drover rollout resume \(site.stage.name), or drover rollback \(site.stage.name)")
        }
    }

    /// A journal that is full cannot say what was done to a host: that is found before any is touched.
    func expectRoomForJournal() throws {
        let needed = 256 << 10
        // Where nobody tells how much is free, the journal will.
        let free = try? FileManager.default.attributesOfFileSystem(forPath: folder)[.systemFreeSize] as? Int
        guard let free, free < needed else { return }
        throw JournalError(
            .storage, subject: folder, "the disk has \(free >> 10) KiB free, and the journal needs \(needed >> 10)",
            hints: ["nothing was touched; make room and try again"])
    }

    /// Tells how a rollout ended, and gives the program's status.
    func report(_ state: RolloutState) -> ExitStatus {
        let left = state.faulted
        let isBlocked = state.hosts.values.contains { $0.fault?.kind == .blocked }
        if state.outcome != .succeeded, state.isShort || isBlocked, !state.outOfService.isEmpty {
            let out = state.outOfService.map(\.description).joined(separator: ", ")
            terminal.say(
                "hint: bring \(out) into service first, or let fewer stay in service: --minimum \(max(0, state.plan.floor - 1))"
            )
        }
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
