import Fleet
import Playbooks

extension PlaybookOptions {
    /// Runs playbooks that are no stage's: `drover plan` and `drover apply` with files.
    func run(
        _ playbooks: [String], _ mode: RunOptions.Mode, _ service: ServiceOptions, _ seams: Seams
    ) async throws -> ExitStatus {
        guard !playbooks.isEmpty else {
            let command = mode == .plan ? "plan" : "apply"
            throw InputError(
                "no playbook given", hints: ["name one, such as: drover \(command) playbooks/site.yml -i inventory"])
        }
        try Playbook.requireThere(playbooks)
        service.offerVaultPassword(seams)
        let sources = try inventory.resolved(seams)
        let runOptions = try runOptions(mode, seams)
        let connections = Composition.connections(connection, seams, origin: sources.flatMap { ["-i", $0] })
        let stop = StopSignal()
        let runner = PlaybookCommandRunner(
            seams: seams, format: format.format, vault: try seams.passwords.vault(connection.vault),
            isShort: short)
        let outcome = try await SignalHandling(terminal: seams.terminal, stop: stop).during {
            try await runner.run(
                playbooks, inventory: sources, options: runOptions, rolePaths: rolePaths,
                connections: connections, stop: stop)
        }
        await connections.closeAll()
        return outcome.status(mode, detailed: hasDetailedExitCode)
    }
}
