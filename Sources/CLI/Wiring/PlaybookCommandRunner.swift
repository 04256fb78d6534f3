import Fleet
import Foundation
import Inventories
import Playbooks
import Rollouts
import Values

/// Reads playbooks and runs them, telling what happens: what `drover plan` and `drover apply` share.
struct PlaybookCommandRunner {
    let seams: Seams
    let format: OutputFormat
    let vault: Vault
    /// Whether steps that change nothing, and differences, are left out of what people see.
    var isShort = false

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
    ///   - connections: The connections; the caller closes them.
    ///   - stop: Raised when the run should end after the task in hand.
    /// - Throws: ``InputError`` for whatever is wrong in inventory, playbooks or options; no host was touched then.
    func run(
        _ playbooks: [String], inventory sources: [String], options: RunOptions, rolePaths: [String] = [],
        connections: Connections, stop: StopSignal
    ) async throws -> Outcome {
        let playbook = try Playbook.load(files: playbooks, extra: options.extra, rolePaths: rolePaths, vault: vault)
        let inventory = try Inventory.load(
            sources: sources, playbookFolders: playbook.folders, vault: vault)
        seams.terminal.warn(all: inventory.warnings)
        var options = options
        options.inventorySources = sources.map(Self.shown)
        return try await run(playbook, over: inventory, options: options, connections: connections, stop: stop)
    }

    /// An inventory's source as templates see it: a list of hosts as it is written, anything else as an absolute path.
    static func shown(_ source: String) -> String {
        source.contains(",") ? source : URL(fileURLWithPath: source).path
    }

    /// Runs a playbook that was read over the hosts of an inventory whose own warnings were told.
    ///
    /// - Throws: ``InputError`` for whatever is wrong between the two; no host was touched then.
    func run(
        _ playbook: Playbook, over inventory: Inventory, options: RunOptions, connections: Connections, stop: StopSignal
    ) async throws -> Outcome {
        let warnings = try playbook.review(inventory) + playbook.review(options)
        await reporter(options).tell(warnings.map(RunEvent.warning))
        let hosts = try options.limit.map { try inventory.hosts(matching: "all,localhost", limit: $0) }
        try playbook.decryptValues(of: inventory, for: hosts ?? inventory.hosts)
        return try await run(playbook, inventory, options, connections, stop)
    }

    private func run(
        _ playbook: Playbook, _ inventory: Inventory, _ options: RunOptions, _ connections: Connections,
        _ stop: StopSignal
    ) async throws -> Outcome {
        var options = options
        options.isStopping = { stop.wasRaised }
        let reporter = reporter(options)
        let run = PlaybookRun(playbook, inventory: inventory, dialer: connections.dialer, options: options) {
            [report = seams.report] events in
            await reporter.tell(events)
            report?.note(events)
        }
        if seams.terminal.canAsk {
            // Nothing may ask during the run.
            try await connections.unlockKeys(for: await run.routes(), seams.terminal)
        }
        return Outcome(recap: await run.run())
    }

    private func reporter(_ options: RunOptions) -> any RunReporter {
        switch format {
        case .json: JSONReporter(terminal: seams.terminal)
        case .table:
            TableReporter(
                terminal: seams.terminal, mode: options.mode, showsDiffs: options.wantsDiff && !isShort,
                isShort: isShort)
        }
    }
}

/// Shows the events of a run.
protocol RunReporter: Sendable {
    /// Shows events, which have happened in this order.
    func tell(_ events: [RunEvent]) async
}
