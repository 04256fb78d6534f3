/// The time between two readings, and what counters did in it, as `sar` counts: one that went back did nothing.
struct SampleInterval {
    let seconds: Double

    init?(from: Reading, to: Reading) {
        guard to.uptime > from.uptime else { return nil }
        seconds = Double(to.uptime - from.uptime) / 100
    }

    /// How much a counter grew.
    static func growth(_ old: UInt64, _ new: UInt64) -> Double {
        new >= old ? Double(new - old) : 0
    }

    /// The growth a second; `nil` where either reading has no such counter.
    func rate(_ old: UInt64?, _ new: UInt64?) -> Double? {
        guard let old, let new else { return nil }
        return Self.growth(old, new) / seconds
    }

    /// Share of the interval that a counter of microseconds grew by, in percent.
    func share(ofMicroseconds old: UInt64?, _ new: UInt64?) -> Double? {
        rate(old, new).map { Swift.min(100, $0 / 10_000) }
    }

    /// A counter of milliseconds that the kernel keeps in 32 bits, so that it starts again after 50 days.
    static func wrappingGrowth(_ old: UInt64, _ new: UInt64) -> Double {
        if new < old, let old = UInt32(exactly: old), let new = UInt32(exactly: new) { return Double(new &- old) }
        return growth(old, new)
    }
}
