/// When data that grow are looked at, and how much of the permitted error each look may spend, so that looking often does
/// not add up to false alarms.
///
/// Looks come whenever the sample has doubled, and once the bake is over whenever it has grown by a quarter. Half of what a batch
/// may spend is for the looks of either kind, of which the n-th has a share of 1/(n (n + 1)); the b-th batch may spend
/// 6/(π² b²) of all. So all looks of all batches together spend no more than is permitted.
struct LookSchedule: Hashable, Sendable {
    /// How many false alarms a gate may give, of all rollouts of builds that are no worse: one in two hundred.
    static let permitted = 0.005

    /// The batch, from 0.
    let batch: Int
    /// The sample's size at the first look.
    let first: Int
    private var early = 0
    private var late = 0
    private var last = 0

    init(batch: Int, first: Int) { (self.batch, self.first) = (batch, first) }

    /// What may be spent on a look at a sample of `size`; `nil` where it is not time for one.
    ///
    /// - Parameter isDue: Whether the bake is over.
    mutating func look(at size: Int, isDue: Bool) -> Double? {
        guard size >= (isDue ? last + max(1, last / 4) : max(first, last * 2)) || (isDue && late == 0 && size > 0)
        else { return nil }
        last = size
        if isDue { late += 1 } else { early += 1 }
        let number = isDue ? late : early
        let turn = Double(batch + 1)
        return Self.permitted * 6 / (.pi * .pi * turn * turn) / 2 / Double(number * (number + 1))
    }
}
