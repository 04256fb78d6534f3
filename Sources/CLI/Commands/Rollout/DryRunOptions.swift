import ArgumentParser
import Fleet
import Rollouts

/// Whether nothing is to be done.
struct DryRunOptions: ParsableArguments {
    @Flag(
        name: .customLong("dry-run"),
        help: "Ask hosts and balancers, show what would be done batch by batch, and change nothing.")
    var isAsked = false

    @Flag(name: .customLong("detailed-exitcode"), help: "With --dry-run: end with 2 when a host would be changed.")
    var isDetailed = false

    func validate() throws {
        if isDetailed, !isAsked { throw ValidationError("--detailed-exitcode goes with --dry-run") }
    }

    /// Shows what would be done.
    func told(
        _ work: StageWork, _ format: OutputFormat,
        _ foresee: @escaping @Sendable (StageSession) async throws -> RolloutForecast
    ) async throws -> ExitStatus {
        let forecast = try await work.watched { session in try await foresee(session) }
        await work.session.close()
        return try ForecastReport(terminal: work.reporter.terminal, format: format).tell(
            forecast, isDetailed: isDetailed)
    }
}

/// Whether somebody at a terminal is asked before a build goes to a stage that comes after another.
struct ConsentOptions: ParsableArguments {
    @Flag(name: [.customShort("y"), .customLong("yes")], help: "Go on without asking.") var isGiven = false

    /// Asks where somebody is there to answer.
    /// - Returns: Whether it may go on.
    func isAgreed(to build: BuildRecord, on site: StageSite, _ terminal: Terminal) -> Bool {
        guard site.stage.after != nil, site.stage.asks, !isGiven, terminal.isInteractive, terminal.canAsk else {
            return true
        }
        let hosts = site.pool.members.count.of("host")
        return isAgreed(
            "bring build \(build.digest.release) (\(build.name)) to \(site.stage.name), \(hosts)?", terminal)
    }

    /// The same for anything else.
    func isAgreed(_ question: String, _ terminal: Terminal) -> Bool {
        guard !isGiven, terminal.isInteractive, terminal.canAsk else { return true }
        terminal.tell("\(question) Type 'yes':")
        let isAgreed = readLine() == "yes"
        if !isAgreed { terminal.tell("nothing was done: that takes the whole word 'yes'") }
        return isAgreed
    }
}
