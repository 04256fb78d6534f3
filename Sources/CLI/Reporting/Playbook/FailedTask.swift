import Fleet
import Playbooks

/// A task that failed, in lines: on which hosts, why, where it stands, what it ran, what that said, and what to do.
struct FailedTask {
    private let report: TaskReport
    /// The hosts on which it failed so.
    var hosts: [HostName]

    init(_ report: TaskReport) { (self.report, hosts) = (report, [report.host]) }

    /// Whether `other` failed in the same way.
    func isAlike(_ other: TaskReport) -> Bool {
        report.outcome == other.outcome && Self.isAlike(report.error, other.error) && report.command == other.command
            && report.items.elementsEqual(other.items, by: Self.isAlike)
            && report.delegate == nil && other.delegate == nil
    }

    private static func isAlike(_ one: TaskReport.Item, _ other: TaskReport.Item) -> Bool {
        one.label == other.label && one.outcome == other.outcome && isAlike(one.error, other.error)
    }

    /// Whether errors differ in nothing but the host.
    private static func isAlike(_ one: ErrorReport?, _ other: ErrorReport?) -> Bool {
        guard let one, let other else { return one == nil && other == nil }
        return one.code == other.code && one.message == other.message && one.hints == other.hints
            && one.place.location == other.place.location
    }

    /// The lines.
    func lines(_ terminal: Terminal) -> [TerminalText] {
        let names = report.delegate.map { "\(report.host) on \($0)" } ?? NodeSet.text(hosts)
        let status = report.command?.status.map { " (status \($0))" } ?? ""
        var lines = [
            "     " + terminal.paint("\(names):", report.outcome) + " "
                + Self.lines(reason + status + ", at \(places.first ?? report.location)")
        ]
        lines += places.dropFirst().map { TerminalText("       in \($0)") }
        if report.outcome != .ignored, let line = report.command?.line {
            lines.append(TerminalText("       command: \(Self.short(line))"))
        }
        for line in report.command?.lastLines ?? [] where line != report.error?.message {
            lines.append(TerminalText("       | \(line)"))
        }
        return lines + (report.items.isEmpty ? hints(of: report.error, terminal) : items(terminal))
    }

    private var reason: String {
        let failed = report.items.count { $0.outcome == .failed }
        guard failed > 0, !report.isHidden else { return report.error?.message ?? "failed" }
        return "\(failed) of \(report.items.count) items failed"
    }

    /// Where it stands, and where the cause does when that is elsewhere. A cause within the task says where that is.
    private var places: [SourceLocation] {
        guard report.items.isEmpty, let cause = report.error?.place.location, cause != report.location else {
            return [report.location]
        }
        let isWithin = cause.file == report.location.file && cause.line >= report.location.line
        return isWithin ? [cause] : [report.location, cause]
    }

    private func items(_ terminal: Terminal) -> [TerminalText] {
        if report.isHidden { return [] }
        return report.items.filter { $0.outcome == .failed }.flatMap { item in
            let place = item.error?.place.location.flatMap { $0 == report.location ? nil : ", at \($0)" } ?? ""
            let reason = Self.lines((item.error?.message ?? "failed") + place)
            return ["       item \(item.label): " + reason] + hints(of: item.error, terminal)
        }
    }

    private func hints(of error: ErrorReport?, _ terminal: Terminal) -> [TerminalText] {
        (error?.hints ?? []).map { Self.line(hint: $0, terminal) }
    }

    /// A hint below a failure.
    static func line(hint: String, _ terminal: Terminal) -> TerminalText {
        "       " + terminal.paint("hint:", .cyan) + " " + lines(hint)
    }

    /// A message of several lines, those after the first indented.
    static func lines(_ message: String) -> TerminalText {
        TerminalText(lines: message, indent: String(repeating: " ", count: 9))
    }

    /// Enough of a command to know which one it is.
    private static func short(_ command: String) -> String {
        command.count > longest ? command.prefix(longest) + "…" : command
    }

    private static let longest = 200
}

extension Terminal {
    /// `text` in the colour of an outcome.
    func paint(_ text: String, _ outcome: TaskReport.Outcome) -> TerminalText {
        switch outcome {
        case .ok: paint(text, .green)
        case .changed, .wouldRun: paint(text, .yellow)
        case .skipped: paint(text, .cyan)
        case .unknown, .rescued, .ignored: paint(text, .magenta)
        case .failed: paint(text, .red)
        }
    }

    /// Writes a unified diff, each line behind `indent`.
    func write(diff text: String, indent: String = "") {
        for line in text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).dropLast() {
            write(indent + paint(diff: String(Substring(line))))
        }
    }

    private func paint(diff line: String) -> TerminalText {
        if line.hasPrefix("+") { return paint(line, .green) }
        return line.hasPrefix("-") ? paint(line, .red) : TerminalText(line)
    }
}
