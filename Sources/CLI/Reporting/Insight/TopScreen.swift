import Fleet

/// Shows what a stage does: on a terminal in place of what stood there, elsewhere a block after another.
struct TopScreen: Sendable {
    private let terminal: Terminal
    private let format: OutputFormat
    private let order: TopText.Order
    private let pace: Int

    init(_ terminal: Terminal, _ format: OutputFormat, _ order: TopText.Order, pace: Int) {
        (self.terminal, self.format, self.order, self.pace) = (terminal, format, order, pace)
    }

    func show(_ answer: TopAnswer) {
        guard format == .table else {
            do {
                return terminal.write(json: try EncodedJSON.line(answer))
            } catch {
                return terminal.tell(error: "the answer cannot be written as JSON: \(error)")
            }
        }
        let isLive = terminal.output.isTerminal
        let rows = isLive ? terminal.output.size.map { $0.rows - 2 } : nil
        let lines = TopText(order: order, rows: rows).lines(answer)
        if isLive { terminal.clearScreen() }
        terminal.write(cutting: head(answer, isLive: isLive)) { terminal.bold($0) }
        for line in lines { terminal.write(cutting: line.text) { paint($0, line.kind) } }
        if !isLive { terminal.write("") }
    }

    private func head(_ answer: TopAnswer, isLive: Bool) -> String {
        let hosts = answer.tiers.reduce(0) { $0 + $1.hosts.count }
        let silent = answer.unasked.count
        return "\(answer.stage)  \(answer.at)  \(hosts.of("host"))" + (silent > 0 ? ", \(silent) cannot be asked" : "")
            + (isLive ? "  every \(pace) s until Ctrl-C" : "")
    }

    private func paint(_ text: String, _ kind: TopText.Kind) -> TerminalText {
        switch kind {
        case .tier: terminal.bold(text)
        case .silent: terminal.paint(text, .red)
        case .title: terminal.paint(text, .cyan)
        case .host, .words: TerminalText(text)
        }
    }
}
