import Insight

/// Where objects are kept best, as programs read it.
struct StorageAnswer: SchemaDocument {
    static let schema = DocumentSchema(
        "storage-advice", "Where objects are kept best",
        [
            .always("kind", .word(StorageKind.self), "where"),
            .always("rule", .text, "the rule that decided"),
            .always(
                "ranking",
                .list(
                    .object([
                        .always("kind", .word(StorageKind.self), "a place"),
                        .always("reason", .text, "why, or why not"),
                    ])), "every place, the best first"),
            .always(
                "figures",
                .list(
                    .object([
                        .always("name", .text, "what of"), .always("value", .number, "how much"),
                        .always("unit", .text, "in which unit"),
                    ])), "what it comes to"),
            .always("remarks", .list(.text), "what to heed"),
            .always(
                "turns",
                .list(
                    .object([
                        .always("change", .text, "what would have to be otherwise"),
                        .always("kind", .word(StorageKind.self), "what it would be then"),
                    ])), "what would change the answer, the smallest change first"),
        ])

    let kind: StorageKind
    let rule: String
    let ranking: [StorageAdvice.Choice]
    let figures: [StorageAdvice.Figure]
    let remarks: [String]
    let turns: [StorageAdvice.Turn]

    init(_ advice: StorageAdvice) {
        (kind, rule, ranking) = (advice.kind, advice.rule, advice.ranking)
        (figures, remarks, turns) = (advice.figures, advice.remarks, advice.turns)
    }

    /// For people.
    var lines: [String] {
        var lines = ["\(kind.words)", "rule: \(rule)"] + figures.map { "  \($0.message)" }
        lines += remarks.map { "heed: \($0)" }
        lines += ranking.dropFirst().map { "not \($0.kind.words): \($0.reason)" }
        return lines + turns.map { "if \($0.change): \($0.kind.words)" }
    }
}
