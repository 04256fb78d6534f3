import Fleet
import Foundation
import Sampling

/// Lines as `sar` prints them: the time, what a row is about, and the figures, each in nine places.
struct SarText: Sendable {
    let report: SarReport
    /// How wide the column with the host's name is; `nil` for lines of one host, which need none.
    let hostWidth: Int?
    /// The columns for which there is room.
    let columns: [SarColumn]

    /// - Parameters:
    ///   - hosts: Whose lines stand together; with one, they are as `sar` has them.
    ///   - width: How wide lines may be; `nil` for as wide as they are.
    init(_ report: SarReport, hosts: [HostName] = [], width: Int? = nil) {
        self.report = report
        hostWidth = hosts.count < 2 ? nil : max(7, hosts.map { $0.description.count }.max() ?? 0)
        let taken = Self.timeWidth + (hostWidth.map { $0 + 1 } ?? 0) + (Self.item(report, hostWidth)?.width ?? -1) + 1
        columns = Self.fitted(report.columns, to: width.map { ($0 - taken) / Self.columnWidth })
    }

    /// The titles of those for which there is none.
    var leftOut: [String] { report.columns.map(\.title).filter { title in !columns.contains { $0.title == title } } }

    private static let timeWidth = 11
    private static let columnWidth = 10

    /// The first ones to be left out, by their number, until as many are left as there is room for.
    private static func fitted(_ columns: [SarColumn], to room: Int?) -> [SarColumn] {
        guard let room else { return columns }
        var columns = columns
        while columns.count > room, let first = columns.filter({ $0.spare > 0 }).min(by: { $0.spare < $1.spare }) {
            columns.removeAll { $0.title == first.title }
        }
        return columns
    }

    /// The word "all" tells nothing where hosts' names stand.
    private static func item(_ report: SarReport, _ hostWidth: Int?) -> (title: String, width: Int)? {
        report == .processors && hostWidth != nil ? nil : report.item
    }

    /// The line of titles, behind a time.
    func header(_ time: String) -> String {
        let item = Self.item(report, hostWidth)
        return line(time, hostWidth == nil ? "" : "HOST", item?.title ?? "", columns.map(\.title))
    }

    /// A sample's lines: one, or one for each of its disks or devices.
    func rows(_ time: String, _ sample: Sample, of host: HostName) -> [String] {
        items(of: sample).map { name, item in line(time, host.description, name, columns.map { $0.text(item) }) }
    }

    private func items(of sample: Sample) -> [(String, SarItem)] {
        switch report {
        case .disks: sample.disks.map { ($0.name, .disk($0)) }
        case .devices, .deviceErrors: sample.devices.map { ($0.name, .device($0)) }
        default: [("all", .whole(sample))]
        }
    }

    private func line(_ time: String, _ host: String, _ item: String, _ cells: [String]) -> String {
        var line = time.padding(to: Self.timeWidth)
        if let hostWidth { line += " " + host.padded(to: hostWidth) }
        if let width = Self.item(report, hostWidth)?.width { line += " " + item.padded(to: width) }
        for cell in cells { line += " " + cell.padded(to: Self.columnWidth - 1) }
        return line
    }

    /// `Linux 6.1.0-18-amd64 (ap1)  2026-12-01  _x86_64_  (2 CPU)`
    static func banner(_ host: HostName, _ machine: MachineName?, date: String) -> String {
        let release = machine.map { "\($0.system) \($0.release)" } ?? "Linux"
        let rest = machine.map { " \t_\($0.architecture)_\t(\($0.processors) CPU)" } ?? ""
        return "\(release) (\(host)) \t\(date)\(rest)"
    }
}

/// What a machine is, in `uname`'s words.
struct MachineName: Sendable, Equatable {
    var system: String
    var release: String
    var architecture: String
    /// Processors that are online.
    var processors: Int

    /// Prints what is read here: `Linux 6.1.0-18-amd64 x86_64 2`.
    static let question =
        "echo \"$(uname -s) $(uname -r) $(uname -m) $(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 0)\""

    /// What the host answered; `nil` for what is no answer.
    init?(answer: String) {
        let words = answer.split(whereSeparator: \.isWhitespace).map(String.init)
        guard words.count >= 3, let processors = Int(words.last ?? "") else { return nil }
        (system, release, architecture) = (words[0], words[1], words[words.count - 2])
        self.processors = processors
    }
}

extension String {
    /// With blanks before it, at least `width` long.
    fileprivate func padded(to width: Int) -> String { String(repeating: " ", count: max(0, width - count)) + self }

    /// With blanks behind it, at least `width` long.
    fileprivate func padding(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }
}
