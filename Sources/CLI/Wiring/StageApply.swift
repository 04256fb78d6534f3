import Fleet
import Foundation
import Inventories
import Playbooks
import Rollouts

/// `drover plan STAGE` and `drover apply STAGE`: the stage's playbooks over its inventory, and its pool and build after
/// them, under the stage's lease.
struct StageApply {
    let file: ServiceFile
    let stage: String
    let options: PlaybookOptions
    let departures: Departures
    let mode: RunOptions.Mode
    /// Balancers to go on without, and why.
    var without: [HostName: String] = [:]
    /// How the stage's lease is asked for.
    var lock = LockTerms()

    /// The stage that the arguments of `plan` and `apply` name; `nil` when they name playbooks.
    ///
    /// One word that is no file's name, without an inventory, names a stage.
    init?(
        _ arguments: [String], _ options: PlaybookOptions, _ service: ServiceOptions, _ departures: DepartureOptions,
        _ mode: RunOptions.Mode, _ seams: Seams
    ) throws {
        guard arguments.count == 1, let name = arguments.first, options.inventory.sources.isEmpty,
            !name.contains("/"), !name.hasSuffix(".yml"), !name.hasSuffix(".yaml"),
            !FileManager.default.fileExists(atPath: name)
        else {
            try departures.refuseWithoutStage()
            return nil
        }
        file = try service.read(seams)
        stage = try file.stage(name).name
        self.options = options
        self.departures = try departures.values()
        self.mode = mode
    }

    /// Does it.
    func callAsFunction(_ seams: Seams) async throws -> ExitStatus {
        let format = options.format.format
        let runOptions = try runOptions(seams)
        let playbook = try playbook(runOptions, seams)
        let work = try await StageWork(
            file, stage: stage, options.connection, format, seams, without: without, lock: lock,
            imported: playbook.folders)
        let playbooks = try PlaybookWork(self, playbook, runOptions, work, seams)
        guard mode == .apply else { return try await plan(playbooks, work, seams.terminal) }
        guard !isPartial else {
            seams.terminal.say("only a part was asked for: pool and build are left as they are")
            let outcome = try await work.watched { session in
                try await session.changing("apply") { lease in
                    try await session.provision(under: lease) {
                        let outcome = try await playbooks.run(session.stop)
                        return (outcome, playbooks.did(outcome.recap))
                    }
                }
            }
            return outcome.status(mode, detailed: false)
        }
        let departures = departures
        let (outcome, isComplete, settings) = try await work.watched { session in
            try await StageConvergence(session, departures).apply { stop in
                let outcome = try await playbooks.run(stop)
                // A host out of reach is left out; one on which a task failed must not get traffic.
                let hasFailed = outcome.recap.isAborted || outcome.recap.hosts.contains { $0.counters.failed > 0 }
                return (outcome, !hasFailed, playbooks.did(outcome.recap))
            }
        }
        let status = settings.map(work.reporter.tellEnd) ?? .done
        if status != .done { return status }
        return await work.pruned(outcome.recap.succeeded && isComplete ? .done : .failed)
    }

    private func runOptions(_ seams: Seams) throws -> RunOptions {
        var runOptions = try options.runOptions(mode, seams)
        runOptions.inventorySources = try file.stage(stage).inventory.map { source in
            PlaybookCommandRunner.shown(file.resolve(source))
        }
        if !without.isEmpty, runOptions.limit == nil {
            // What is out of service is not worked on either.
            runOptions.limit = "all:localhost" + without.keys.sorted().map { ":!\($0)" }.joined()
        }
        return runOptions
    }

    private func playbook(_ runOptions: RunOptions, _ seams: Seams) throws -> Playbook {
        let stage = try file.stage(stage)
        guard !stage.playbooks.isEmpty else {
            throw InputError("stage \(stage.name) names no playbook", at: stage.location, hints: ["playbook: FILE"])
        }
        if let absent = file.absentPlaybook(of: stage) { throw absent }
        return try Playbook.load(
            files: stage.playbooks.map(file.resolve), extra: runOptions.extra, rolePaths: options.rolePaths,
            vault: try seams.passwords.vault(options.connection.vault))
    }

    private var isPartial: Bool {
        options.inventory.limit != nil || !options.tags.isEmpty || !options.skipTags.isEmpty
    }

    private func plan(_ playbooks: PlaybookWork, _ work: StageWork, _ terminal: Terminal) async throws -> ExitStatus {
        let site = work.session.site
        try site.checkMinimum()
        let (departures, isPartial) = (departures, isPartial)
        let (outcome, plan) = try await work.watched { session in
            let outcome = try await playbooks.run(session.stop)
            return (outcome, isPartial ? nil : try await StageConvergence(session, departures).plan())
        }
        if let plan {
            FleetReporter(terminal: terminal, format: options.format.format, site: site, isPlanned: true).tell(plan)
        }
        await work.session.close()
        let status = outcome.status(mode, detailed: options.hasDetailedExitCode)
        return status == .done && plan?.hasChanges == true && options.hasDetailedExitCode ? .changesFound : status
    }
}

/// A stage's playbooks, read and checked before anything is touched.
private struct PlaybookWork: Sendable {
    private let runner: PlaybookCommandRunner
    private let playbook: Playbook
    private let access: HostAccess
    private let options: RunOptions
    private let names: [String]

    init(
        _ apply: StageApply, _ playbook: Playbook, _ options: RunOptions, _ work: StageWork, _ seams: Seams
    ) throws {
        let vault = try seams.passwords.vault(apply.options.connection.vault)
        runner = PlaybookCommandRunner(
            seams: seams, format: apply.options.format.format, vault: vault, isShort: apply.options.short)
        access = work.access
        (self.playbook, self.options) = (playbook, options)
        names = try apply.file.stage(apply.stage).playbooks
        try playbook.decryptValues(of: access.inventory, for: access.inventory.hosts)
    }

    /// What a run did, for the journal.
    func did(_ recap: Recap) -> Provisioning {
        Provisioning(
            playbooks: names,
            hosts: recap.hosts.map { host in
                let counters = host.counters
                return Provisioning.Host(
                    host.host, ok: counters.ok, changed: counters.changed, failed: counters.failed,
                    unreachable: counters.unreachable)
            })
    }

    func run(_ stop: StopSignal) async throws -> PlaybookCommandRunner.Outcome {
        try await runner.run(
            playbook, over: access.inventory, options: options, connections: access.connections, stop: stop)
    }
}
