import Fleet
import Rollouts

/// What is said of members that people take out of rotation and let in again.
enum HandWords {
    /// The command that lets them in.
    static func undrain(_ hosts: [HostName], _ stage: String) -> String {
        let names = hosts.count > 5 ? "HOST" : hosts.map(\.description).joined(separator: " ")
        return "drover undrain \(names) --stage \(stage)"
    }

    /// `drained`, of what was done.
    static func done(_ action: HandAction) -> String {
        switch action {
        case .drain: "drained"
        case .maintenance: "in maintenance"
        case .letIn: "in rotation"
        case .weigh(let weight): "weight \(weight)"
        }
    }
}

extension StageReporter {
    /// Tells what was done by hand, and gives the program's status.
    func tellEnd(_ report: HandReport, _ format: OutputFormat) -> ExitStatus {
        let stage = site.stage.name
        // Plain values always encode.
        if format == .json, let line = try? EncodedJSON.line(HandAnswer(report, stage: stage)) {
            terminal.write(json: line)
        }
        for (host, open) in report.open.sorted(by: { $0.key < $1.key }) {
            terminal.warn("\(host): \(open.of("session")) still open; nothing new reaches it")
        }
        for error in report.failed { terminal.show(error) }
        if !report.done.isEmpty {
            terminal.say("\(NodeSet.text(report.done)): \(HandWords.done(report.action)) on every balancer")
        }
        if report.action == .drain || report.action == .maintenance, !report.done.isEmpty {
            terminal.tell(
                hint: "out of rotation until it is let in again, whatever is rolled out: "
                    + HandWords.undrain(report.done, stage))
        }
        return report.isComplete ? .done : .failed
    }
}

/// What was done by hand, as programs read it.
struct HandAnswer: SchemaDocument {
    static let schema = DocumentSchema(
        "by-hand", "What `drain`, `undrain`, `weight` or `maintenance` came to",
        [
            .always("event", .word(["byHand"]), "always the same"),
            .always("action", .text, "`drain`, `undrain`, `weight`, `maintenance-on`, `maintenance-off`"),
            .always("stage", .text, "the stage"),
            .always("run", .integer, "its number in the journal"),
            .always("done", .list(.text), "members that it was done to"),
            .always("failed", .list(.text), "members that it could not be done to"),
            .always("open", .map(.integer), "sessions that were still open on members when nobody waited any longer"),
        ])

    let event = "byHand"
    let action: String
    let stage: String
    let run: RunID
    let done: [HostName]
    let failed: [HostName]
    let open: [String: Int]

    init(_ report: HandReport, stage: String) {
        (action, run, self.stage) = (report.action.runKind.description, report.run, stage)
        (done, failed) = (report.done, report.failed.map(\.host))
        open = Dictionary(report.open.map { ($0.key.description, $0.value) }) { first, _ in first }
    }
}

/// A line of such a run, as `drover history --run` gives it.
extension HandEntry: SchemaDocument {
    static let schema = DocumentSchema(
        "by-hand-line", "A line of what was done to a member by hand",
        [
            .always("step", .word(Step.self), "what became of it"),
            .always("host", .text, "the member"),
            .maybe("weight", .integer, "the weight it gets"),
            .maybe("reason", .text, "why, as somebody said"),
            .maybe("open", .integer, "sessions that were still open"),
            .maybe("message", .text, "why it could not be done"),
        ])

    /// For people: `ap1 begun: new disks`.
    var words: String {
        let end = message ?? open.map { "\($0.of("session")) still open" } ?? (step == .begun ? reason : nil)
        return "\(host) \(step.rawValue)" + (weight.map { ", weight \($0)" } ?? "") + (end.map { ": \($0)" } ?? "")
    }
}
