import Fleet
import Insight
import Rollouts

/// Shows how many hosts tiers take to people: a line for each, then how that was worked out.
struct CapacityReport {
    private let terminal: Terminal
    private let showsArithmetic: Bool

    init(_ terminal: Terminal, showsArithmetic: Bool) {
        (self.terminal, self.showsArithmetic) = (terminal, showsArithmetic)
    }

    func show(_ answer: CapacityAnswer) {
        var table = Table("TIER", "HOSTS", "USED", "N", "N+k", "ADVISED", "WITHOUT ONE", "TOO FEW UP")
        for tier in answer.tiers { table.rows.append(Self.cells(tier)) }
        for (index, line) in terminal.lines(of: table).enumerated() {
            let isShort = answer.tiers.indices.contains(index - 1) && answer.tiers[index - 1].isEnough == false
            terminal.write(cutting: line) { isShort ? terminal.paint($0, .red) : TerminalText($0) }
        }
        terminal.write(wrapping: "at least one host of the stage is down \(Odds.text(answer.anyDown)) of the time")
        for note in answer.notes { terminal.write(wrapping: "note: \(note)") }
        if showsArithmetic { for tier in answer.tiers { show(tier) } }
        terminal.tell(unasked: answer.unasked)
    }

    static func cells(_ tier: TierCapacity) -> [String] {
        let needed = tier.needed.map { ($0.isAtLeast ? ">=" : "") + "\($0.needed)" }
        return [
            tier.tier, "\(tier.hosts)", tier.utilisation?.inPercent ?? "-", needed ?? "-",
            tier.needed.map { "\($0.needed + tier.spare)" } ?? "-", tier.advised.map(String.init) ?? "-",
            tier.withoutOne?.inPercent ?? "-", tier.tooManyDown.map(Odds.text) ?? "-",
        ]
    }

    private func show(_ tier: TierCapacity) {
        terminal.write("")
        terminal.write(wrapping: tier.message) { terminal.bold($0) }
        for line in tier.arithmetic { terminal.write(wrapping: "  \(line)", indent: 2) }
        for assumption in tier.needed?.assumptions ?? [] {
            terminal.write(wrapping: "  assumes: \(assumption)", indent: 2)
        }
    }
}
