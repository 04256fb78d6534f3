import Fleet
import Playbooks

/// A run for people: one line a task with equal results of many hosts together, differences and failures below it.
actor TableTeller: RunTelling {
    private let terminal: Terminal
    private let mode: RunOptions.Mode
    private let showsDiffs: Bool
    private var task: TaskHeading?
    private var reports: [TaskReport] = []
    private var hosts = 0

    init(terminal: Terminal, mode: RunOptions.Mode, showsDiffs: Bool) {
        self.terminal = terminal
        self.mode = mode
        self.showsDiffs = showsDiffs
    }

    func tell(_ event: RunEvent) {
        switch event {
        case .playStarted(let heading):
            flush()
            hosts = heading.hosts.count
            let batch = heading.batch.map { ", batch \($0.number) of \($0.of)" } ?? ""
            terminal.write(
                paint("play", .bold) + " \(heading.name) (\(HostGroup.text(heading.hosts))\(batch))")
        case .playSkipped(let name, let reason):
            flush()
            terminal.write(paint("play", .bold) + " \(name): skipped, \(reason)")
        case .taskStarted(let heading):
            flush()
            task = heading
            terminal.show(progress: "\(heading.step). \(heading.name) (0/\(hosts))")
        case .taskFinished(let report):
            reports.append(report)
            if let task { terminal.show(progress: "\(task.step). \(task.name) (\(reports.count)/\(hosts))") }
        case .hostUnreachable(let host, let error):
            terminal.write(paint("  unreachable", .red) + " \(host): \(error.message)")
            for hint in error.hints { terminal.say("hint: \(hint)") }
        case .owed(let owed):
            flush()
            show(owed)
        case .warning(let message): terminal.warn(message)
        case .finished(let recap):
            flush()
            show(recap)
        }
    }

    // MARK: Tasks

    private func flush() {
        guard let task, !reports.isEmpty else {
            reports = []
            return
        }
        terminal.write(line(of: task))
        showTroubles()
        showMessages()
        if showsDiffs { showDiffs() }
        reports = []
        self.task = nil
    }

    private func line(of task: TaskHeading) -> String {
        let groups = Dictionary(grouping: reports, by: \.outcome)
        let shown = Self.order.compactMap { outcome -> String? in
            guard let members = groups[outcome] else { return nil }
            return paint("\(word(outcome, members)):", outcome) + " \(HostGroup.text(members.map(\.host)))"
        }
        let name = (task.isHandler ? "handler " : "") + task.name
        return "  \(task.step). \(name)  " + shown.joined(separator: "  ")
    }

    private static let order: [TaskReport.Outcome] = [
        .changed, .ok, .skipped, .unknown, .rescued, .ignored, .failed,
    ]

    private func word(_ outcome: TaskReport.Outcome, _ reports: [TaskReport]) -> String {
        switch outcome {
        case .changed: reports.contains(where: \.isPredicted) ? "would change" : "changed"
        default: outcome.rawValue
        }
    }

    private func showTroubles() {
        for report in reports where [.failed, .ignored, .rescued].contains(report.outcome) {
            let place = report.delegate.map { "\(report.host) on \($0)" } ?? report.host.description
            let status = report.trouble?.status.map { " (status \($0))" } ?? ""
            terminal.write("     " + paint("\(place):", report.outcome) + " \(report.message ?? "failed")\(status)")
            for line in report.trouble?.lastLines ?? [] where line != report.message {
                terminal.write("       | \(line)")
            }
            for item in report.items where item.outcome == .failed {
                terminal.write("       item \(item.label): \(item.message ?? "failed")")
            }
        }
    }

    /// What `debug` says, and why something is unknown; equal lines of many hosts once.
    private func showMessages() {
        let isDebug = task?.module == "debug"
        let speaking = reports.filter { report in
            report.outcome == .unknown || (isDebug && [.ok, .changed].contains(report.outcome))
        }
        for (message, hosts) in grouped(speaking, by: { $0.message ?? "" }) where !message.isEmpty {
            terminal.write("     \(HostGroup.text(hosts)): \(message)")
        }
    }

    private func showDiffs() {
        for (text, hosts) in grouped(reports, by: { $0.diffs.map(DiffText.of).joined() }) where !text.isEmpty {
            terminal.write("     \(HostGroup.text(hosts)):")
            for line in text.split(separator: "\n", omittingEmptySubsequences: false).dropLast() {
                terminal.write("     " + paint(diff: String(line)))
            }
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

    // MARK: Owed handlers

    private func show(_ owed: OwedHandlers) {
        let names = owed.handlers.map { "\($0.name) (\(HostGroup.text($0.hosts)))" }.joined(separator: ", ")
        let count = owed.handlers.count == 1 ? "1 handler" : "\(owed.handlers.count) handlers"
        switch owed.outcome {
        case .ran: terminal.write("ran \(count) owed by an earlier run: \(names)")
        case .wouldRun: terminal.write("would run \(count) owed by an earlier run: \(names)")
        case .notRun:
            terminal.warn("handlers not run: \(names)")
            terminal.say("hint: they run first when this play runs again on these hosts")
        case .gone:
            terminal.warn("owed by an earlier run, but the play has no such handlers any more: \(names)")
            terminal.say("hint: do by hand what they would have done, such as restarting a service")
        }
    }

    // MARK: Recap

    private func show(_ recap: Recap) {
        var table = Table("HOST", "OK", "CHANGED", "UNREACHABLE", "FAILED", "SKIPPED", "RESCUED", "IGNORED")
        if mode == .plan { table.titles.append("UNKNOWN") }
        for entry in recap.hosts {
            let counters = entry.counters
            var row = [entry.host.description]
            row += [
                counters.ok, counters.changed, counters.unreachable, counters.failed, counters.skipped,
                counters.rescued, counters.ignored,
            ].map(String.init)
            if mode == .plan { row.append(String(counters.unknown)) }
            table.rows.append(row)
        }
        let text = table.text()
        if !text.isEmpty { terminal.write(text) }
        let changes = recap.hosts.count { $0.counters.changed > 0 }
        let verb = mode == .apply ? "changed" : "would change"
        terminal.write(
            "\(recap.hosts.count == 1 ? "1 host" : "\(recap.hosts.count) hosts"), \(changes) \(verb), \(recap.hosts.count { $0.counters.failed > 0 }) failed, "
                + "\(recap.hosts.count { $0.counters.unreachable > 0 }) unreachable, in \(Seconds.of(recap.elapsed)) s")
        if recap.isAborted { terminal.say("the run ended before its last play") }
    }

    // MARK: Colour

    private enum Weight { case bold }

    private func paint(_ text: String, _: Weight) -> String { terminal.bold(text) }

    private func paint(_ text: String, _ colour: Terminal.Colour) -> String { terminal.paint(text, colour) }

    private func paint(_ text: String, _ outcome: TaskReport.Outcome) -> String {
        switch outcome {
        case .ok: terminal.paint(text, .green)
        case .changed: terminal.paint(text, .yellow)
        case .skipped: terminal.paint(text, .cyan)
        case .unknown, .rescued, .ignored: terminal.paint(text, .magenta)
        case .failed: terminal.paint(text, .red)
        }
    }

    private func paint(diff line: String) -> String {
        if line.hasPrefix("+") { return terminal.paint(line, .green) }
        return line.hasPrefix("-") ? terminal.paint(line, .red) : line
    }
}
