import Fleet
import SSH

/// Which hosts the installed `ssh` was needed for, why, and what that costs.
struct DetourReport {
    private let detours: [Detour]

    init(_ detours: [Detour]) { self.detours = detours }

    /// A line for each reason, hosts folded.
    var lines: [String] {
        let reasons = Dictionary(grouping: detours, by: \.reason).mapValues { $0.map(\.host) }
        return reasons.sorted { $0.key < $1.key }.map { reason, hosts in
            let names = NodeSet.text(Set(hosts).sorted { $0.description < $1.description })
            return "\(names): reached by the installed ssh, as \(reason)"
        }
    }

    /// Tells them.
    func tell(_ terminal: Terminal) {
        for line in lines { terminal.warn(line) }
        terminal.tell(hint: "that costs ssh processes and about 65 ms of CPU a host: docs/transports.md")
    }
}
