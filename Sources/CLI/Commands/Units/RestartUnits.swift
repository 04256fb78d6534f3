import ArgumentParser
import Rollouts

extension Drover {
    /// `drover restart STAGE [HOST|GROUP]`
    struct RestartUnits: FleetCommand {
        static let configuration = CommandConfiguration(
            commandName: "restart",
            abstract: "Restart the service on a stage, batch by batch, without losing a request.",
            discussion: """
                Each batch, as a rollout has them, is drained on all balancers, restarted, found healthy and admitted again; \
                never are so many hosts out that fewer than the minimum stay in service. A host that does not become healthy \
                stays out of rotation, and stops the rest. Hosts that were stopped by hand are left alone, and those that are \
                out of rotation by hand are restarted and stay out.
                """
        )
        .examples("drover restart production", "drover restart production ap1,ap2")

        @Option(help: "How many hosts must stay in service.") var minimum: Int?
        @OptionGroup var units: UnitOptions
        @OptionGroup var unattended: UnattendedOptions
        @OptionGroup(title: "Messages") var talk: TalkOptions

        func validate() throws {
            if let minimum, minimum < 0 { throw ValidationError("--minimum must not be negative") }
        }

        func execute(_ seams: Seams) async throws -> ExitStatus {
            try await units.perform(.restart, minimum: minimum, seams)
        }
    }
}
