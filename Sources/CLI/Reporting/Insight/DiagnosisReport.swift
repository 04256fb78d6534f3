import Fleet
import Insight

/// Shows what tiers are short of to people.
struct DiagnosisReport {
    private let terminal: Terminal
    private let showsArithmetic: Bool

    init(_ terminal: Terminal, showsArithmetic: Bool) {
        (self.terminal, self.showsArithmetic) = (terminal, showsArithmetic)
    }

    func show(_ answer: DiagnosisAnswer) {
        let text = DiagnosisText(answer: answer, showsArithmetic: showsArithmetic)
        write(text.sum)
        for (index, line) in terminal.lines(of: text.table).enumerated() {
            let verdicts = answer.verdicts
            let cause = verdicts.indices.contains(index - 1) ? verdicts[index - 1].cause : .healthy
            terminal.write(cutting: line) { paint($0, cause) }
        }
        for line in text.details { write(line) }
        terminal.tell(unasked: answer.unasked)
    }

    private func write(_ line: DiagnosisText.Line) {
        terminal.write(wrapping: line.text, indent: line.indent) { text in
            switch line.kind {
            case .short: terminal.paint(text, .red)
            case .healthy: terminal.paint(text, .green)
            case .doubtful: terminal.paint(text, .yellow)
            case .title: terminal.bold(text)
            case .advice: terminal.paint(text, .cyan)
            case .plain, .note: TerminalText(text)
            }
        }
    }

    private func paint(_ line: String, _ cause: Cause) -> TerminalText {
        if cause.isShortage { return terminal.paint(line, .red) }
        return cause == .dependency || cause == .unknown ? terminal.paint(line, .yellow) : TerminalText(line)
    }
}
