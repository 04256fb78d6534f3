public import Fleet
import Foundation
import Synchronization

/// Persons' word in a rollout: whoever drives it hears of it; where nobody does, it is done here.
extension StageSession {
    /// What became of a request.
    public enum Answer: Sendable {
        /// It was left for whoever drives the rollout, who hears of it within a heartbeat.
        case asked(Lease)
        /// It was done here.
        case done(RolloutState)
    }

    /// Has the stage's rollout stand still after the batch in hand.
    /// - Throws: ``StageError`` when none is under way, it goes back, or it stands still already; as
    ///   ``rollOut(_:_:policy:skippedEvidence:)``.
    public func pause(reason: String?) async throws -> Answer {
        try await ask(.pause, reason) { found, lease in
            var state = found.state
            let request = self.request(.pause, found.run, reason)
            state.apply(try await ledger.record(.requested(request), in: found.run.id, under: lease))
            if state.hold == nil {
                let hold = RolloutHold(.paused, by: request.by, reason: reason, batches: state.batches.count)
                state.apply(try await ledger.record(.held(hold), in: found.run.id, under: lease))
            }
            try await note(RecordedRollout(run: found.run, state: state), under: lease)
            return state
        }
    }

    /// Takes what was done for good, and goes on.
    /// - Throws: ``StageError`` when nothing waits for approval; as ``rollOut(_:_:policy:skippedEvidence:)``.
    public func approve(reason: String?) async throws -> Answer {
        try await ask(.approve, reason) { found, lease in
            let request = request(.approve, found.run, reason)
            try refuseDoubtfulHook(found.state)
            var found = found
            found.state.apply(try await ledger.record(.requested(request), in: found.run.id, under: lease))
            try await expectSigned(found.state.plan.build)
            try await supply(found.state.plan.build)
            let end = try await drive(try await ledger.resume(found, under: lease), under: lease)
            return try await rehearse(end, under: lease)
        }
    }

    /// Goes back.
    /// - Throws: ``StageError`` when none is under way; as ``rollOut(_:_:policy:skippedEvidence:)``.
    public func abort(reason: String?) async throws -> Answer {
        try await ask(.abort, reason) { found, lease in
            try refuseIrreversible(found.state.plan, after: found.state)
            let by = controller.name + (reason.map { " (\($0))" } ?? "")
            return try await drive(
                try await ledger.resume(found, under: lease, turningBack: .asked(by: by)), under: lease)
        }
    }

    /// Has a rollout go on that another process keeps waiting; goes on with it where nobody does.
    /// - Throws: as ``resume()``.
    public func goOn() async throws -> Answer {
        let answers = try await notes(token: 0).read()
        try await learn(from: answers)
        if let lease = driver(answers), answers.rollout?.progress?.hold?.kind == .paused,
            let found = try await ledger.unfinished(name)
        {
            _ = try await notes(token: 0).post(request(.resume, found.run, nil))
            await close()
            return .asked(lease)
        }
        return .done(try await resume())
    }

    private func ask(
        _ kind: RolloutRequest.Kind, _ reason: String?,
        _ work: @escaping @Sendable (RecordedRollout, Lease) async throws -> RolloutState
    ) async throws -> Answer {
        let answers = try await notes(token: 0).read()
        try await learn(from: answers)
        guard let found = try await ledger.unfinished(name) else { throw StageError.nothingUnderWay(name) }
        if let lease = driver(answers) {
            let progress = answers.rollout?.progress ?? RolloutProgress(found.state)
            try refuse(kind, found.run, hold: progress.hold, isGoingBack: progress.isGoingBack)
            guard try await notes(token: 0).post(request(kind, found.run, reason)) > 0 else {
                throw StageError.noMajority(name, answered: 0, silent: answers.silent)
            }
            await close()
            return .asked(lease)
        }
        return try await changing(kind.rawValue) { lease in
            guard let found = try await ledger.unfinished(name) else { throw StageError.nothingUnderWay(name) }
            try refuse(kind, found.run, hold: found.state.hold, isGoingBack: found.state.isTurned)
            return .done(try await work(found, lease))
        }
    }

    /// The lease of whoever drives the stage's rollout just now.
    func driver(_ answers: StageNotes.Answers) -> Lease? {
        let lease = answers.lease?.asLease(at: controller.now())
        return lease.flatMap { controller.holder(of: $0) == .gone ? nil : $0 }
    }

    private func request(_ kind: RolloutRequest.Kind, _ run: RunRecord, _ reason: String?) -> RolloutRequest {
        RolloutRequest(
            kind, of: RolloutRequest.Subject(run), id: "\(controller.name) \(controller.now().milliseconds)",
            by: controller.name, reason: reason)
    }

    private func refuse(
        _ kind: RolloutRequest.Kind, _ run: RunRecord, hold: RolloutHold?, isGoingBack: Bool
    ) throws(StageError) {
        switch kind {
        case .pause where isGoingBack: throw .notNow(run, "it goes back, which is not paused")
        case .pause where hold != nil:
            throw .notNow(run, hold?.kind == .approval ? "it waits for approval" : "it is paused already")
        case .approve where hold?.kind != .approval: throw .notNow(run, "it does not wait for approval")
        default: return
        }
    }

    // MARK: hooks

    /// A hook that must not be run twice is not run again without anybody's word.
    func refuseDoubtfulHook(_ state: RolloutState) throws(StageError) {
        guard !rerunsHooks, !state.isTurned, let once = state.plan.hooks?.once, !once.isIdempotent else { return }
        var isDoubtful = state.inFlight.contains { action in
            if case .hook(.once, _) = action { true } else { false }
        }
        if case .doubtful? = state.hooks[.once] { isDoubtful = true }
        // Who takes a rollout up from hosts knows nothing of what was run.
        if state.plan.isTakenUp == true, state.hooks[.once] == nil { isDoubtful = true }
        if isDoubtful { throw .doubtfulHook(name, once.command) }
    }

    /// What ``RolloutHooks/Point/once`` did stays, and the build before may not work with it.
    func refuseIrreversible(_ plan: RolloutPlan, after state: RolloutState) throws(StageError) {
        guard !goesOverHooks, let once = plan.hooks?.once, !once.isCompatible, once.undo == nil,
            state.hooks[.once] != nil
        else { return }
        throw .irreversible(name, once.command, plan.build)
    }

    /// How the rollout is reached while it is driven.
    func control(_ releases: any HookControl) -> RolloutControl {
        RolloutControl(
            inbox: inbox, waits: waits, now: controller.now,
            runHook: { [folder = site.file.folder] call, host throws(RolloutError) in
                if let host { return try await releases.run(call, on: host) }
                let gate = CommandGate(
                    line: call.command, folder: folder, environment: call.environment, timeout: call.timeout)
                let (verdict, said) = await gate.ask()
                if verdict == .pass { return said }
                throw RolloutError(.command, host: call.localHost, "\(call.command): \(said)")
            })
    }

    // MARK: notes

    /// Does `work`, and notes on hosts how far it has come whenever there is news, without keeping it waiting.
    func noting(
        _ run: RunRecord, _ reached: StateReached, _ news: Doorbell, _ lease: Lease,
        _ work: @escaping @Sendable () async throws -> RolloutState
    ) async throws -> RolloutState {
        try await withThrowingTaskGroup(of: RolloutState?.self) { group in
            group.addTask {
                let end = await Result { () async throws in try await work() }
                reached.isOver.withLock { $0 = true }
                news.ring()
                return try end.get()
            }
            group.addTask {
                await keepNoting(run, reached, news, lease)
                return nil
            }
            var end: RolloutState?
            while let answer = try await group.next() { end = answer ?? end }
            guard let end else { throw CancellationError() }
            return end
        }
    }

    private func keepNoting(_ run: RunRecord, _ reached: StateReached, _ news: Doorbell, _ lease: Lease) async {
        while !Task.isCancelled {
            await news.wait()
            news.silence()
            let isOver = reached.isOver.withLock { $0 }
            let state = reached.state
            // What was ended is noted otherwise.
            if state.outcome != nil || Task.isCancelled { return }
            do {
                try await note(RecordedRollout(run: run, state: state), under: lease)
            } catch { tell(.unnoted(error as? any ExplainedError)) }
            if isOver { return }
        }
    }
}

/// How far a rollout has come, known to those who work beside it.
final class StateReached: Sendable {
    private let reached: Mutex<RolloutState>
    let isOver = Mutex(false)

    init(_ state: RolloutState) { reached = Mutex(state) }

    var state: RolloutState { reached.withLock { $0 } }

    func apply(_ entry: RolloutEntry) { reached.withLock { $0.apply(entry) } }
}
