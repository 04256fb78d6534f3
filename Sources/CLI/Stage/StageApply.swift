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
    let departures: DepartureOptions.Values
    let mode: RunOptions.Mode
    /// Balancers to go on without, and why.
    var without: [HostName: String] = [:]

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
        self.departures = departures.values
        self.mode = mode
    }

    /// Does it.
    func callAsFunction(_ seams: Seams) async throws -> ExitStatus {
        let format = options.format.format
        let session = try await StageSession(
            file, stage: stage, options.connection, format, seams, without: without)
        let work = try PlaybookWork(self, session, seams)
        let convergence = StageConvergence(session, format, departures)
        guard mode == .apply else { return try await plan(work, convergence, session) }
        guard !isPartial else {
            session.terminal.say("only a part was asked for: pool and build are left as they are")
            let outcome = try await session.changing { _ in try await work.run(session.stop) }
            return outcome.status(mode, detailed: false)
        }
        let (outcome, isComplete) = try await convergence.apply { stop in
            let outcome = try await work.run(stop)
            // A host out of reach is left out; one on which a task failed must not get traffic.
            let hasFailed = outcome.recap.isAborted || outcome.recap.hosts.contains { $0.counters.failed > 0 }
            return (outcome, !hasFailed)
        }
        return outcome.recap.succeeded && isComplete ? .done : .failed
    }

    private var isPartial: Bool {
        options.inventory.limit != nil || !options.tags.isEmpty || !options.skipTags.isEmpty
    }

    private func plan(
        _ work: PlaybookWork, _ convergence: StageConvergence, _ session: StageSession
    ) async throws -> ExitStatus {
        let isPartial = isPartial
        try session.site.stage.checkMinimum(hosts: session.site.pool.members.count)
        let (outcome, hasChanges) = try await Interruption.watched(session.terminal, session.stop) {
            let outcome = try await work.run(session.stop)
            return (outcome, isPartial ? false : try await convergence.showPlan())
        }
        await session.site.close()
        let status = outcome.status(mode, detailed: options.hasDetailedExitCode)
        return status == .done && hasChanges && options.hasDetailedExitCode ? .changesFound : status
    }
}

/// A stage's playbooks, read and checked before anything is touched.
private struct PlaybookWork: Sendable {
    private let runner: PlaybookCommandRunner
    private let playbook: Playbook
    private let access: HostAccess
    private let options: RunOptions

    init(_ apply: StageApply, _ session: StageSession, _ seams: Seams) throws {
        let file = apply.file
        let vault = try seams.passwords.vault(apply.options.connection.vault)
        runner = PlaybookCommandRunner(seams: seams, format: apply.options.format.format, vault: vault)
        let playbooks = session.site.stage.playbooks.map(file.resolve)
        var options = try apply.options.runOptions(apply.mode, seams)
        if !apply.without.isEmpty, options.limit == nil {
            // What is out of service is not worked on either.
            options.limit = "all:localhost" + apply.without.keys.sorted().map { ":!\($0)" }.joined()
        }
        self.options = options
        access = session.site.access
        guard !playbooks.isEmpty else {
            throw InputError(
                "stage \(apply.stage) names no playbook", at: session.site.stage.location, hints: ["playbook: FILE"])
        }
        playbook = try Playbook.load(
            files: playbooks, extra: options.extra, rolePaths: apply.options.rolePaths, vault: vault)
        try playbook.openValues(of: access.inventory, for: access.inventory.hosts)
    }

    func run(_ stop: StopSignal) async throws -> PlaybookCommandRunner.Outcome {
        try await runner.run(
            playbook, over: access.inventory, options: options, connector: access.connector, stop: stop)
    }
}
