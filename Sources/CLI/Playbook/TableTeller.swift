import Fleet
import Playbooks

/// A run for people: one line a task with equal results of many hosts together, differences and failures below it.
actor TableTeller: RunTelling {
    private let terminal: Terminal
    private let mode: RunOptions.Mode
    private let showsDiffs: Bool
    private var task: TaskHeading?
    private var reports: [TaskReport] = []
    /// Hosts that were lost during the task at hand.
    private var lost: [(host: HostName, error: TransportError)] = []
    /// What went wrong beside tasks since then.
    private var problems: [RunProblem] = []
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
            terminal.write(terminal.bold("play") + " \(heading.name) (\(HostGroup.text(heading.hosts))\(batch))")
        case .playSkipped(let name, let reason):
            flush()
            terminal.write(terminal.bold("play") + " \(name): skipped, \(reason)")
        case .taskStarted(let heading):
            flush()
            task = heading
            terminal.show(progress: "\(heading.step). \(heading.name) (0/\(hosts))")
        case .taskFinished(let report):
            reports.append(report)
            if let task { terminal.show(progress: "\(task.step). \(task.name) (\(reports.count)/\(hosts))") }
        case .hostUnreachable(let host, let error): lost.append((host, error))
        case .owed(let owed):
            flush()
            show(owed)
        case .warning(let message): terminal.warn(message)
        case .problem(let problem): problems.append(problem)
        case .finished(let recap):
            flush()
            RecapTable(recap, mode).show(terminal)
        }
    }

    private func tell(_ problem: RunProblem) {
        let about = [problem.location?.description, problem.host?.description].compactMap(\.self)
        terminal.tell(
            error: problem.message, about: about.isEmpty ? nil : about.joined(separator: ": "), hints: problem.hints)
    }

    // MARK: Tasks

    private func flush() {
        if let task, !reports.isEmpty {
            terminal.write(line(of: task))
            showTroubles()
            showMessages()
            if showsDiffs { showDiffs() }
            self.task = nil
        }
        for (host, error) in lost {
            terminal.write("  " + terminal.paint("unreachable", .red) + " \(host): " + TroubleText.lines(error.message))
            for hint in error.hints { terminal.tell(hint: hint) }
        }
        for problem in problems { tell(problem) }
        (reports, lost, problems) = ([], [], [])
    }

    private func line(of task: TaskHeading) -> TerminalText {
        let groups = Dictionary(grouping: reports, by: \.outcome)
        let shown = Self.order.compactMap { outcome -> TerminalText? in
            guard let members = groups[outcome] else { return nil }
            return terminal.paint("\(word(outcome, members)):", outcome) + " \(HostGroup.text(members.map(\.host)))"
        }
        let name = (task.isHandler ? "handler " : "") + task.name
        return "  \(task.step). \(name)  " + shown.joined(separator: "  ")
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

    /// What went wrong; equal troubles of many hosts once.
    private func showTroubles() {
        var troubles: [TroubleText] = []
        for report in reports where [.failed, .ignored, .rescued].contains(report.outcome) {
            if let index = troubles.firstIndex(where: { $0.isTrouble(of: report) }) {
                troubles[index].hosts.append(report.host)
            } else {
                troubles.append(TroubleText(report))
            }
        }
        for line in troubles.flatMap({ $0.lines(terminal) }) { terminal.write(line) }
    }

    /// What `debug` says, and why something is unknown; equal lines of many hosts once.
    private func showMessages() {
        let isDebug = task?.module == "debug"
        let speaking = reports.filter { report in
            report.outcome == .unknown || (isDebug && [.ok, .changed].contains(report.outcome))
        }
        for (message, hosts) in grouped(speaking, by: { $0.message ?? "" }) where !message.isEmpty {
            terminal.write("     \(HostGroup.text(hosts)): " + TroubleText.lines(message))
        }
    }

    private func showDiffs() {
        for (text, hosts) in grouped(reports, by: { $0.diffs.map(DiffText.of).joined() }) where !text.isEmpty {
            terminal.write("     \(HostGroup.text(hosts)):")
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
        let names = owed.handlers.map { "\($0.name) (\(HostGroup.text($0.hosts)))" }.joined(separator: ", ")
        let count = owed.handlers.count == 1 ? "1 handler" : "\(owed.handlers.count) handlers"
        switch owed.outcome {
        case .ran: terminal.write("ran \(count) owed by an earlier run: \(names)")
        case .wouldRun: terminal.write("would run \(count) owed by an earlier run: \(names)")
        case .notRun:
            terminal.warn("handlers not run: \(names)")
            terminal.tell(hint: "they run first when this play runs again on these hosts")
        case .gone:
            terminal.warn("owed by an earlier run, but the play has no such handlers any more: \(names)")
            terminal.tell(hint: "do by hand what they would have done, such as restarting a service")
        }
    }
}
