import AdHoc
import Fleet

/// Shows what a preflight found.
struct CheckupReporter {
    let terminal: Terminal
    let format: OutputFormat
    /// The flags that say where the hosts come from.
    let origin: [String]

    /// - Parameter unseen: Hosts that nobody looked at.
    func show(_ found: [HostCheckup], unseen: [HostName]) throws {
        let checkups = found.map(named)
        switch format {
        case .json: terminal.write(json: try EncodedJSON.pretty(checkups))
        case .table:
            terminal.write(table(checkups))
            tell(checkups, .doubtful)
            tell(checkups, .faulty)
        }
        if !unseen.isEmpty { terminal.warn("not looked at: \(NodeSet.text(unseen))") }
    }

    private func named(_ checkup: HostCheckup) -> HostCheckup {
        var checkup = checkup
        for index in checkup.checks.indices {
            checkup.checks[index].remedies = checkup.checks[index].remedies.map { HintCommand.naming(origin, in: $0) }
        }
        return checkup
    }

    private func table(_ checkups: [HostCheckup]) -> Table {
        var table = Table("HOST", "REACHED", "HOST KEY", "LOGIN", "BECOME", "DISK", "CLOCK", "SSHD", "STAGE")
        // What is wrong there is told below in any case.
        table.spare = ["SSHD", "CLOCK", "DISK"]
        for checkup in checkups {
            let reached: [HostCheck.Subject] = [.way, .name, .port, .banner, .algorithms]
            table.add(
                checkup.host.description + (checkup.behind.isEmpty ? "" : " (jump host)"),
                cell(checkup, reached, showing: .port), cell(checkup, [.hostKey]),
                cell(checkup, [.login], showing: .login), cell(checkup, [.become]),
                cell(checkup, [.disk], showing: .disk), cell(checkup, [.clock], showing: .clock),
                cell(checkup, [.sshd], showing: .sshd), stageCell(checkup))
        }
        return table
    }

    /// What a stage asks of the host; `-` where nobody wanted to know.
    private func stageCell(_ checkup: HostCheckup) -> String {
        let subjects = ContractFinding.Subject.allCases.compactMap { HostCheck.Subject(rawValue: $0.rawValue) }
        return cell(checkup, subjects, showing: .balancer)
    }

    /// A table's cell: what was found when all is fine, else the state; `-` when it was not asked.
    private func cell(
        _ checkup: HostCheckup, _ subjects: [HostCheck.Subject], showing shown: HostCheck.Subject? = nil
    ) -> String {
        let checks = checkup.checks.filter { subjects.contains($0.subject) && $0.state != .unasked }
        if checks.isEmpty { return "-" }
        if checks.contains(where: { $0.state == .faulty }) { return "FAULTY" }
        let text = checks.first { $0.subject == shown }?.says ?? "fine"
        return checks.contains { $0.state == .doubtful } ? "\(shown == nil ? "doubtful" : text) (!)" : text
    }

    /// Tells every check of a state, hosts with the same trouble together.
    private func tell(_ checkups: [HostCheckup], _ state: HostCheck.State) {
        var groups: [(check: HostCheck, hosts: [HostName], behind: [HostName])] = []
        for checkup in checkups {
            for check in checkup.checks where check.state == state {
                let index = groups.firstIndex { $0.check.says == check.says && $0.behind == checkup.behind }
                if let index {
                    groups[index].hosts.append(checkup.host)
                } else {
                    groups.append((check, [checkup.host], checkup.behind))
                }
            }
        }
        for (check, hosts, behind) in groups {
            let role = behind.isEmpty ? "" : " (jump host for \(NodeSet.text(behind)))"
            let text = "\(NodeSet.text(hosts))\(role): \(check.subject.words)\(check.says)"
            if state == .faulty { terminal.tell(error: text) } else { terminal.warn(text) }
            for remedy in check.remedies { terminal.tell(hint: remedy) }
        }
    }
}

extension HostCheck.Subject {
    /// What comes before a finding that does not say itself what it is about.
    fileprivate var words: String {
        switch self {
        case .way, .name, .port, .banner, .algorithms, .hostKey, .login, .become: ""
        case .tools: "programs "
        case .disk: "disk: "
        case .clock: "clock "
        case .sshd: "sshd: "
        case .balancer, .service, .include, .socket, .frontend, .folder, .units: ""
        case .programs: "programs "
        case .room: "room: "
        }
    }
}
