import Fleet
import Rollouts

/// A stage's hosts as rows; where there are many, those that are alike are drawn together, so that a large stage still fits
/// on a screen.
struct StatusTable {
    /// A line of the table.
    struct Row: Equatable {
        var hosts: [HostName]
        var state: FleetHealth.Host.State
        /// All but the hosts' names.
        var cells: [String]
    }

    /// From how many hosts on they are drawn together.
    static let crowd = 25

    let rows: [Row]

    /// - Parameter isWide: Whether each host has a row of its own, however many there are.
    init(_ hosts: [StageAnswer.Host], isWide: Bool = false, cells: (StageAnswer.Host) -> [String]) {
        var rows: [Row] = []
        for host in hosts {
            let row = Row(hosts: [host.host], state: host.state, cells: cells(host))
            let alike = rows.firstIndex { $0.state == row.state && $0.cells == row.cells }
            if let alike, hosts.count >= Self.crowd, !isWide {
                rows[alike].hosts += row.hosts
            } else {
                rows.append(row)
            }
        }
        self.rows = rows
    }

    /// The table for people.
    var table: Table {
        var table = Table("HOST", "STATE", "RELEASE", "UNITS", "BALANCERS")
        table.rows = rows.map { [name($0)] + $0.cells }
        return table
    }

    private func name(_ row: Row) -> String {
        guard row.hosts.count > 1 else { return row.hosts.map(\.description).joined() }
        let names = NodeSet.text(row.hosts.sorted { $0.description.count < $1.description.count || $0 < $1 })
        return "\(row.hosts.count): \(names.count > Self.width ? names.prefix(Self.width) + "…" : names)"
    }

    private static let width = 32
}

extension [StageAnswer.Problem] {
    /// Lines for people: where there are many, those that say the same are one.
    var lines: [String] {
        var lines: [(subjects: [String], message: String)] = []
        for problem in self {
            if count > 3, let same = lines.firstIndex(where: { $0.message == problem.message }) {
                lines[same].subjects.append(problem.subject)
            } else {
                lines.append(([problem.subject], problem.message))
            }
        }
        return lines.map { subjects, message in
            let shown = subjects.prefix(8).joined(separator: ", ")
            return "\(shown)\(subjects.count > 8 ? " and \(subjects.count - 8) more" : ""): \(message)"
        }
    }
}
