import Fleet
import Insight

/// What a stage is short of, as programs read it.
struct DiagnosisAnswer: SchemaDocument {
    let stage: String
    /// When it was watched.
    let from: String
    let to: String
    let cause: Cause
    let isShort: Bool
    let tier: String?
    let waitsFor: String?
    let waiting: [String]
    let message: String
    let verdicts: [TierVerdict]
    let notes: [String]
    let unasked: [UnaskedHost]

    init(_ diagnosis: StageDiagnosis, _ observation: StageObservation) {
        (stage, cause, tier, waitsFor) = (diagnosis.stage, diagnosis.cause, diagnosis.tier, diagnosis.waitsFor)
        from = Timestamp(seconds: diagnosis.window.from).description
        to = Timestamp(seconds: diagnosis.window.to).description
        isShort = diagnosis.cause.isShortage || diagnosis.verdicts.contains { $0.cause.isShortage }
        (waiting, message, verdicts, notes) = (
            diagnosis.waiting, diagnosis.message, diagnosis.verdicts, diagnosis.notes
        )
        unasked = UnaskedHost.all(in: observation)
    }
}

extension DiagnosisAnswer {
    static let schema = DocumentSchema(
        "diagnosis", "What each tier of a stage is short of, what says so and what would mend it",
        [
            .always("stage", .text, "the stage"),
            .always("from", .time, "when watching it began"),
            .always("to", .time, "and ended"),
            .always("cause", .word(Cause.self), "what the stage's trouble comes from"),
            .always("isShort", .flag, "whether some tier is short of something: `--detailed-exitcode` ends with 2"),
            .maybe("tier", .text, "the tier that it comes from, where one is known"),
            .maybe("waitsFor", .text, "what that tier waits for, where it is short of nothing itself"),
            .always("waiting", .list(.text), "tiers that wait for it"),
            .always("message", .text, "one sentence for people"),
            .always("verdicts", .list(.object(verdict)), "each tier's, from the clients to the data"),
            .always("notes", .list(.text), "what makes the figures doubtful"),
            .always("unasked", .list(.object(UnaskedHost.fields)), "hosts that could not be asked"),
        ])

    private static let verdict: [Shape.Field] = [
        .always("tier", .text, "the tier"),
        .always("role", .word(TierRole.self), "what part it plays"),
        .always("cause", .word(Cause.self), "what it is short of"),
        .always("confidence", .word(Confidence.self), "how sure that is"),
        .always("hosts", .list(.text), "the hosts it concerns; none for all of them"),
        .always("evidence", .list(.object(evidence)), "the figures that say so, the most telling first"),
        .always("advice", .list(.object(InsightShape.advice)), "what would mend it, best first"),
        .maybe("waitsFor", .text, "what it waits for: another tier, or an address"),
        .always("also", .list(.word(Cause.self)), "what else it is near to be short of"),
        .always("missing", .list(.text), "what could not be seen"),
        .always("summary", .text, "one sentence for people"),
    ]

    private static let evidence: [Shape.Field] = [
        .maybe("subject", .text, "whose figure: a host, a queue; absent: the tier's"),
        .always("figure", .text, "in the words of `sar` where it has them"),
        .always("value", .number, "how much"),
        .always("unit", .text, "what of"),
        .maybe("limit", .number, "from how much on it tells"),
        .always("window", .object(InsightShape.window), "when it was measured"),
        .maybe("remark", .text, "what it means"),
    ]
}

/// What several of Insight's values have in common as JSON.
enum InsightShape {
    static let window: [Shape.Field] = [
        .always("from", .integer, "seconds since 1970"), .always("to", .integer, "seconds since 1970"),
    ]

    static let estimate: [Shape.Field] = [
        .always("now", .integer, "hosts in service"),
        .always("needed", .integer, "how many it takes, spares included"),
        .always("low", .integer, "the fewest it may turn out to be"),
        .always("high", .integer, "the most"),
        .always("isAtLeast", .flag, "whether the true demand is hidden by the tier's being at its limit"),
        .always("formula", .text, "by name"),
        .always("assumptions", .list(.text), "what it takes for granted"),
        .always("arithmetic", .list(.text), "how it was worked out"),
    ]

    static let advice: [Shape.Field] = [
        .always("action", .word(Advice.Action.self), "what to do"),
        .always("tier", .text, "where"),
        .maybe("hosts", .object(estimate), "how many hosts, where they would help"),
        .maybe("hostsHelp", .flag, "whether more hosts would help, where that is known"),
        .always("message", .text, "one sentence for people"),
    ]
}

extension Timestamp {
    /// The moment so many seconds after the beginning of 1970.
    init(seconds: Int64) {
        let (milliseconds, isTooFar) = seconds.multipliedReportingOverflow(by: 1000)
        self.init(milliseconds: isTooFar ? 0 : milliseconds)
    }
}
