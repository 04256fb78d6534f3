import ArgumentParser
import Fleet
import Rollouts

extension Drover {
    /// `drover rollback STAGE`
    struct Rollback: FleetCommand {
        static let configuration = CommandConfiguration(
            abstract: "Go back to the last good build, health-gated, without canary.",
            discussion: "An interrupted rollout is ended by bringing every host it changed back.")

        @Argument(help: "The stage.") var stage: String
        @OptionGroup var without: WithoutOptions
        @OptionGroup var service: ServiceOptions
        @OptionGroup var connection: ConnectionOptions
        @OptionGroup var format: FormatOptions

        func execute(_ seams: Seams) async throws -> ExitStatus {
            let file = try service.read(seams)
            let session = try await StageSession(
                file, stage: stage, connection, format.format, seams, without: try without.reasons())
            let state = try await session.changing { lease in
                if let found = try await session.ledger.unfinished(stage) {
                    let resumed = try await session.ledger.resume(
                        found, under: lease, turningBack: "asked for by \(Controller.name)")
                    return try await session.drive(resumed, under: lease)
                }
                let plan = try await plan(for: session)
                _ = try await session.rolloutTraffic(under: lease)
                return try await session.drive(try await session.ledger.begin(plan, under: lease), under: lease)
            }
            let status = session.report(state)
            // Being back is what was asked for, also where nothing had been changed yet.
            let isBack = state.outcome == .rolledBack || state.outcome == .failed
            return isBack ? .done : status
        }

        private func plan(for session: StageSession) async throws -> RolloutPlan {
            let record = try await session.journal.stage(stage)
            guard let good = record?.previous else { throw NoEarlierBuild(subject: stage) }
            return RolloutPlan(
                stage: stage, kind: .rollback, build: try BuildDigest(good),
                hosts: session.site.pool.members.map(\.host), policy: session.site.stage.rollout)
        }
    }
}

/// A stage has no build to go back to.
struct NoEarlierBuild: ExplainedError {
    let subject: String?
    let message = "the journal knows of no earlier good build"
    let hints = ["choose one yourself: drover build list, then drover rollout STAGE BUILD"]
}
