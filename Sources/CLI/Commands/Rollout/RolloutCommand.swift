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
                                              name, or the beginning of its digest
                drover rollout resume         finishes one that was interrupted
                """,
            subcommands: [Start.self, Resume.self], defaultSubcommand: Start.self)
    }
}

/// How carefully a build goes to a stage, where the service's file is not to be followed.
struct PolicyOptions: ParsableArguments {
    @Option(help: "Hosts of the first, small batch; 0 for none.") var canary: Int?
    @Option(help: "Hosts of each later batch: a number, or a percentage such as 25%.") var batch: String?
    @Option(help: "How many hosts may fail or be out of reach.") var budget: Int?
    @Option(help: "How many hosts must stay in service.") var minimum: Int?

    func validate() throws {
        if let canary, canary < 0 { throw ValidationError("--canary must not be negative") }
        if let budget, budget < 0 { throw ValidationError("--budget must not be negative") }
        if let minimum, minimum < 0 { throw ValidationError("--minimum must not be negative") }
        if let batch, BatchSize(batch) == nil {
            throw ValidationError("--batch takes a number of hosts or a percentage such as 25%, not '\(batch)'")
        }
    }

    /// `policy` with what the flags say.
    func applied(to policy: RolloutPolicy) -> RolloutPolicy {
        var policy = policy
        if let canary { policy.canary = canary }
        if let size = batch.flatMap(BatchSize.init) { policy.batch = size }
        if let budget { policy.budget = budget }
        if let minimum { policy.minimumInService = minimum }
        return policy
    }
}
