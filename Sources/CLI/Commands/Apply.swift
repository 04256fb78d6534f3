import ArgumentParser
import Fleet
import Playbooks
import Rollouts

extension Drover {
    /// `drover apply PLAYBOOK… -i INVENTORY`
    struct Apply: FleetCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make the hosts what a playbook says they should be.")

        @Argument(help: "A stage of drover.yml, or playbook files in order.") var playbooks: [String] = []
        @OptionGroup var service: ServiceOptions
        @OptionGroup var departures: DepartureOptions
        @OptionGroup var options: PlaybookOptions
        @OptionGroup var without: WithoutOptions
        @Flag(name: [.customShort("C"), .long], help: "Change nothing; report what Ansible's --check would.")
        var check = false

        func execute(_ seams: Seams) async throws -> ExitStatus {
            if var work = try StageApply(playbooks, options, service, departures, check ? .check : .apply, seams) {
                work.without = try without.reasons()
                return try await work(seams)
            }
            guard without.words.isEmpty else {
                throw InputError("--without goes with a stage", hints: ["drover apply STAGE --without lb2 \"REASON\""])
            }
            guard !playbooks.isEmpty else {
                throw InputError(
                    "no playbook given", hints: ["name one, such as: drover apply playbooks/site.yml -i inventory"])
            }
            service.offerVaultPassword(seams)
            let sources = try options.inventory.resolved(seams)
            let runOptions = try options.runOptions(check ? .check : .apply, seams)
            let connector = Composition.connector(options.connection, seams, sources: sources)
            let stop = StopSignal()
            let runner = PlaybookCommandRunner(
                seams: seams, format: options.format.format, vault: try seams.passwords.vault(options.connection.vault))
            let outcome = try await Interruption.watched(seams.terminal, stop) {
                try await runner.run(
                    playbooks, inventory: sources, options: runOptions, rolePaths: options.rolePaths,
                    connector: connector, stop: stop)
            }
            await connector.closeAll()
            return outcome.status(runOptions.mode, detailed: options.hasDetailedExitCode)
        }
    }
}
