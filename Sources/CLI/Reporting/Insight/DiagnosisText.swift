import Fleet
import Insight

/// What a diagnosis says to people, as lines: the sum, then for each tier that there is something to say of what says so and
/// what would mend it. The table of tiers stands between.
struct DiagnosisText {
    /// What a line is, which decides how it is drawn.
    enum Kind: Equatable { case short, healthy, doubtful, title, plain, advice, note }

    struct Line: Equatable {
        var kind: Kind
        var text: String
        /// How far its further lines are indented, where it has no room on one.
        var indent = 4
    }

    let answer: DiagnosisAnswer
    let showsArithmetic: Bool

    /// The first line.
    var sum: Line {
        let message =
            answer.message.isEmpty
            ? answer.tier.map { "\($0) is \(answer.cause.words)" } ?? answer.cause.words : answer.message
        let kind: Kind = answer.isShort ? .short : answer.cause == .healthy ? .healthy : .doubtful
        return Line(kind: kind, text: "\(answer.stage): \(message)")
    }

    /// The tiers, one a row.
    var table: Table {
        var table = Table("TIER", "VERDICT", "SURE", "HOSTS")
        for verdict in answer.verdicts {
            table.add(
                verdict.tier, Self.words(verdict), verdict.cause == .unknown ? "-" : verdict.confidence.rawValue,
                verdict.hosts.isEmpty ? "all" : verdict.hosts.joined(separator: ", "))
        }
        return table
    }

    /// What stands below the table.
    var details: [Line] {
        let told = answer.verdicts.filter { !$0.evidence.isEmpty || !$0.advice.isEmpty || !$0.missing.isEmpty }
        let ordered = told.enumerated().sorted { one, other in
            (rank(one.element), one.offset) < (rank(other.element), other.offset)
        }
        let notes = answer.notes.map { Line(kind: .note, text: "note: \($0)") }
        return ordered.flatMap { lines($0.element) } + (notes.isEmpty ? [] : [Line(kind: .plain, text: "")] + notes)
    }

    /// What is told first: the tier that the trouble comes from, then others that are short.
    private func rank(_ verdict: TierVerdict) -> Int {
        verdict.tier == answer.tier ? 0 : verdict.cause.isShortage ? 1 : verdict.cause == .healthy ? 3 : 2
    }

    /// The verdict in words, with whom it waits for.
    static func words(_ verdict: TierVerdict) -> String {
        if verdict.cause == .dependency, let other = verdict.waitsFor { return "waits for \(other)" }
        return verdict.cause.words
    }

    private func lines(_ verdict: TierVerdict) -> [Line] {
        var lines = [Line(kind: .plain, text: ""), Line(kind: .title, text: verdict.message)]
        lines += verdict.evidence.map { Line(kind: .plain, text: "  \($0.message)", indent: 2) }
        lines += verdict.also.map { Line(kind: .plain, text: "  also near: \($0.words)", indent: 2) }
        lines += verdict.missing.map { Line(kind: .plain, text: "  not seen: \($0)", indent: 2) }
        return lines + verdict.advice.flatMap(self.lines)
    }

    private func lines(_ advice: Advice) -> [Line] {
        var lines = [Line(kind: .advice, text: "  advice: \(advice.message)", indent: 2)]
        guard let estimate = advice.hosts else { return lines }
        lines.append(Line(kind: .plain, text: "    \(Self.words(estimate))", indent: 2))
        lines += estimate.assumptions.map { Line(kind: .plain, text: "    assumes: \($0)", indent: 2) }
        if showsArithmetic { lines += estimate.arithmetic.map { Line(kind: .plain, text: "    \($0)", indent: 2) } }
        return lines
    }

    /// `3 hosts now, 5 needed (4 to 6), by M/M/c`
    static func words(_ estimate: HostEstimate) -> String {
        let needed = estimate.isAtLeast ? "at least \(estimate.needed)" : "\(estimate.needed)"
        return
            "\(estimate.now.of("host")) now, \(needed) needed (\(estimate.low) to \(estimate.high)), by \(estimate.formula)"
    }
}
