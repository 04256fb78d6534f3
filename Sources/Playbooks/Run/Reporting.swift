import Fleet
import OrderedCollections
import TaskModules
import Values

/// Tasks as events tell them.
extension PlaybookRun {
    func report(_ ending: FinishedTask, _ summary: TaskSummary) -> TaskReport {
        let done = ending.done
        let skipped: TaskReport.Outcome = view.options.mode == .plan && done.wouldRun ? .wouldRun : .skipped
        let outcome: TaskReport.Outcome = summary.skipped ? skipped : summary.changed ? .changed : .ok
        let isFailed = summary.failed || summary.isUnreachable
        return TaskReport(
            step: view.step, task: ending.name, host: view.state.hosts[done.host].name,
            delegate: done.delegate?.description, outcome: outcome, isPredicted: done.isPredicted,
            location: done.task.location, message: message(done, summary),
            falseCondition: summary.skipped ? done.allResults.first?.falseCondition : nil,
            unknownUntil: summary.unknownUntil, error: isFailed ? error(done) : nil,
            command: summary.failed ? command(done) : nil, diffs: done.allResults.flatMap(\.diffs),
            items: done.isLoop ? done.results.map { item($0, done) } : [], elapsed: ending.elapsed)
    }

    private func message(_ done: HostTask, _ summary: TaskSummary) -> String? {
        if case .module(let call) = done.task.action, call.specification.name == "debug", !done.isLoop,
            let fields = done.results.first?.result.fields, let shown = fields.first(where: { $0.key != "changed" })
        {
            return shown.key == "msg" ? PlainText.of(shown.value) : "\(shown.key) = \(PlainText.of(shown.value))"
        }
        return summary.message
    }

    private func item(_ result: ItemResult, _ done: HostTask) -> TaskReport.Item {
        let outcome: TaskReport.Outcome =
            result.unknownUntil != nil
            ? .unknown
            : result.result.failed ? .failed : result.result.skipped ? .skipped : result.result.changed ? .changed : .ok
        return TaskReport.Item(
            label: result.label ?? "", outcome: outcome, message: result.result.message,
            error: error(result, done))
    }

    // MARK: Failures

    /// Why the task failed: of a loop, why the first item that failed did.
    private func error(_ done: HostTask) -> ErrorReport? {
        for result in done.allResults {
            if let error = error(result, done) { return error }
        }
        return nil
    }

    /// Why an item failed: the error that made it fail, or what its module said.
    private func error(_ result: ItemResult, _ done: HostTask) -> ErrorReport? {
        guard result.result.failed || result.isUnreachable else { return nil }
        let error = result.result.error ?? ErrorReport(.taskFailed, result.result.message ?? "failed")
        return error.located(at: ErrorPlace(done.task.location, host: view.state.hosts[done.host].name))
    }

    /// What the command of the first item that failed left: status, line, last lines of its output.
    private func command(_ done: HostTask) -> TaskReport.CommandEnd? {
        guard let fields = done.allResults.first(where: { $0.result.failed })?.result.fields else { return nil }
        var end = TaskReport.CommandEnd(lastLines: [])
        if case .int(let number)? = fields["rc"] { end.status = number }
        end.line = Self.line(fields["cmd"])
        for name in ["stdout", "stderr"] {
            let lines = (fields[name]?.text ?? "").split(separator: "\n").suffix(Self.lastLines)
            end.lastLines += lines.map(String.init)
        }
        return end.status == nil && end.line == nil && end.lastLines.isEmpty ? nil : end
    }

    private static let lastLines = 8

    /// A command as its module gives it: a line for the shell, or words.
    private static func line(_ value: Value?) -> String? {
        guard case .list(let words)? = value else { return value?.text }
        return words.map { RemoteCommand.quote(PlainText.of($0)) }.joined(separator: " ")
    }

    /// Whether `no_log` hides what the task says; a value that can't be worked out does.
    func isHidden(_ done: HostTask) -> Bool {
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
        report.isHidden = true
        report.message = nil
        report.error = report.error.map(Self.hidden)
        report.command = report.command.flatMap { end in end.status.map { .init(status: $0, lastLines: []) } }
        report.diffs = []
        report.items = report.items.map { item in
            .init(label: "", outcome: item.outcome, message: nil, error: item.error.map(Self.hidden))
        }
        return report
    }

    private static func hidden(_ error: ErrorReport) -> ErrorReport {
        ErrorReport(error.code, at: error.place, "hidden by no_log")
    }
}
