public import Fleet

/// How many hosts are begun when.
public struct Pace: Sendable, Equatable {
    /// How many hosts are in hand at once, from connecting to their end; `nil` means any number. One that does not answer
    /// is in nobody's hand.
    public var inHand: Int?
    /// How many hosts wait for their connection at once, but for those that don't answer.
    public var connecting: Int
    /// How many hosts have begun and have not ended, those that don't answer among them; `nil` means any number.
    public var begun: Int?
    /// Hosts go in batches of this size: the next one begins when the last one has ended.
    public var batch: BatchSize?
    /// No further host is begun once more than so many percent of all have failed.
    public var failPercent: Int?

    /// All hosts as fast as they can be connected to, but for what is given.
    public init(inHand: Int? = nil, connecting: Int = 300, batch: BatchSize? = nil, failPercent: Int? = nil) {
        (self.inHand, self.connecting, self.batch, self.failPercent) = (inHand, connecting, batch, failPercent)
    }

    /// The same pace with at most `most` hosts that have a connection or wait for one.
    public func capped(at most: Int) -> Pace {
        var pace = self
        pace.begun = min(begun ?? .max, most)
        return pace
    }
}
