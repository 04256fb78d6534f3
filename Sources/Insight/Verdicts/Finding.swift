/// Something that one host, member or service shows: what it is short of, and the figures that say so.
struct Finding: Sendable {
    var cause: Cause
    var confidence: Confidence
    /// The host; `nil` where it is the tier's as a whole.
    var host: String?
    var evidence: [FigureEvidence]
    /// What it is short of in more words than the cause has, as `short of memory for its buffer pool`.
    var words: String?
    /// What it waits for, of a dependency.
    var waitsFor: String?

    init(
        _ cause: Cause, _ confidence: Confidence, host: String? = nil, words: String? = nil,
        waitsFor: String? = nil, evidence: [FigureEvidence]
    ) {
        self.cause = cause
        self.confidence = confidence
        self.host = host
        self.words = words
        self.waitsFor = waitsFor
        self.evidence = evidence
    }
}
