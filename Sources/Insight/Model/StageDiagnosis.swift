/// What a stage is short of, by tier.
public struct StageDiagnosis: Sendable, Hashable, Codable {
    /// The stage.
    public var stage: String
    /// When it was watched.
    public var window: ObservationWindow
    /// A verdict for each tier, from the clients to the data.
    public var verdicts: [TierVerdict]
    /// The tier that the stage's trouble comes from; `nil` where it has none, or nobody can say.
    public var tier: String?
    /// What that tier is short of; of the whole stage ``Cause/healthy`` or ``Cause/unknown`` where no tier is.
    public var cause: Cause
    /// What that tier waits for, where it is short of nothing itself: another tier, or an address that is no tier's.
    public var waitsFor: String?
    /// The tiers that wait for it.
    public var waiting: [String]
    /// What makes the figures doubtful.
    public var notes: [String]
    /// One sentence for people.
    public var message: String

    /// A diagnosis.
    public init(
        stage: String, window: ObservationWindow, verdicts: [TierVerdict], tier: String? = nil,
        cause: Cause = .unknown, waitsFor: String? = nil, waiting: [String] = [], notes: [String] = [],
        message: String = ""
    ) {
        self.stage = stage
        self.window = window
        self.verdicts = verdicts
        self.tier = tier
        self.cause = cause
        self.waitsFor = waitsFor
        self.waiting = waiting
        self.notes = notes
        self.message = message
    }

    /// The verdict of a tier.
    public func verdict(of tier: String) -> TierVerdict? { verdicts.first { $0.tier == tier } }
}
