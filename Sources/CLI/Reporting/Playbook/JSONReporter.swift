import Fleet
import Playbooks
import TaskModules

/// A run as JSON: one line an event, and at the end one line with every host's counters.
struct JSONReporter: RunReporter {
    let terminal: Terminal

    func tell(_ events: [RunEvent]) async { for event in events { tell(event) } }

    private func tell(_ event: RunEvent) {
        if let error = ErrorRecord(event) { terminal.note(error) }
        // These values always encode.
        guard let line = try? text(of: event) else { return }
        terminal.write(json: line)
    }

    private func text(of event: RunEvent) throws -> String {
        switch event {
        case .playStarted(let heading): try EncodedJSON.line(PlayLine(heading))
        case .playSkipped(let name, let reason): try EncodedJSON.line(SkipLine(name: name, reason: reason))
        case .taskStarted(let heading): try EncodedJSON.line(TaskLine(heading))
        case .taskFinished(let report):
            try EncodedJSON.line(WithError(own: ResultLine(report), error: report.error.map { ErrorFields($0) }))
        case .hostUnreachable(let host, let error):
            try EncodedJSON.line(WithError(own: LostLine(host: host), error: ErrorFields(ErrorReport(error))))
        case .owed(let owed): try EncodedJSON.line(OwedLine(owed))
        case .warning(let warning):
            try EncodedJSON.line(WithError(own: WarningLine(), error: ErrorFields(warning, as: .warning)))
        case .error(let error, let part): try EncodedJSON.line(ErrorRecord(error, in: part))
        case .finished(let recap): try EncodedJSON.line(RecapLine(recap))
        }
    }

    private struct PlayLine: PlaybookDocument {
        var event = "play"
        var name: String
        var hosts: [HostName]
        var batch, batches: Int?

        init(_ heading: PlayHeading) {
            (name, hosts) = (heading.name, heading.hosts)
            (batch, batches) = (heading.batch?.number, heading.batch?.of)
        }
    }

    private struct SkipLine: PlaybookDocument {
        var event = "play_skipped"
        var name: String
        var reason: PlaySkip
    }

    private struct TaskLine: PlaybookDocument {
        var event = "task"
        var step: Int
        var name, module, location: String
        var handler, owed: Bool

        init(_ heading: TaskHeading) {
            (step, name, module) = (heading.step, heading.name, heading.module)
            location = heading.location.description
            (handler, owed) = (heading.isHandler, heading.isOwed)
        }
    }

    private struct LostLine: PlaybookDocument {
        var event = "unreachable"
        var host: HostName
    }

    private struct WarningLine: PlaybookDocument {
        var event = "warning"
    }

    private struct OwedLine: PlaybookDocument {
        struct Handler: Encodable {
            var name: String
            var hosts: [HostName]
        }

        var event = "owed_handlers"
        var outcome: String
        var handlers: [Handler]

        init(_ owed: OwedHandlers) {
            outcome = owed.outcome.rawValue
            handlers = owed.handlers.map { Handler(name: $0.name, hosts: $0.hosts) }
        }
    }

    private struct RecapLine: PlaybookDocument {
        var event = "recap"
        var hosts: [String: HostCounters]
        /// How often a plan leaves to running what a task comes to, on all hosts together.
        var wouldRun: Int
        var seconds: Double
        var aborted: Bool
        var left: Left?

        struct Left: Encodable {
            let done, halfDone, untouched: [HostName]
            let owed: [OwedLine.Handler]

            init(_ left: Leftovers) {
                (done, halfDone, untouched) = (left.done, left.halfDone, left.untouched)
                owed = left.owed.map { .init(name: $0.name, hosts: $0.hosts) }
            }
        }

        init(_ recap: Recap) {
            left = recap.left.map(Left.init)
            hosts = Dictionary(uniqueKeysWithValues: recap.hosts.map { ($0.host.description, $0.counters) })
            wouldRun = recap.wouldRun
            seconds = Seconds.of(recap.elapsed)
            aborted = recap.isAborted
        }
    }
}

/// A line of a run of playbooks.
private protocol PlaybookDocument: SchemaDocument {}

extension PlaybookDocument {
    static var schema: DocumentSchema { PlaybookSchema.schema }
}

/// A task as it ended on one host, as programs read it; what made it fail stands beside these fields.
private struct ResultLine: PlaybookDocument {
    struct DiffLine: Encodable {
        var subject: String
        var before, after: String?
    }

    struct ItemLine: Encodable {
        var label: String
        var outcome: TaskReport.Outcome
        var message: String?
    }

    var event = "result"
    var step: Int
    var task: String
    var host: HostName
    var delegate: String?
    var outcome: TaskReport.Outcome
    /// Where the task stands; the error's own place may be another.
    var location: String
    var message: String?
    /// The condition that did not hold.
    var condition: String?
    /// The step that it waits for.
    var unknownUntil: Int?
    /// Whether `no_log` hides what it says.
    var hidden: Bool?
    var status: Int?
    var command: String?
    var lastLines: [String]?
    var seconds: Double
    var diffs: [DiffLine]
    var items: [WithError<ItemLine>]?

    init(_ report: TaskReport) {
        (step, task, host) = (report.step, report.task, report.host)
        (delegate, outcome) = (report.delegate, report.outcome)
        (location, message) = (report.location.description, report.message)
        (condition, unknownUntil) = (report.falseCondition, report.unknownUntil)
        hidden = report.isHidden ? true : nil
        (status, command, lastLines) = (report.command?.status, report.command?.line, report.command?.lastLines)
        seconds = Seconds.of(report.elapsed)
        diffs = report.diffs.map { DiffLine(subject: $0.subject, before: $0.before, after: $0.after) }
        items = report.items.isEmpty ? nil : report.items.map(Self.line)
    }

    private static func line(_ item: TaskReport.Item) -> WithError<ItemLine> {
        WithError(
            own: ItemLine(label: item.label, outcome: item.outcome, message: item.message),
            error: item.error.map { ErrorFields($0) })
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
