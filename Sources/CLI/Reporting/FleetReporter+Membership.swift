import Fleet
import Rollouts
import TaskModules

/// How `plan` shows who joins and leaves a pool: what each balancer is told, and the arithmetic of who serves meanwhile.
extension FleetReporter {
    /// What balancers are told: those that are told the same share a paragraph.
    func tell(_ rehearsals: [PoolRehearsal]) {
        var told: [(balancers: [HostName], rehearsal: PoolRehearsal)] = []
        for rehearsal in rehearsals where !rehearsal.parts.isEmpty {
            let place = told.firstIndex { known in
                (known.rehearsal.inService, known.rehearsal.parts, known.rehearsal.file)
                    == (rehearsal.inService, rehearsal.parts, rehearsal.file)
            }
            if let place {
                told[place].balancers.append(rehearsal.balancer)
            } else {
                told.append(([rehearsal.balancer], rehearsal))
            }
        }
        for (balancers, rehearsal) in told { tell(rehearsal, on: balancers) }
    }

    private func tell(_ rehearsal: PoolRehearsal, on balancers: [HostName]) {
        let names = balancers.map(\.description).joined(separator: ", ")
        let diff = rehearsal.file.map { file in
            DiffText.of(Diff("\(names): \(file.path)", before: file.before, after: file.after))
        }
        if format == .table {
            terminal.write("\(names): \(rehearsal.inService) in service")
            for part in rehearsal.parts {
                terminal.write("  \(part.words)")
                for command in part.commands { terminal.write("    \(command)") }
            }
            if let diff, !diff.isEmpty { terminal.write(diff: diff) }
        }
        var line = line("membership")
        (line.balancers, line.diff, line.membership) = (balancers, diff, FleetAnswer.Membership(rehearsal))
        write(line)
    }

    /// Who serves, who would, and who must.
    func tell(_ balance: FleetBalance) {
        if format == .table { terminal.write("pool \(site.pool.name): \(balance.words)") }
        var line = line("headcount")
        line.headcount = FleetAnswer.Headcount(balance)
        write(line)
    }
}

extension PoolRehearsal.Part {
    /// For people, in a line.
    var words: String {
        let what =
            switch step {
            case .admit(let member): "\(member.host) joins at \(member.address):\(member.port)"
            case .update(let member): "\(member.host) leaves, gets its release, comes back"
            case .remove(let host): "\(host) leaves"
            case .rename(let old, let member): "\(old) goes on as \(member.host)"
            }
        let meanwhile = least < after ? ", \(least) meanwhile" : ""
        return "\(what): \(after) in service\(meanwhile)"
    }
}

extension FleetBalance {
    /// The arithmetic, for people.
    var words: String {
        let leave =
            leaving.isEmpty ? "none leaves" : "\(leaving.count.counted("leaves", "leave")) (\(HostNames.few(leaving)))"
        let join = joining == 0 ? "none joins" : joining.counted("joins", "join")
        let load =
            load.cpu.map { now in ", at \(now.inPercent) CPU now and \((cpuAfter ?? now).inPercent) then" } ?? ""
        let most = capacity.map { " of \($0) %" } ?? ""
        let queue = self.load.queued > 0 ? "; \(self.load.queued.of("request")) in the queue" : ""
        return "\(inService) in service, \(leave), \(join): \(after) in the end, and at least \(floor) must stay"
            + (load.isEmpty ? "" : load + most) + queue
    }
}

extension Int {
    fileprivate func counted(_ one: String, _ many: String) -> String { "\(self) \(self == 1 ? one : many)" }
}

extension FleetAnswer {
    /// What balancers are told.
    struct Membership: Encodable {
        /// One step.
        struct Part: Encodable {
            let kind: String
            let host: HostName
            let commands: [String]
            let least: Int
            let after: Int
        }

        let inService: Int
        let steps: [Part]

        init(_ rehearsal: PoolRehearsal) {
            inService = rehearsal.inService
            steps = rehearsal.parts.map { part in
                Part(
                    kind: part.step.word, host: part.step.host, commands: part.commands, least: part.least,
                    after: part.after)
            }
        }

        static let fields: [Shape.Field] = [
            .always("inService", .integer, "members in service before"),
            .always(
                "steps",
                .list(
                    .object([
                        .always("kind", .word(["admit", "update", "remove", "rename"]), "what is done"),
                        .always("host", .text, "the host that it is about"),
                        .always("commands", .list(.text), "what the balancer is told, in its own words"),
                        .always("least", .integer, "the fewest members in service meanwhile"),
                        .always("after", .integer, "members in service afterwards"),
                    ])), "one after the other"),
        ]
    }

    /// Who serves, who would, and who must.
    struct Headcount: Encodable {
        let inService: Int
        let leaving: [HostName]
        let joining, after, floor, queued: Int
        var cpu, cpuAfter: Double?
        var capacity: Int?

        init(_ balance: FleetBalance) {
            (inService, leaving, joining) = (balance.inService, balance.leaving, balance.joining)
            (after, floor, queued) = (balance.after, balance.floor, balance.load.queued)
            (cpu, capacity) = (balance.load.cpu, balance.capacity)
            cpuAfter = balance.cpuAfter.flatMap { $0.isFinite ? $0 : nil }
        }

        static let fields: [Shape.Field] = [
            .always("inService", .integer, "members in service now"),
            .always("leaving", .list(.text), "those of them that leave for good"),
            .always("joining", .integer, "members that may be expected to join"),
            .always("after", .integer, "members in service in the end"),
            .always("floor", .integer, "how many must stay"),
            .always("queued", .integer, "requests that wait for a member"),
            .maybe(
                "cpu", .number, "how much of members' processors is in use, from 0 to 1, where `capacity:` is given"),
            .maybe("cpuAfter", .number, "how much would be in use in the end"),
            .maybe("capacity", .integer, "how many percent may be"),
        ]
    }
}

extension PoolStep {
    /// The word that programs tell it by.
    fileprivate var word: String {
        switch self {
        case .admit: "admit"
        case .update: "update"
        case .remove: "remove"
        case .rename: "rename"
        }
    }
}
