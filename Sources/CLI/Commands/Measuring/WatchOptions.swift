import ArgumentParser
import Fleet
import Insight

/// When a stage is watched: for a while from now on, or what agents kept of a time that is over.
struct WatchOptions: ParsableArguments {
    @Option(
        name: .customLong("for"),
        help: ArgumentHelp("For how long to watch, from 5s to 10m (default: 60s).", valueName: "time"),
        transform: WatchOptions.duration)
    var time: Duration?
    @OptionGroup var span: SpanOptions

    private static func duration(_ text: String) throws -> Duration {
        guard let time = Duration(written: text), (.seconds(5) ... .seconds(600)).contains(time) else {
            throw ValidationError("--for is a time from 5s to 10m, not '\(text)'")
        }
        return time
    }

    func validate() throws {
        if time != nil, span.isGiven { throw ValidationError("--for watches from now on: it excludes --from and --to") }
    }

    /// What is seen of a stage. What is wrong with flags and files is said before any host is asked; Ctrl-C ends it, and
    /// nothing is left running.
    func observe(
        _ stage: String, _ service: ServiceOptions, _ connection: ConnectionOptions, _ seams: Seams
    ) async throws -> StageObservation {
        let past = try past(.here)
        let file = try service.read(seams)
        let (site, access) = try await StageLoading(file: file, connection: connection, seams: seams).load(stage)
        let watch = StageWatch(site, access)
        try await access.connections.unlockKeys(for: watch.routes(), seams.terminal)
        let seconds = Int((time ?? .seconds(60)).components.seconds)
        let hosts = watch.tiers.hosts.count.of("host")
        let what = past == nil ? "watching \(hosts) for \(seconds) s" : "asking the agents of \(hosts)"
        return try await SignalHandling(terminal: seams.terminal).during {
            try await seams.terminal.during(what) {
                if let past { try await watch.past(past) } else { try await watch.now(seconds: seconds) }
            }
        }
    }

    /// The part of what agents kept that is meant; `nil` where hosts are watched.
    private func past(_ moments: MomentText) throws(InputError) -> HostHistory.Span? {
        guard span.isGiven else { return nil }
        var past = try span.span(moments, usual: 600)
        // As fine as it is kept: what lasted seconds counts.
        past.step = past.to - past.from <= 7200 ? 10 : 60
        return past
    }
}

extension StageObservation {
    /// Whether any host could be asked.
    var wasSeen: Bool { tiers.contains { $0.hosts.contains { $0.error == nil } } }
}
