import Fleet
import Playbooks

/// A task that failed, in lines: on which hosts, why, where it stands, what it ran, what that said, and what to do.
struct TroubleText {
    private let report: TaskReport
    /// The hosts on which it failed so.
    var hosts: [HostName]

    init(_ report: TaskReport) { (self.report, hosts) = (report, [report.host]) }

    /// Whether `other` failed in the same way.
    func isTrouble(of other: TaskReport) -> Bool {
        report.outcome == other.outcome && report.message == other.message && report.trouble == other.trouble
            && report.items == other.items && report.delegate == nil && other.delegate == nil
    }

    /// The lines.
    func lines(_ terminal: Terminal) -> [TerminalText] {
        let names = report.delegate.map { "\(report.host) on \($0)" } ?? HostGroup.text(hosts)
        let status = report.trouble?.status.map { " (status \($0))" } ?? ""
        let place = report.trouble.map { ", at \($0.location)" } ?? ""
        var lines = [
            "     " + terminal.paint("\(names):", report.outcome) + " "
                + Self.lines((report.message ?? "failed") + status + place)
        ]
        if report.outcome != .ignored, let command = report.trouble?.command {
            lines.append(TerminalText("       command: \(Self.short(command))"))
        }
        for line in report.trouble?.lastLines ?? [] where line != report.message {
            lines.append(TerminalText("       | \(line)"))
        }
        for item in report.items where item.outcome == .failed {
            lines.append("       item \(item.label): " + Self.lines(item.message ?? "failed"))
        }
        for hint in report.trouble?.hints ?? [] {
            lines.append("       " + terminal.paint("hint:", .cyan) + " " + Self.lines(hint))
        }
        return lines
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
