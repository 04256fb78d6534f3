import Fleet

/// Whether a batch keeps to a share that may at most fail, or come late. Three answers: it surely does not, it seems to, or too
/// little is known.
struct ObjectiveCheck: Sendable {
    /// The share that may be beyond the limit.
    let allowed: Double
    /// How many there must be for it to pass.
    let minimum: Int
    private var schedule: LookSchedule

    /// A check of the batch of this number, from 0.
    init(allowed: Double, minimum: Int, batch: Int) {
        (self.allowed, self.minimum) = (allowed, minimum)
        schedule = LookSchedule(batch: batch, first: 5)
    }

    /// What `beyond` of `all` come to, and whether it should be looked on.
    mutating func judge(_ beyond: Int, of all: Int, isDue: Bool) -> (verdict: Verdict, isOpen: Bool) {
        if let surely = schedule.look(at: all, isDue: isDue),
            BinomialTail.bound(beyond, of: all, share: allowed) < surely
        {
            return (.fail, false)
        }
        // What may well be too much is watched on.
        let isSuspicious = Double(beyond) > allowed * Double(all)
        return (all >= minimum ? .pass : .insufficient, isSuspicious)
    }
}
