import Fleet
import Foundation
import Inventories
import Playbooks
import Rollouts

/// Reads playbooks and runs them, telling what happens: what `drover plan` and `drover apply` share.
struct PlaybookCommandRunner {
    let seams: Seams
    let format: OutputFormat
    let vault: Vault

    /// How a run ended.
    struct Outcome: Sendable {
        var recap: Recap

        /// The exit status of a command that did nothing else.
        func status(_ mode: RunOptions.Mode, detailed: Bool) -> ExitStatus {
            if !recap.succeeded { return .failed }
            return mode != .apply && detailed && recap.hasChanges ? .changesFound : .done
        }
    }

    /// Runs `playbooks` over the hosts of `sources`.
    ///
    /// - Parameters:
    ///   - connector: Gives the connections; the caller closes them.
    ///   - stop: Raised when the run should end after the task in hand.
    /// - Throws: ``InputError`` for whatever is wrong in inventory, playbooks or options; no host was touched then.
    func run(
        _ playbooks: [String], inventory sources: [String], options: RunOptions, rolePaths: [String] = [],
        connector: any Connector, stop: StopSignal
    ) async throws -> Outcome {
        let playbook = try Playbook.load(files: playbooks, extra: options.extra, rolePaths: rolePaths, vault: vault)
        let inventory = try Inventory.load(
            sources: sources, playbookFolder: Playbook.folder(of: playbooks), vault: vault)
        for warning in inventory.warnings { seams.terminal.warn(warning) }
        var options = options
        options.inventorySources = sources.map { $0.contains(",") ? $0 : URL(fileURLWithPath: $0).path }
        return try await run(playbook, over: inventory, options: options, connector: connector, stop: stop)
    }

    /// Runs a playbook that was read over the hosts of an inventory whose own warnings were told.
    ///
    /// - Throws: ``InputError`` for whatever is wrong between the two; no host was touched then.
    func run(
        _ playbook: Playbook, over inventory: Inventory, options: RunOptions, connector: any Connector, stop: StopSignal
    ) async throws -> Outcome {
        for warning in try playbook.review(inventory) { seams.terminal.warn(warning) }
        let hosts = try options.limit.map { try inventory.hosts(matching: "all,localhost", limit: $0) }
        try playbook.openValues(of: inventory, for: hosts ?? inventory.hosts)
        return try await run(playbook, inventory, options, connector, stop)
    }

    private func run(
        _ playbook: Playbook, _ inventory: Inventory, _ options: RunOptions, _ connector: any Connector,
        _ stop: StopSignal
    ) async throws -> Outcome {
        var options = options
        options.isStopping = { stop.wasRaised }
        let teller: any RunTelling =
            switch format {
            case .json: JSONTeller(terminal: seams.terminal)
            case .table: TableTeller(terminal: seams.terminal, mode: options.mode, showsDiffs: options.wantsDiff)
            }
        let run = PlaybookRun(playbook, inventory: inventory, connector: connector, options: options) { event in
            await teller.tell(event)
        }
        if seams.terminal.canAsk {
            // Nothing may ask during the run.
            try await Composition.unlockKeys(connector, for: await run.endpoints(), seams.terminal)
        }
        return Outcome(recap: await run.run())
    }
}

/// Shows the events of a run.
protocol RunTelling: Sendable {
    func tell(_ event: RunEvent) async
}
