import Fleet
import Playbooks

/// How a run ended, for people: a row a host and the sum below.
struct RecapTable {
    private let recap: Recap
    private let mode: RunOptions.Mode

    init(_ recap: Recap, _ mode: RunOptions.Mode) { (self.recap, self.mode) = (recap, mode) }

    func show(_ terminal: Terminal) {
        if !recap.hosts.isEmpty { terminal.write(table) }
        terminal.write(sum)
        if recap.isAborted { terminal.tell("the run ended before its last play") }
        if let left = recap.left { show(left, terminal) }
    }

    /// Which hosts are as they should be, which are not, and what the next run does first.
    private func show(_ left: Leftovers, _ terminal: Terminal) {
        for (word, hosts) in [("done", left.done), ("half-done", left.halfDone), ("untouched", left.untouched)]
        where !hosts.isEmpty { terminal.tell("\(word): \(NodeSet.text(hosts))") }
        let owed = left.owed.map { "\($0.name) (\(NodeSet.text($0.hosts)))" }.joined(separator: ", ")
        if !owed.isEmpty { terminal.tell("owed, and run first next time: \(owed)") }
    }

    /// Ansible's counters; in a plan also what is known only by running, which Ansible counts as skipped.
    private var table: Table {
        var table = Table("HOST", "OK", "CHANGED", "UNREACHABLE", "FAILED", "SKIPPED", "RESCUED", "IGNORED")
        if mode == .plan { table.titles += ["WOULD RUN", "UNKNOWN"] }
        for entry in recap.hosts {
            let counters = entry.counters
            var numbers = [
                counters.ok, counters.changed, counters.unreachable, counters.failed, counters.skipped,
                counters.rescued, counters.ignored,
            ]
            if mode == .plan { numbers += [counters.wouldRun, counters.unknown] }
            table.rows.append([entry.host.description] + numbers.map(String.init))
        }
        return table
    }

    private var sum: String {
        func hosts(_ counter: KeyPath<HostCounters, Int>) -> Int {
            recap.hosts.count { $0.counters[keyPath: counter] > 0 }
        }
        var parts = [recap.hosts.count.of("host")]
        parts.append("\(hosts(\.changed)) \(mode == .apply ? "changed" : "would change")")
        if mode == .plan { parts.append("\(hosts(\.wouldRun)) would run commands") }
        parts += ["\(hosts(\.failed)) failed", "\(hosts(\.unreachable)) unreachable"]
        return parts.joined(separator: ", ") + ", in \(Seconds.of(recap.elapsed)) s"
    }
}
