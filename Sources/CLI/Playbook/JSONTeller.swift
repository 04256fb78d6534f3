import Fleet
import Playbooks

/// A run as JSON: one line an event, and at the end one line with every host's counters.
struct JSONTeller: RunTelling {
    let terminal: Terminal

    func tell(_ event: RunEvent) async {
        if let failure = FailureRecord(event) { terminal.note(failure) }
        // These values always encode.
        guard let line = try? text(of: event) else { return }
        terminal.write(json: line)
    }

    private func text(of event: RunEvent) throws -> String {
        switch event {
        case .playStarted(let heading):
            try EncodedJSON.line(
                PlayLine(
                    event: "play", name: heading.name, hosts: heading.hosts, batch: heading.batch?.number,
                    batches: heading.batch?.of))
        case .playSkipped(let name, let reason):
            try EncodedJSON.line(SkipLine(event: "play_skipped", name: name, reason: reason))
        case .taskStarted(let heading):
            try EncodedJSON.line(
                TaskLine(
                    event: "task", step: heading.step, name: heading.name, module: heading.module,
                    location: heading.location.description, handler: heading.isHandler))
        case .taskFinished(let report): try EncodedJSON.line(ResultLine(report))
        case .hostUnreachable(let host, let error):
            try EncodedJSON.line(
                LostLine(event: "unreachable", host: host, message: error.message, hints: error.hints))
        case .owed(let owed):
            try EncodedJSON.line(
                OwedLine(
                    outcome: owed.outcome.rawValue,
                    handlers: owed.handlers.map { OwedLine.Handler(name: $0.name, hosts: $0.hosts) }))
        case .warning(let message): try EncodedJSON.line(SkipLine(event: "warning", name: "", reason: message))
        case .problem(let problem): try EncodedJSON.line(FailureRecord(problem))
        case .finished(let recap): try EncodedJSON.line(RecapLine(recap))
        }
    }

    private struct PlayLine: Encodable {
        var event, name: String
        var hosts: [HostName]
        var batch, batches: Int?
    }

    private struct SkipLine: Encodable {
        var event, name, reason: String
    }

    private struct TaskLine: Encodable {
        var event: String
        var step: Int
        var name, module, location: String
        var handler: Bool
    }

    private struct OwedLine: Encodable {
        struct Handler: Encodable {
            var name: String
            var hosts: [HostName]
        }

        var event = "owed_handlers"
        var outcome: String
        var handlers: [Handler]
    }

    private struct LostLine: Encodable {
        var event: String
        var host: HostName
        var message: String
        var hints: [String]
    }

    private struct ResultLine: Encodable {
        var event = "result"
        var step: Int
        var task: String
        var host: HostName
        var delegate: String?
        var outcome: TaskReport.Outcome
        var message: String?
        var status: Int?
        var command: String?
        var lastLines: [String]?
        /// Where a task that failed stands.
        var location: String?
        var hints: [String]?
        var seconds: Double
        var diffs: [DiffLine]

        init(_ report: TaskReport) {
            step = report.step
            task = report.task
            host = report.host
            delegate = report.delegate
            outcome = report.outcome
            message = report.message
            status = report.trouble?.status
            if let trouble = report.trouble {
                command = trouble.command
                lastLines = trouble.lastLines
                location = trouble.location.description
                hints = trouble.hints.isEmpty ? nil : trouble.hints
            }
            seconds = Seconds.of(report.elapsed)
            diffs = report.diffs.map { DiffLine(subject: $0.subject, before: $0.before, after: $0.after) }
        }
    }

    private struct DiffLine: Encodable {
        var subject: String
        var before, after: String?
    }

    private struct RecapLine: Encodable {
        var event = "recap"
        var hosts: [String: HostCounters]
        /// How often a plan leaves to running what a task comes to, on all hosts together.
        var wouldRun: Int
        var seconds: Double
        var aborted: Bool

        init(_ recap: Recap) {
            hosts = Dictionary(uniqueKeysWithValues: recap.hosts.map { ($0.host.description, $0.counters) })
            wouldRun = recap.wouldRun
            seconds = Seconds.of(recap.elapsed)
            aborted = recap.isAborted
        }
    }
}

/// Durations as numbers.
enum Seconds {
    /// Seconds to the millisecond.
    static func of(_ duration: Duration) -> Double {
        let (seconds, attoseconds) = duration.components
        return Double(seconds * 1000 + attoseconds / 1_000_000_000_000_000) / 1000
    }
}
