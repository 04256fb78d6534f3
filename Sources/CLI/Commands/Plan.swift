import ArgumentParser
import Fleet
import Playbooks
import Rollouts

extension Drover {
    /// `drover plan PLAYBOOK… -i INVENTORY`
    struct Plan: FleetCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show what a playbook would change, on every host, without changing anything.",
            discussion: """
                Steps whose outcome depends on a step that has not run are shown as unknown. For what Ansible's --check \
                would report, use: drover apply --check
                """)

        @Argument(help: "A stage of drover.yml, or playbook files in order.") var playbooks: [String] = []
        @OptionGroup var service: ServiceOptions
        @OptionGroup var departures: DepartureOptions
        @OptionGroup var options: PlaybookOptions

        func execute(_ seams: Seams) async throws -> ExitStatus {
            if let work = try StageApply(playbooks, options, service, departures, .plan, seams) {
                return try await work(seams)
            }
            guard !playbooks.isEmpty else {
                throw InputError(
                    "no playbook given", hints: ["name one, such as: drover plan playbooks/site.yml -i inventory"])
            }
            service.offerVaultPassword(seams)
            let sources = try options.inventory.resolved(seams)
            let runOptions = try options.runOptions(.plan, seams)
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
            return outcome.status(.plan, detailed: options.hasDetailedExitCode)
        }
    }
}
