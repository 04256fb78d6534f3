import Fleet
import Foundation
import Rollouts

/// Shows how stages do to people: the sum first, then the hosts, worst first, then what is wrong and what to do.
struct StatusReport {
    private let terminal: Terminal

    init(_ terminal: Terminal) { self.terminal = terminal }

    func show(_ answer: StageAnswer, isFirst: Bool) {
        if !isFirst { terminal.write("") }
        terminal.write(paint("\(answer.stage): \(Self.sum(answer))", answer.state, answer.isAlarming))
        for line in facts(answer) { terminal.write("  \(line)") }
        for (index, line) in table(answer).lines.enumerated() { terminal.write(coloured(line, index, answer)) }
        for problem in answer.problems { terminal.write("\(problem.subject): \(problem.message)") }
        if !answer.next.isEmpty { terminal.write("next: \(answer.next.joined(separator: ", or "))") }
    }

    // MARK: the sum

    /// `DOWN, 0 of 3 in service on lb1, lb2; at least 1 must be`
    static func sum(_ answer: StageAnswer) -> String {
        switch answer.state {
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
        HostGroup.text(hosts.compactMap { try? HostName($0) })
    }

    // MARK: the facts

    private func facts(_ answer: StageAnswer) -> [String] {
        var lines: [String] = []
        if let build = answer.build {
            lines.append("build \(build.prefix(12))" + (answer.buildName.map { " (\($0))" } ?? ""))
        }
        if let run = answer.lastChange {
            let outcome = run.outcome ?? (answer.unfinished == nil ? "at work" : "unfinished")
            let build = run.build.map { " of \($0.prefix(12))" } ?? ""
            lines.append(
                "last change: \(run.kind)\(build), \(outcome), \(Self.age(answer.secondsSinceLastChange ?? 0)), by \(run.holder) (run \(run.run))"
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

    private static func age(_ seconds: Int64) -> String {
        switch seconds {
        case ..<90: return "\(seconds) s ago"
        case ..<5400: return "\(seconds / 60) min ago"
        case ..<129_600: return "\(seconds / 3600) h ago"
        default: return "\(seconds / 86400) days ago"
        }
    }

    // MARK: the hosts

    private func table(_ answer: StageAnswer) -> Table {
        var table = Table("HOST", "STATE", "RELEASE", "UNITS", "BALANCERS")
        for host in answer.hosts {
            table.add(
                host.host.description, answer.state == .noBuild ? "new" : Self.word(host.state), host.release ?? "-",
                Self.units(host),
                Self.traffic(host, answer.silentBalancers.keys.sorted()))
        }
        return table
    }

    private static func word(_ state: FleetHealth.Host.State) -> String {
        switch state {
        case .up: "up"
        case .odd: "up, but"
        case .unasked: "up?"
        case .left: "left"
        case .unknown: "?"
        case .partly: "partly"
        case .out: "DOWN"
        case .off: "OFF"
        }
    }

    private static func units(_ host: StageAnswer.Host) -> String {
        guard !host.units.isEmpty else { return "-" }
        let others = host.units.sorted { $0.key < $1.key }.filter { $0.value != "active" }
        return others.isEmpty ? "active" : others.map { "\($0.key)=\($0.value)" }.joined(separator: " ")
    }

    private static func traffic(_ host: StageAnswer.Host, _ silent: [String]) -> String {
        let states = Set(host.balancers.values)
        if silent.isEmpty, states.count == 1, let state = states.first { return state }
        let known = host.balancers.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        return (known + silent.map { "\($0)=?" }).joined(separator: " ")
    }

    // MARK: colour

    private func paint(_ text: String, _ state: FleetHealth.State, _ isAlarming: Bool) -> TerminalText {
        if isAlarming { return TerminalText(text, .bold, .red) }
        return terminal.paint(text, state == .degraded ? .yellow : .green)
    }

    /// A line of the table; the first holds the titles.
    private func coloured(_ line: String, _ index: Int, _ answer: StageAnswer) -> TerminalText {
        guard answer.state != .noBuild, answer.hosts.indices.contains(index - 1) else { return TerminalText(line) }
        switch answer.hosts[index - 1].state {
        case .up: return TerminalText(line)
        case .odd, .unasked, .left, .unknown, .partly: return terminal.paint(line, .yellow)
        case .out, .off: return terminal.paint(line, .red)
        }
    }
}
