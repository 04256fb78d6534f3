import Fleet
import Playbooks

/// A run for people: one line a task with equal results of many hosts together, differences and failures below it.
actor TableReporter: RunReporter {
    private let terminal: Terminal
    private let mode: RunOptions.Mode
    private let showsDiffs: Bool
    /// Whether steps that change nothing are left out.
    private let isShort: Bool
    private var tally = ChangeTally()
    /// Steps of the play at hand that were left out.
    private var quietSteps = 0
    private var task: TaskHeading?
    private var reports: [TaskReport] = []
    /// Hosts that were lost during the task at hand.
    private var lost: [(host: HostName, error: TransportError)] = []
    /// What went wrong beside tasks since then.
    private var errors: [(error: ErrorReport, part: RunPart)] = []
    private var progress: TaskProgress
    /// Hosts that were named last.
    private var lately: (hosts: [HostName], text: String) = ([], "")

    init(terminal: Terminal, mode: RunOptions.Mode, showsDiffs: Bool, isShort: Bool = false) {
        self.terminal = terminal
        self.isShort = isShort
        self.mode = mode
        progress = TaskProgress(terminal)
        self.showsDiffs = showsDiffs
    }

    func tell(_ events: [RunEvent]) {
        for event in events { tell(event) }
        progress.show()
    }

    private func tell(_ event: RunEvent) {
        progress.note(event)
        switch event {
        case .playStarted(let heading):
            flush()
            showQuietSteps()
            let batch = heading.batch.map { ", batch \($0.number) of \($0.of)" } ?? ""
            let words = terminal.bold("play") + " \(heading.name) (\(NodeSet.text(heading.hosts))\(batch))"
            if isTalking { terminal.write(words) }
        case .playSkipped(let name, let reason):
            flush()
            terminal.write(terminal.bold("play") + " \(name): skipped, \(Self.words(reason))")
        case .taskStarted(let heading):
            flush()
            task = heading
        case .taskFinished(let report): reports.append(report)
        case .hostUnreachable(let host, let error): lost.append((host, error))
        case .owed(let owed):
            flush()
            show(owed)
        case .warning(let warning): terminal.warn(warning)
        case .error(let error, let part): errors.append((error, part))
        case .finished(let recap):
            flush()
            showQuietSteps()
            RecapTable(recap, mode).show(terminal)
            if mode == .plan, recap.succeeded, !recap.hosts.isEmpty { tally.lines.forEach { terminal.write($0) } }
        }
    }

    private static func words(_ reason: PlaySkip) -> String {
        switch reason {
        case .noHosts: "no hosts matched"
        }
    }

    private static func words(_ part: RunPart) -> String {
        switch part {
        case .play(let name): "play '\(name)' cannot run"
        default: part.name
        }
    }

    /// Whether more is wanted than what went wrong.
    private var isTalking: Bool { terminal.verbosity > .quiet }

    // MARK: Tasks

    private func flush() {
        if let task, !reports.isEmpty {
            tally.note(task, reports)
            let isQuiet = isShort && reports.allSatisfy { [.ok, .skipped].contains($0.outcome) }
            if isQuiet { quietSteps += 1 }
            if (isTalking && !isQuiet) || reports.contains(where: { $0.error != nil }) {
                terminal.write(line(of: task))
            }
            showFailures()
            showMessages()
            if showsDiffs { showDiffs() }
            self.task = nil
        }
        showLost()
        for (error, part) in errors {
            terminal.tell(error: "\(Self.words(part)): \(error.message)", about: error.subject, hints: error.hints)
        }
        (reports, lost, errors) = ([], [], [])
    }

    private func showQuietSteps() {
        if quietSteps > 0, isTalking { terminal.write("  \(quietSteps.of("step")) without a change") }
        quietSteps = 0
    }

    /// Hosts that cannot be talked to; equal reasons of many hosts once.
    private func showLost() {
        for failure in FoldedFailure.fold(lost) {
            let names = NodeSet.text(failure.hosts)
            terminal.write(
                "  " + terminal.paint("unreachable", .red) + " \(names): " + FailedTask.lines(failure.message))
            for hint in failure.hints { terminal.write(FailedTask.line(hint: hint, terminal)) }
        }
    }

    private func line(of task: TaskHeading) -> TerminalText {
        let groups = Dictionary(grouping: reports, by: \.outcome)
        let shown = Self.order.compactMap { outcome -> TerminalText? in
            guard let members = groups[outcome] else { return nil }
            return terminal.paint("\(word(outcome, members)):", outcome) + " \(text(members.map(\.host)))"
        }
        let name = (task.isHandler ? "handler " : "") + task.name + (task.isOwed ? " (owed by an earlier run)" : "")
        return "  \(task.step). \(name)  " + shown.joined(separator: "  ")
    }

    /// The hosts in few words; those of one task are mostly those of the next.
    private func text(_ hosts: [HostName]) -> String {
        if lately.hosts != hosts { lately = (hosts, NodeSet.text(hosts)) }
        return lately.text
    }

    private static let order: [TaskReport.Outcome] = [
        .changed, .wouldRun, .ok, .skipped, .unknown, .rescued, .ignored, .failed,
    ]

    private func word(_ outcome: TaskReport.Outcome, _ reports: [TaskReport]) -> String {
        switch outcome {
        case .changed: reports.contains(where: \.isPredicted) ? "would change" : "changed"
        case .wouldRun: "would run"
        default: outcome.rawValue
        }
    }

    /// What went wrong; equal failures of many hosts once.
    private func showFailures() {
        var failures: [FailedTask] = []
        for report in reports where [.failed, .ignored, .rescued].contains(report.outcome) {
            if let index = failures.firstIndex(where: { $0.isAlike(report) }) {
                failures[index].hosts.append(report.host)
            } else {
                failures.append(FailedTask(report))
            }
        }
        for line in failures.flatMap({ $0.lines(terminal) }) { terminal.write(line) }
    }

    /// What `debug` says, and why something is unknown; equal lines of many hosts once.
    private func showMessages() {
        let isDebug = task?.module == "debug"
        let speaking = reports.filter { report in
            report.outcome == .unknown || (isDebug && [.ok, .changed].contains(report.outcome))
        }
        for (message, hosts) in grouped(speaking, by: Self.said) where !message.isEmpty {
            terminal.write("     \(NodeSet.text(hosts)): " + FailedTask.lines(message))
        }
    }

    private static func said(_ report: TaskReport) -> String {
        if report.isHidden { return "hidden by no_log" }
        return report.unknownUntil.map { "unknown until step \($0)" } ?? report.message ?? ""
    }

    private func showDiffs() {
        for (text, hosts) in grouped(reports, by: { $0.diffs.map(DiffText.of).joined() }) where !text.isEmpty {
            terminal.write("     \(NodeSet.text(hosts)):")
            terminal.write(diff: text, indent: "     ")
        }
    }

    private func grouped(
        _ reports: [TaskReport], by key: (TaskReport) -> String
    ) -> [(String, [HostName])] {
        var order: [String] = []
        var members: [String: [HostName]] = [:]
        for report in reports {
            let key = key(report)
            if members[key] == nil { order.append(key) }
            members[key, default: []].append(report.host)
        }
        return order.map { ($0, members[$0] ?? []) }
    }

    private func show(_ owed: OwedHandlers) {
        let names = owed.handlers.map { "\($0.name) (\(NodeSet.text($0.hosts)))" }.joined(separator: ", ")
        let count = owed.handlers.count.of("handler")
        switch owed.outcome {
        case .ran: terminal.write("ran \(count) owed by an earlier run: \(names)")
        case .wouldRun: terminal.write("would run \(count) owed by an earlier run: \(names)")
        case .postponed:
            terminal.warn("owed by an earlier run, and failed: \(names)")
            terminal.tell(hint: "they run again after the tasks, which may mend what made them fail")
        case .notRun:
            terminal.warn("handlers not run: \(names)")
            terminal.tell(hint: "they run first when this play runs again on these hosts")
        case .gone:
            terminal.warn("owed by an earlier run, but the play has no such handlers any more: \(names)")
            terminal.tell(hint: "do by hand what they would have done, such as restarting a service")
        }
    }
}
