/// Random numbers that follow from a seed, so that a case that fails can be run again: SplitMix64.
public struct Dice: RandomNumberGenerator, Sendable {
    private var state: UInt64

    /// Dice that fall as `seed` says.
    public init(_ seed: UInt64) { state = seed }

    /// The next number.
    public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// A number from 0 that is less than `limit`, which is positive.
    public mutating func below(_ limit: Int) -> Int { Int(next() % UInt64(limit)) }

    /// One of `items`, of which there are some.
    public mutating func pick<Item>(_ items: [Item]) -> Item { items[below(items.count)] }
}
