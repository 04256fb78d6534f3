import ArgumentParser
import Fleet
import Rollouts

/// Whether a build may go to a stage that comes after another one.
struct EvidenceOptions: ParsableArguments {
    @Option(
        name: .customLong("skip-evidence"),
        help: "Go on although the build has not passed the stage before; the reason is journaled.")
    var reason: String?

    func validate() throws {
        if let reason, reason.allSatisfy(\.isWhitespace) { throw ValidationError("--skip-evidence wants a reason") }
    }

    /// Makes sure that `build` passed the stage before `stage`, and baked there long enough.
    /// - Returns: The reason why that was not asked for; `nil` when there was evidence or none is needed.
    func check(
        _ build: BuildRecord, for stage: ServiceFile.Stage, in journal: any RunJournal
    ) async throws -> String? {
        guard let before = stage.after else { return nil }
        let passed = try await journal.evidence(build: build.digest, stage: before).first
        let name = "build \(build.digest.prefix(12)) (\(build.name))"
        guard let passed else {
            if let reason { return reason }
            throw MissingEvidence(
                subject: stage.name, message: "\(name) has not passed stage \(before)",
                hints: [
                    "roll it out there first: drover rollout \(before) \(build.digest.prefix(12))",
                    "or say why not: --skip-evidence \"REASON\"",
                ])
        }
        let baked = Controller.now() - passed.at
        if baked < stage.bake, reason == nil {
            throw MissingEvidence(
                subject: stage.name,
                message: "\(name) passed stage \(before) \(RolloutTeller.seconds(baked)) ago, and is to bake there for "
                    + RolloutTeller.seconds(stage.bake),
                hints: ["wait, or say why not: --skip-evidence \"REASON\""])
        }
        return baked < stage.bake ? reason : nil
    }
}

/// A build was not shown to be good for a stage.
struct MissingEvidence: ExplainedError {
    let subject: String?
    let message: String
    let hints: [String]
}
