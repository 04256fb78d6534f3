extension Sample {
    /// The means over intervals of `step` seconds, each of which ends at a multiple of it; in order of time.
    public static func grouped(_ samples: [Sample], by step: Int64) -> [Sample] {
        guard step > 1 else { return samples }
        // A sample belongs to the interval that its end lies in, the interval's own end included.
        let groups = Dictionary(grouping: samples) { ($0.time &- 1) / step }
        return groups.keys.sorted().compactMap { key in groups[key].flatMap(mean) }
    }
}
