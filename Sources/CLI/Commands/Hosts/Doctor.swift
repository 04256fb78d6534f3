import ArgumentParser
import Fleet
import Inventories

extension Drover {
    /// `drover doctor [PATTERN]`: what would go wrong, before it does.
    struct Doctor: FleetCommand {
        static let configuration = CommandConfiguration(
            abstract: "Say what is wrong with the way to hosts, and what to do about it.",
            discussion: """
                For each host, and first for each jump host on the way: does its name resolve, is its port open, does an SSH \
                server greet and share algorithms with us, is its key known, does it let us in and with what; for hosts also: \
                may we become root (-b), are the programs there that Drover calls, is there room on / and /tmp, does its \
                clock go right, how many sessions does sshd allow. Nothing is changed. Ctrl-C tells what is known by then. \
                Exit status 1 when anything is faulty.
                """)

        @Argument(help: "Which hosts: all, a group, a name, or any Ansible pattern.") var pattern = "all"
        @OptionGroup var inventory: InventoryOptions
        @OptionGroup var connection: ConnectionOptions
        @OptionGroup var become: BecomeOptions
        @OptionGroup var format: FormatOptions

        func execute(_ seams: Seams) async throws -> ExitStatus {
            let access = try Composition.hosts(inventory, connection, become: become, seams)
            let hosts = try access.inventory.hosts(matching: pattern, limit: inventory.limit)
            let endpoints = try hosts.map { try access.endpoint(of: $0) }
            try await Composition.unlockKeys(access.connector, for: endpoints, seams.terminal)
            let preflight = Preflight(
                connector: access.connector,
                privileges: try access.privileges(on: hosts, flags: become.privilege))
            let fleet = FleetCheckup(endpoints, preflight, width: connection.forks ?? 30, seams.terminal)
            let connector = access.connector
            await Interruption.cutShort(seams.terminal, saying: "stopping now; this is what is known") {
                await withTaskCancellationHandler {
                    await fleet.run()
                } onCancel: {
                    // Nothing that is asked changes anything: no answer is waited for, from however stuck a host.
                    Task { await connector.closeAll() }
                }
            }
            await connector.closeAll()
            return try conclude(fleet, seams.terminal)
        }

        private func conclude(_ fleet: FleetCheckup, _ terminal: Terminal) throws -> ExitStatus {
            let (checkups, unseen) = (fleet.checkups, fleet.unseen)
            try show(checkups, terminal)
            if !unseen.isEmpty { terminal.warn("not looked at: \(HostGroup.text(unseen))") }
            return unseen.isEmpty && checkups.allSatisfy(\.isHealthy) ? .done : .failed
        }

        private func show(_ checkups: [HostCheckup], _ terminal: Terminal) throws {
            if format.format == .json { return terminal.write(json: try EncodedJSON.pretty(checkups)) }
            var table = Table("HOST", "REACHED", "HOST KEY", "LOGIN", "BECOME", "DISK", "CLOCK", "SSHD")
            for checkup in checkups {
                let reached: [HostCheck.Subject] = [.way, .name, .port, .banner, .algorithms]
                table.add(
                    checkup.host.description + (checkup.behind.isEmpty ? "" : " (jump host)"),
                    cell(checkup, reached, showing: .port), cell(checkup, [.hostKey]),
                    cell(checkup, [.login], showing: .login), cell(checkup, [.become]),
                    cell(checkup, [.disk], showing: .disk), cell(checkup, [.clock], showing: .clock),
                    cell(checkup, [.sshd], showing: .sshd))
            }
            terminal.write(table.text())
            tell(checkups, .doubtful, terminal)
            tell(checkups, .faulty, terminal)
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
        private func tell(_ checkups: [HostCheckup], _ state: HostCheck.State, _ terminal: Terminal) {
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
                let role = behind.isEmpty ? "" : " (jump host for \(HostGroup.text(behind)))"
                let text = "\(HostGroup.text(hosts))\(role): \(check.subject.words)\(check.says)"
                if state == .faulty { terminal.tell(error: text) } else { terminal.warn(text) }
                for remedy in check.remedies { terminal.tell(hint: remedy) }
            }
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
        }
    }
}
