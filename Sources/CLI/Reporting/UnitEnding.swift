import Fleet
import Rollouts

extension StageReporter {
    /// Tells what was done to units, and gives the program's status.
    func tellEnd(_ report: UnitReport, _ format: OutputFormat) -> ExitStatus {
        let stage = site.stage.name
        // Plain values always encode.
        if format == .json, let line = try? EncodedJSON.line(UnitAnswer(report, stage: stage)) {
            terminal.write(json: line)
        }
        if !report.failed.isEmpty {
            let hosts = NodeSet.text(report.failed.map(\.host))
            terminal.warn("not \(report.action.done): \(hosts)")
            terminal.tell(hint: Self.wayOn(after: report, hosts, stage))
        }
        if !report.left.isEmpty { terminal.tell("not begun: \(NodeSet.text(report.left))") }
        if report.isComplete, report.action == .stop {
            let hosts = report.done.map(\.description).joined(separator: ",")
            terminal.tell(hint: "they are back with: drover start \(stage) \(hosts), or the next drover apply \(stage)")
        }
        return report.isComplete ? .done : .failed
    }

    private static func wayOn(after report: UnitReport, _ hosts: String, _ stage: String) -> String {
        report.action == .stop
            ? "see how they are: drover status \(stage)"
            : "see why: drover logs \(stage); once mended, they are back with: drover start \(stage) HOST"
    }
}

/// What was done to units, as programs read it.
struct UnitAnswer: SchemaDocument {
    static let schema = DocumentSchema(
        "units", "What `restart`, `stop` or `start` came to: their last line",
        [
            .always("event", .word(["units"]), "always the same"),
            .always("action", .word(UnitAction.self), "what was to be done"),
            .always("stage", .text, "the stage"),
            .always("run", .integer, "its number in the journal"),
            .always("done", .list(.text), "hosts that it was done to"),
            .always("failed", .list(.text), "hosts that it could not be done to"),
            .always("left", .list(.text), "hosts that were not begun"),
        ])

    let event = "units"
    let action: UnitAction
    let stage: String
    let run: RunID
    let done: [HostName]
    let failed: [HostName]
    let left: [HostName]

    init(_ report: UnitReport, stage: String) {
        (action, run, self.stage) = (report.action, report.run, stage)
        (done, failed, left) = (report.done, report.failed.map(\.host), report.left)
    }
}
