import Fleet
import OrderedCollections

/// Tasks as events tell them.
extension PlaybookRun {
    func report(_ ending: Ending, _ summary: TaskSummary) -> TaskReport {
        let done = ending.done
        let skipped: TaskReport.Outcome = view.options.mode == .plan && done.wouldRun ? .wouldRun : .skipped
        let outcome: TaskReport.Outcome = summary.skipped ? skipped : summary.changed ? .changed : .ok
        return TaskReport(
            step: view.step, task: ending.name, host: view.state.hosts[done.host].name,
            delegate: done.delegate?.description, outcome: outcome, isPredicted: done.isPredicted,
            message: message(done, summary),
            trouble: summary.failed ? trouble(done) : nil, diffs: done.allResults.flatMap(\.diffs),
            items: done.isLoop ? done.results.map(item) : [], elapsed: ending.elapsed)
    }

    private func message(_ done: HostTask, _ summary: TaskSummary) -> String? {
        if let step = summary.unknownUntil { return "unknown until step \(step)" }
        if case .module(let call) = done.task.action, call.specification.name == "debug", !done.isLoop,
            let fields = done.results.first?.result.fields, let shown = fields.first(where: { $0.key != "changed" })
        {
            return shown.key == "msg" ? PlainText.of(shown.value) : "\(shown.key) = \(PlainText.of(shown.value))"
        }
        if summary.skipped, let condition = done.allResults.first?.falseCondition, !condition.isEmpty {
            return "when: \(condition)"
        }
        return summary.message
    }

    private func item(_ result: ItemResult) -> TaskReport.Item {
        let outcome: TaskReport.Outcome =
            result.unknownUntil != nil
            ? .unknown
            : result.result.failed ? .failed : result.result.skipped ? .skipped : result.result.changed ? .changed : .ok
        return TaskReport.Item(label: result.label ?? "", outcome: outcome, message: result.result.message)
    }

    /// Where the task stands, and what the first item that failed left: status, command, last lines of its output.
    private func trouble(_ done: HostTask) -> TaskReport.Trouble {
        var trouble = TaskReport.Trouble(lastLines: [], location: done.task.location)
        guard let failed = done.allResults.first(where: { $0.result.failed }) else { return trouble }
        let fields = failed.result.fields
        trouble.hints = failed.hints
        if case .int(let number)? = fields["rc"] { trouble.status = number }
        trouble.command = Self.command(fields["cmd"])
        for name in ["stdout", "stderr"] {
            let lines = (fields[name]?.text ?? "").split(separator: "\n").suffix(Self.troubleLines)
            trouble.lastLines += lines.map(String.init)
        }
        return trouble
    }

    private static let troubleLines = 8

    /// A command as its module gives it: a line for the shell, or words.
    private static func command(_ value: Value?) -> String? {
        guard case .list(let words)? = value else { return value?.text }
        return words.map { RemoteCommand.quote(PlainText.of($0)) }.joined(separator: " ")
    }

    /// Whether `no_log` hides what the task says; a value that can't be worked out does.
    private func isHidden(_ done: HostTask) -> Bool {
        guard let value = done.task.settings[.noLog] else { return false }
        // As the sentence above says.
        guard let flag = try? view.evaluation.flag(value, in: view.scope(done.host, done.task.settings)) else {
            return value != .null
        }
        return flag
    }

    /// The report without what `no_log` hides.
    func censored(_ report: TaskReport, _ done: HostTask) -> TaskReport {
        guard isHidden(done) else { return report }
        var report = report
        report.message = report.message.map { _ in "hidden by no_log" }
        report.trouble = report.trouble.map { .init(status: $0.status, lastLines: [], location: $0.location) }
        report.diffs = []
        report.items = report.items.map { .init(label: "(hidden)", outcome: $0.outcome, message: nil) }
        return report
    }
}
