import Fleet

/// A run as programs read it.
struct RunAnswer: Encodable {
    let run: RunID
    let stage: String
    let kind: String
    let build: BuildDigest?
    let holder: String
    let startedAt: String
    let endedAt: String?
    let outcome: String?
    /// Why it ended so, where something went wrong and the journal here knows.
    let reason: String?

    init(_ record: RunRecord, reason: String? = nil) {
        self.reason = reason
        run = record.id
        stage = record.stage
        kind = record.kind.description
        build = record.build
        holder = record.holder
        startedAt = record.startedAt.description
        endedAt = record.endedAt?.description
        outcome = record.outcome?.description
    }
}
