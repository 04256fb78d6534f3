import Fleet
import Rollouts

/// A stage that a command works on: what it is worked on through, and who shows what happens.
struct StageWork: Sendable {
    let session: StageSession
    let reporter: StageReporter
    /// How the stage's hosts are reached.
    let access: HostAccess
    private let terminal: Terminal
    private let pruning: BuildPruning
    private let packing: PackingTerms

    /// Opens the journal and the stage; no connection is made.
    /// - Parameters:
    ///   - without: Balancers to go on without, and why.
    ///   - lock: How the stage's lease is asked for.
    ///   - imported: Folders of playbooks that the stage's own import.
    /// - Throws: ``InputError`` for what is wrong in the stage's inventory; ``JournalError``.
    init(
        _ file: ServiceFile, stage: String, _ connection: ConnectionOptions, _ format: OutputFormat, _ seams: Seams,
        without: [HostName: String] = [:], lock: LockTerms = LockTerms(), imported: [String] = []
    ) async throws {
        var (site, access) = try await StageLoading(file: file, connection: connection, seams: seams).load(
            stage, imported: imported)
        try site.leaveOut(without)
        let reporter = StageReporter(seams.terminal, format, site)
        let state = try StateChoice(file, seams)
        let shared = try Composition.sharedBuilds(file, connection, seams)
        let drivers = try Composition.drivers(
            access.connections.dialer, state, sharedBuilds: shared, seams.terminal.redactor,
            settings: Composition.settings(connection, seams))
        session = StageSession(
            site, drivers, lock: lock,
            loadStage: { name in
                try await StageLoading(file: file, connection: connection, seams: seams).load(name).0
            },
            listener: { [report = seams.report] event in
                reporter.tell(event)
                report?.note(event)
            })
        self.reporter = reporter
        self.access = access
        terminal = seams.terminal
        packing = PackingTerms(service: file.service, seams)
        pruning = Composition.pruning(drivers.journal, drivers.builds, shared, of: file, connection, seams)
    }

    /// The builds that may go to the stage; tells what is odd about one that is added.
    var builds: BuildCatalog {
        let drivers = session.drivers
        return Composition.builds(drivers.journal, drivers.builds, drivers.sharedBuilds, packing, terminal)
    }

    /// The stage with what its hosts hold taken over into the journal, and no connection left open.
    func learned() async throws -> Self {
        try await session.learn()
        await session.close()
        return self
    }

    /// Lets go of what the service's retention does not keep, after what was asked for was done; gives `status` back.
    func pruned(_ status: ExitStatus) async -> ExitStatus {
        guard status == .done else { return status }
        do {
            let report = try await pruning.keep(session.site.file.retention, of: session.site.stage.name)
            // Of others only the record was here, learnt from hosts, which tell of it again.
            let files = report.builds.filter { $0.freed > 0 || $0.freedShared != nil }
            terminal.tellPruned(runs: report.runs, builds: files.map(RemovedBuildAnswer.init))
            if let fault = report.fault {
                terminal.warn("old builds in the shared store were not let go of: \(ErrorReport(fault))")
            }
        } catch {
            // The stage is what it should be; room is another matter.
            terminal.warn("old runs and builds were not let go of: \(ErrorReport(error).message)")
        }
        return status
    }

    /// The build that `text` names; hosts, then the shared store, are asked for a digest that the journal does not know, and the
    /// shared store for a name.
    /// - Throws: as ``BuildCatalog/resolve(_:)``.
    func build(_ text: String) async throws -> BuildRecord {
        do {
            return try await terminal.during("reading \(text)") { try await builds.resolve(text, asksStore: false) }
        } catch let error as JournalError where error.code == .unknownBuild {
            if BuildCatalog.isDigest(text) { try await session.learn() }
            return try await builds.resolve(text)
        }
    }

    /// Does `work`; Ctrl-C stops it after the hosts in hand.
    func watched<Answer: Sendable>(
        _ work: @escaping @Sendable (StageSession) async throws -> Answer
    ) async throws -> Answer {
        try await SignalHandling(terminal: terminal, stop: session.stop).during {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await reporter.keepTalking() }
                defer { group.cancelAll() }
                return try await work(session)
            }
        }
    }
}
