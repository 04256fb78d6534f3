import ArgumentParser
import Fleet
import Rollouts

extension Drover {
    /// `drover rollback STAGE`
    struct Rollback: FleetCommand {
        static let configuration = CommandConfiguration(
            abstract: "Go back to the last good build, health-gated, without canary.",
            discussion: """
                After a rollout that failed or was undone, that is the build confirmed on the stage before it began, on
                every host; after one that succeeded, the last good build before it. Going further back is asked for by
                name, with --to. An interrupted rollout is ended by bringing every host it changed back.
                """)

        @Argument(help: "The stage.") var stage: String
        @OptionGroup var without: WithoutOptions
        @Option(help: "The build to go to: the beginning of a digest, or a file.") var to: String?
        @Option(help: "How many hosts must stay in service.") var minimum: Int?
        @OptionGroup var service: ServiceOptions
        @OptionGroup var connection: ConnectionOptions
        @OptionGroup var format: FormatOptions

        func validate() throws {
            if let minimum, minimum < 0 { throw ValidationError("--minimum must not be negative") }
        }

        func execute(_ seams: Seams) async throws -> ExitStatus {
            let file = try service.read(seams)
            let session = try await StageSession(
                file, stage: stage, connection, format.format, seams, without: try without.reasons())
            let named = try await named(session)
            let state: RolloutState? = try await session.changing { lease in
                if let found = try await session.ledger.unfinished(stage) {
                    return try await end(found, named, session, lease)
                }
                guard let plan = try await plan(session, named) else { return nil }
                try session.expectRoomForJournal()
                _ = try await session.rolloutTraffic(under: lease, isTold: false)
                return try await session.drive(try await session.ledger.begin(plan, under: lease), under: lease)
            }
            guard let state else { return .done }
            let status = session.report(state)
            // Being back is what was asked for, also where nothing had been changed yet.
            let isBack = state.outcome == .rolledBack || state.outcome == .failed
            if state.outcome == .failed { try await refuseUnknown(state, session) }
            return isBack ? .done : status
        }

        /// A journal that was lost knows nothing of what hosts ran before: that nothing was changed is no answer then.
        private func refuseUnknown(_ state: RolloutState, _ session: StageSession) async throws {
            let record = try await session.journal.stage(stage)
            guard record?.current == nil else { return }
            let running = state.hosts.compactMap { host, progress in progress.current.map { "\(host) runs \($0)" } }
            if !running.isEmpty { throw UnknownBefore(subject: stage, running: running) }
        }

        private func named(_ session: StageSession) async throws -> BuildDigest? {
            guard let to else { return nil }
            let catalog = BuildCatalog(journal: session.journal, store: session.builds)
            return try BuildDigest(try await catalog.resolve(to).digest)
        }

        private func end(
            _ found: RecordedRollout, _ named: BuildDigest?, _ session: StageSession, _ lease: Lease
        ) async throws -> RolloutState {
            guard named == nil else { throw UnfinishedRollout(stage: stage, run: found.run) }
            let resumed = try await session.ledger.resume(
                found, under: lease, turningBack: "asked for by \(Controller.name)")
            return try await session.drive(resumed, under: lease)
        }

        /// What is to be done; `nil` when every host runs and serves the build already, which is told.
        private func plan(_ session: StageSession, _ named: BuildDigest?) async throws -> RolloutPlan? {
            let site = session.site
            let sight = await FleetSight.take(
                of: site.pool, releases: site.releases(token: 0, builds: session.builds),
                traffic: try await site.traffic())
            let history = try await session.ledger.history(of: stage)
            switch try RollbackPlanner.decide(stage, history, named: named, sight: sight) {
            case .nothing(let build):
                tellNothing(build, session)
                return nil
            case .go(let build, let distrusted, let reason):
                session.terminal.say("going back means build \(build.release): \(reason)")
                var policy = site.stage.rollout
                if let minimum { policy.minimumInService = minimum }
                return RolloutPlan(
                    stage: stage, kind: .rollback, build: build, hosts: site.pool.members.map(\.host), policy: policy,
                    distrusted: distrusted)
            }
        }

        private func tellNothing(_ build: BuildDigest, _ session: StageSession) {
            let message = "nothing to go back: every host runs \(build.release)"
            session.terminal.say(message)
            session.terminal.say("hint: a build further back is asked for by name: drover rollback \(stage) --to BUILD")
            guard format.format == .json else { return }
            let answer = NothingToGoBack(stage: stage, build: build, message: message)
            // Plain values always encode.
            if let line = try? EncodedJSON.line(answer) { session.terminal.write(json: line) }
        }
    }
}

/// That a rollback had nothing to do, as programs read it.
private struct NothingToGoBack: Encodable {
    let event = "nothing"
    let stage: String
    let build: BuildDigest
    let message: String
}

/// The rollout that was ended changed nothing, and nothing is known of what was there before it.
private struct UnknownBefore: ExplainedError {
    let subject: String?
    let running: [String]

    var message: String {
        "\(running.prefix(10).joined(separator: ", ")), and the journal knows of no build that was ever good on this stage"
    }
    var hints: [String] {
        [
            "nothing was changed; if the journal was lost, take its backup: journal.sqlite.backup in the state folder",
            "or name the build to go to: drover rollback \(subject ?? "STAGE") --to BUILD (drover build list)",
        ]
    }
}
