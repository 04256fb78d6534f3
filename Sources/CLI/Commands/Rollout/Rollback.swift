import ArgumentParser
import Fleet
import Rollouts

extension Drover {
    /// `drover rollback STAGE`
    struct Rollback: FleetCommand {
        static let configuration = CommandConfiguration(
            abstract: "Go back to the last good build, health-gated, without canary.",
            discussion: """
                After a rollout that failed or was undone, that is the build confirmed on the stage before it began, on \
                every host; after one that succeeded, the last good build before it. Going further back is asked for by \
                name, with --to. An interrupted rollout is ended by bringing every host it changed back.
                """
        )
        .examples("drover rollback production", "drover rollback production --to 4e7ac81f09b2")

        @Argument(help: "The stage.", completion: .stages) var stage: String
        @OptionGroup var dryRun: DryRunOptions
        @OptionGroup var hooks: HookOptions
        @OptionGroup var without: WithoutOptions
        @OptionGroup var lock: LockOptions
        @OptionGroup var unattended: UnattendedOptions
        @Option(
            help: "The build to go to: its name, version or commit, the beginning of its digest, a file or a folder.",
            completion: .buildsAndFiles) var to: String?
        @Option(help: "How many hosts must stay in service.") var minimum: Int?
        @OptionGroup var service: ServiceOptions
        @OptionGroup(title: "Connection") var connection: ConnectionOptions
        @OptionGroup var format: FormatOptions
        @OptionGroup(title: "Messages") var talk: TalkOptions

        func validate() throws {
            if let minimum, minimum < 0 { throw ValidationError("--minimum must not be negative") }
        }

        func execute(_ seams: Seams) async throws -> ExitStatus {
            let work = try await StageWork(
                try service.read(seams), stage: stage, connection, format.format, seams,
                without: try without.reasons(),
                lock: lock.terms)
            var named: BuildDigest?
            if let to { named = try await work.build(to).digest }
            let minimum = minimum
            let hooks = hooks
            if dryRun.isAsked { return try await foresee(work, named, seams.terminal) }
            let end = try await work.watched { [named] session in
                try await hooks.applied(to: session).goBack(to: named, minimum: minimum)
            }
            switch end {
            case .nothing(let build):
                tellNothing(build, try await work.session.label(of: build), seams.terminal)
                return .done
            case .ended(let state):
                let status = work.reporter.tellEnd(state)
                try await work.session.refuseUnknownHistory(after: state)
                // Being back is what was asked for, also where nothing had been changed yet.
                return state.outcome == .rolledBack || state.outcome == .failed ? .done : status
            }
        }

        private func foresee(
            _ work: StageWork, _ named: BuildDigest?, _ terminal: Terminal
        ) async throws -> ExitStatus {
            let (minimum, hooks) = (minimum, hooks)
            let forecast = try await work.watched { session in
                try await hooks.applied(to: session).foreseeGoingBack(to: named, minimum: minimum)
            }
            await work.session.close()
            guard let forecast else {
                terminal.say("nothing to go back: every host runs that build")
                return .done
            }
            return try ForecastReport(terminal: terminal, format: format.format).tell(
                forecast, isDetailed: dryRun.isDetailed)
        }

        private func tellNothing(_ build: BuildDigest, _ label: BuildLabel, _ terminal: Terminal) {
            let message = "nothing to go back: every host runs \(label)"
            terminal.say(message)
            terminal.tell(hint: "a build further back is asked for by name: drover rollback \(stage) --to BUILD")
            guard format.format == .json else { return }
            let answer = NothingToGoBack(stage: stage, build: build, message: message)
            // Plain values always encode.
            if let line = try? EncodedJSON.line(answer) { terminal.write(json: line) }
        }
    }
}

/// That a rollback had nothing to do, as programs read it.
struct NothingToGoBack: SchemaDocument {
    static let schema = DocumentSchema(
        "nothing", "That a rollback had nothing to do",
        [
            .always("event", .word(["nothing"]), "always the same"),
            .always("stage", .text, "the stage"),
            .always("build", .text, "digest of the build that every host runs"),
            .always("message", .text, "one sentence for people"),
        ])

    let event = "nothing"
    let stage: String
    let build: BuildDigest
    let message: String
}
