import ArgumentParser
import Fleet
import Rollouts

extension Drover {
    /// `drover rollout`: a build goes to a stage.
    struct RolloutCommand: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "rollout", abstract: "Bring a build to a stage: canary, batches, gates, and back on failure.",
            discussion: """
                drover rollout STAGE BUILD    begins one; BUILD is a folder (which is packed), a file, a build's
                                              name, version or commit, or the beginning of its digest
                drover rollout status         how one stands, wherever it is driven
                drover rollout pause, resume, approve, abort
                                              have one stand still, go on, or go back
                """,
            subcommands: [Start.self, Status.self, Pause.self, Resume.self, Approve.self, Abort.self],
            defaultSubcommand: Start.self)
    }
}

/// How carefully a build goes to a stage, where the service's file is not to be followed.
struct PolicyOptions: ParsableArguments {
    @Option(help: "Hosts of the first, small batch: a number, 0 for none, or a percentage such as 10%.") var canary:
        String?
    @Option(help: "Hosts of each later batch: a number, or a percentage such as 25%.") var batch: String?
    @Option(help: "How many hosts may fail or be out of reach.") var budget: Int?
    @Option(help: "How many hosts must stay in service.") var minimum: Int?
    @Option(
        name: .customLong("on-failure"),
        help: ArgumentHelp(
            "What becomes of hosts when it fails: rollback, rollback-batch or stop.", valueName: "response"))
    var onFailure: String?

    func validate() throws {
        if let canary, canary != "0", BatchSize(canary) == nil {
            throw ValidationError("--canary takes a number of hosts or a percentage such as 10%, not '\(canary)'")
        }
        if let response = onFailure, RolloutPolicy.FailureResponse(rawValue: response) == nil {
            let words = RolloutPolicy.FailureResponse.allCases.map(\.rawValue)
            throw ValidationError("--on-failure takes one of \(words.joined(separator: ", ")), not '\(response)'")
        }
        if let budget, budget < 0 { throw ValidationError("--budget must not be negative") }
        if let minimum, minimum < 0 { throw ValidationError("--minimum must not be negative") }
        if let batch, BatchSize(batch) == nil {
            throw ValidationError("--batch takes a number of hosts or a percentage such as 25%, not '\(batch)'")
        }
    }

    /// `policy` with what the flags say.
    func applied(to policy: RolloutPolicy) -> RolloutPolicy {
        var policy = policy
        if let canary { policy.canary = BatchSize(canary) ?? 0 }
        if let response = onFailure.flatMap(RolloutPolicy.FailureResponse.init) { policy.onFailure = response }
        if let size = batch.flatMap(BatchSize.init) { policy.batch = size }
        if let budget { policy.budget = budget }
        if let minimum { policy.allow(minimum: minimum) }
        return policy
    }
}
