import ArgumentParser
import Fleet
import Rollouts

extension Drover.RolloutCommand {
    /// `drover rollout pause STAGE`
    struct Pause: FleetCommand {
        static let configuration = CommandConfiguration(
            abstract: "Have a rollout stand still after the batch in hand, whoever drives it.",
            discussion: """
                Whoever drives it hears of it within 10 s, from any machine, and ends with status 6 between two batches; the \
                stage stays reserved for it. 'drover rollout resume' goes on, 'drover rollout abort' goes back.
                """
        )
        .examples("drover rollout pause production --reason \"error rate of the shop\"")

        @OptionGroup var request: RequestOptions

        func execute(_ seams: Seams) async throws -> ExitStatus {
            let reason = request.reason
            return try await request.send(seams) { try await $0.pause(reason: reason) }
        }
    }

    /// `drover rollout abort STAGE`
    struct Abort: FleetCommand {
        static let configuration = CommandConfiguration(
            abstract: "End a rollout by bringing every host it changed back, whoever drives it.",
            discussion: "Where nobody drives it, it is done here, as 'drover rollback' does."
        )
        .examples("drover rollout abort production")

        @OptionGroup var request: RequestOptions
        @OptionGroup var hooks: HookOptions

        func execute(_ seams: Seams) async throws -> ExitStatus {
            let (reason, hooks) = (request.reason, hooks)
            let status = try await request.send(seams) { try await hooks.applied(to: $0).abort(reason: reason) }
            // Being back is what was asked for.
            return status == .rolledBack ? .done : status
        }
    }

    /// `drover rollout approve STAGE`
    struct Approve: FleetCommand {
        static let configuration = CommandConfiguration(
            abstract: "Approve what a rollout has done so far, and go on with it.",
            discussion: """
                For a rollout with 'approval:' in drover.yml that waits. Who approved it and why is journaled. Where its \
                process waits (--wait), that goes on; else it is gone on with here.
                """
        )
        .examples("drover rollout approve production --reason \"seen by QA\"")

        @OptionGroup var request: RequestOptions

        func execute(_ seams: Seams) async throws -> ExitStatus {
            let reason = request.reason
            return try await request.send(seams) { try await $0.approve(reason: reason) }
        }
    }
}

extension Drover.RolloutCommand.Pause: StageChanging, EventReporting {
    var talk: TalkOptions { request.talk }
    var unattended: UnattendedOptions { request.unattended }
}

extension Drover.RolloutCommand.Abort: StageChanging, EventReporting {
    var talk: TalkOptions { request.talk }
    var unattended: UnattendedOptions { request.unattended }
}

extension Drover.RolloutCommand.Approve: StageChanging, EventReporting {
    var talk: TalkOptions { request.talk }
    var unattended: UnattendedOptions { request.unattended }
}

/// What is asked of a rollout.
struct RequestOptions: ParsableArguments {
    @Argument(help: "The stage.", completion: .stages) var stage: String
    @Option(help: "Why, which is journaled.") var reason: String?
    @OptionGroup var waiting: WaitOptions
    @OptionGroup var without: WithoutOptions
    @OptionGroup var lock: LockOptions
    @OptionGroup var unattended: UnattendedOptions
    @OptionGroup var service: ServiceOptions
    @OptionGroup(title: "Connection") var connection: ConnectionOptions
    @OptionGroup var format: FormatOptions
    @OptionGroup(title: "Messages") var talk: TalkOptions

    /// Asks it, and tells what came of it.
    func send(
        _ seams: Seams, _ ask: @escaping @Sendable (StageSession) async throws -> StageSession.Answer
    ) async throws -> ExitStatus {
        let work = try await StageWork(
            try service.read(seams), stage: stage, connection, format.format, seams, without: try without.reasons(),
            lock: lock.terms)
        let waiting = waiting
        let answer = try await work.watched { session in try await ask(waiting.applied(to: session)) }
        return await work.told(answer)
    }
}

/// Whether a process stays while its rollout waits for somebody.
struct WaitOptions: ParsableArguments {
    @Flag(
        name: .customLong("wait"),
        help: "Stay while the rollout is paused or waits for approval, with the stage's lease; else it ends with 6.")
    var isAsked = false

    @Flag(
        name: .customLong("rerun-hooks"),
        help: "Run a hook again of which nobody knows whether it was done.")
    var rerunsHooks = false

    /// `session` as they say.
    func applied(to session: StageSession) -> StageSession {
        var session = session
        session.waits = isAsked
        session.rerunsHooks = rerunsHooks
        return session
    }
}

/// Whether going back may leave what a hook did.
struct HookOptions: ParsableArguments {
    @Flag(
        name: .customLong("over-hooks"),
        help: "Go back although nothing takes back what the hook 'once' did.")
    var goesOverHooks = false

    /// `session` as they say.
    func applied(to session: StageSession) -> StageSession {
        var session = session
        session.goesOverHooks = goesOverHooks
        return session
    }
}

extension StageWork {
    /// Tells what became of a request, and gives the program's status.
    func told(_ answer: StageSession.Answer) async -> ExitStatus {
        switch answer {
        case .asked(let lease):
            reporter.terminal.say("asked \(lease.holder), which drives the rollout and hears of it within 10 s")
            reporter.terminal.tell(hint: "see what it does: drover rollout status \(session.name) -w")
            return .done
        case .done(let state):
            // Standing still is what was asked for.
            if state.outcome == nil, state.hold?.kind == .paused { return reporter.tellPaused(state) }
            return await pruned(reporter.tellEnd(state))
        }
    }
}
