import AdHoc
import Fleet
import Sampling

/// Shows what became of agents, and how they do.
struct AgentReport {
    private let terminal: Terminal
    private let format: OutputFormat

    init(_ terminal: Terminal, _ options: ListFormatOptions) {
        var terminal = terminal
        terminal.tables = options.style
        (self.terminal, format) = (terminal, options.format)
    }

    /// What became of them.
    func show(_ answers: [AgentAnswer], failures: [(host: HostName, error: TransportError)]) throws -> ExitStatus {
        var table = Table("HOST", "AGENT")
        for answer in answers { table.add(answer.host.description, answer.words) }
        try terminal.show(table, or: answers, as: format)
        terminal.show(failures: failures)
        return answers.contains { $0.outcome == .failed || $0.outcome == .leftOut } ? .failed : .done
    }

    /// How they do.
    func show(
        status rows: [AgentStatusAnswer], failures: [(host: HostName, error: TransportError)], origin: [String]
    ) throws -> ExitStatus {
        var table = Table("HOST", "AGENT", "VERSION", "SAMPLED", "WEIGHT", "SAMPLES", "HISTORY")
        table.spare = ["HISTORY", "SAMPLES"]
        for row in rows { table.rows.append(row.cells) }
        try terminal.show(table, or: rows, as: format)
        terminal.show(failures: failures)
        advise(rows, origin.map(RemoteCommand.quote).joined(separator: " "))
        return rows.allSatisfy(\.isHealthy) ? .done : .failed
    }

    private func advise(_ rows: [AgentStatusAnswer], _ flags: String) {
        func pattern(_ rows: [AgentStatusAnswer]) -> String { rows.map(\.host.description).joined(separator: ",") }
        let without = rows.filter { $0.isReachable && !$0.isInstalled }
        if !without.isEmpty {
            terminal.tell(hint: "an agent comes by: drover agent install \(pattern(without)) \(flags)")
        }
        let older = rows.filter { $0.skew == .older }
        if !older.isEmpty {
            terminal.say(
                "this is drover \(ProgramVersion.text); older agents work on, and are replaced by: drover agent install "
                    + "\(pattern(older)) \(flags)")
        }
        for row in rows where row.isInstalled && !row.isHealthy {
            terminal.tell(
                hint:
                    "why \(row.host)'s does not do well: drover run \(row.host) \(flags) -b -- journalctl -u drover-agent -n 20"
            )
        }
    }
}

extension HostAnswer {
    /// Why the work failed, where it did.
    var failure: (host: HostName, error: TransportError)? {
        if case .failure(let error) = result { (host, error) } else { nil }
    }
}
