import Fleet
import Foundation
import Rollouts

/// Shows how stages do to people: the sum first, then the hosts, worst first, then what is wrong and what to do.
struct StatusReport {
    private let terminal: Terminal

    init(_ terminal: Terminal) { self.terminal = terminal }

    func show(_ answer: StageAnswer, isFirst: Bool) {
        if terminal.tables == .names { return showNames(answer) }
        if !isFirst { terminal.write("") }
        terminal.write(wrapping: "\(answer.stage): \(Self.sum(answer))") { paint($0, answer.state, answer.isAlarming) }
        for line in facts(answer) { terminal.write(wrapping: "  \(line)") }
        let table = Self.table(answer, isWide: terminal.tables == .wide)
        for (index, line) in terminal.lines(of: table.table).enumerated() {
            // The first holds the titles.
            let isRow = answer.state != .noBuild && table.rows.indices.contains(index - 1)
            terminal.write(cutting: line) { isRow ? coloured($0, table.rows[index - 1].state) : TerminalText($0) }
        }
        for line in answer.problems.lines { terminal.write(wrapping: line) }
        if !answer.next.isEmpty { terminal.write(wrapping: "next: \(answer.next.joined(separator: ", or "))") }
    }

    private func showNames(_ answer: StageAnswer) {
        for host in answer.hosts { terminal.write(host.host.description) }
    }

    // MARK: the sum

    /// `DOWN, 0 of 3 in service on lb1, lb2; at least 1 must be`
    static func sum(_ answer: StageAnswer) -> String {
        if let tiers = answer.tiers { return TierAnswer.sum(tiers, answer.state) + silence(answer) }
        return switch answer.state {
        case .up: "up, \(counts(answer))"
        case .noBuild: "no build yet, \(counts(answer))"
        case .degraded: "degraded, \(counts(answer))\(silence(answer))"
        case .belowMinimum: "BELOW ITS MINIMUM, \(counts(answer))\(bound(answer))\(silence(answer))"
        case .down where answer.inServiceOn.isEmpty: "DOWN, no balancer can be asked"
        case .down: "DOWN, \(counts(answer))\(bound(answer))\(silence(answer))"
        }
    }

    private static func counts(_ answer: StageAnswer) -> String {
        let balancers = answer.inServiceOn.sorted { $0.key < $1.key }
        if Set(balancers.map(\.value)).count < 2 {
            return "\(answer.inService) of \(answer.members) in service on \(names(balancers.map(\.key)))"
        }
        return balancers.map { "\($0.value) of \(answer.members) in service on \($0.key)" }.joined(separator: ", ")
    }

    private static func bound(_ answer: StageAnswer) -> String { "; at least \(max(1, answer.minimum)) must be" }

    private static func silence(_ answer: StageAnswer) -> String {
        answer.silentBalancers.isEmpty ? "" : "; \(names(answer.silentBalancers.keys.sorted())) cannot be asked"
    }

    private static func names(_ hosts: [String]) -> String {
        // They were read as hosts' names, and are written so again.
        NodeSet.text(hosts.compactMap { try? HostName($0) })
    }

    // MARK: the facts

    private func facts(_ answer: StageAnswer) -> [String] {
        var lines: [String] = []
        if let build = answer.build {
            lines.append("build \(BuildLabel(build, answer.buildName))")
        }
        if let run = answer.lastChange {
            let outcome = run.outcome ?? (answer.unfinished == nil ? "at work" : "unfinished")
            let build = run.build.map { " of \(BuildLabel($0, run.buildName))" } ?? ""
            lines.append(
                "last change: \(run.kind)\(build), \(outcome), \(Age.words(.seconds(answer.secondsSinceLastChange ?? 0))), by \(HistoryReport.person(run.holder)) (run \(run.run))"
            )
        }
        if let lease = answer.lease { lines.append("lease: \(lease)") }
        for balancer in answer.leftOut {
            lines.append(
                "balancer \(balancer.balancer) is left out since \(balancer.since) by \(balancer.by): \(balancer.reason); the "
                    + "next change that reaches it first makes it what the others are")
        }
        return lines
    }

    // MARK: the hosts

    private static func table(_ answer: StageAnswer, isWide: Bool) -> StatusTable {
        let silent = answer.silentBalancers.keys.sorted()
        return StatusTable(answer.hosts, isWide: isWide) { host in
            [
                answer.state == .noBuild ? "new" : word(host),
                host.release?.description ?? "-", units(host),
                traffic(host, silent),
            ]
        }
    }

    private static func word(_ host: StageAnswer.Host) -> String {
        if host.stopped != nil { return "stopped" }
        if let kept = host.keptOut { return kept.isMaintenance ? "maintenance" : "drained" }
        switch host.state {
        case .up: return "up"
        case .odd: return "up, but"
        case .unasked: return "up?"
        case .left: return "left"
        case .unknown: return "?"
        case .partly: return "partly"
        case .out: return "DOWN"
        case .off: return "OFF"
        }
    }

    private static func units(_ host: StageAnswer.Host) -> String {
        guard !host.units.isEmpty else { return "-" }
        let states = Set(host.units.values)
        if states.count == 1, let state = states.first { return state }
        let others = host.units.sorted { $0.key < $1.key }.filter { $0.value != "active" }
        return others.map { "\($0.key.hasSuffix(".service") ? String($0.key.dropLast(8)) : $0.key)=\($0.value)" }
            .joined(separator: " ")
    }

    private static func traffic(_ host: StageAnswer.Host, _ silent: [String]) -> String {
        let states = Set(host.balancers.values)
        if silent.isEmpty, states.isEmpty { return "-" }
        if silent.isEmpty, states.count == 1, let state = states.first { return state }
        let known = host.balancers.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        return (known + silent.map { "\($0)=?" }).joined(separator: " ")
    }

    // MARK: colour

    private func paint(_ text: String, _ state: FleetHealth.State, _ isAlarming: Bool) -> TerminalText {
        if isAlarming { return TerminalText(text, .bold, .red) }
        return terminal.paint(text, state == .degraded ? .yellow : .green)
    }

    private func coloured(_ line: String, _ state: FleetHealth.Host.State) -> TerminalText {
        switch state {
        case .up: TerminalText(line)
        case .odd, .unasked, .left, .unknown, .partly: terminal.paint(line, .yellow)
        case .out, .off: terminal.paint(line, .red)
        }
    }
}
