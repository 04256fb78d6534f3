/// Choices among items, in the order of Python's `itertools`.
enum Combinatorics {
    /// Every order of `size` of the items.
    /// - Throws: `.type` when they are too many to hold.
    static func permutations(_ items: [Object], _ size: Int) throws -> [[Object]] {
        guard size >= 0 else { throw TemplateError.filter("r must be non-negative") }
        guard size <= items.count else { return [] }
        var count = 1
        for left in 0..<size { count = min(count * min(items.count - left, Extent.mostItems), Extent.mostItems + 1) }
        try Extent.check(items: count, times: max(1, size))
        var rows: [[Int]] = [[]]
        for _ in 0..<size {
            rows = rows.flatMap { row in items.indices.filter { !row.contains($0) }.map { row + [$0] } }
        }
        return rows.map { $0.map { items[$0] } }
    }

    /// Every choice of `size` of the items, in their order.
    /// - Throws: `.type` when they are too many to hold.
    static func combinations(_ items: [Object], _ size: Int) throws -> [[Object]] {
        guard size >= 0 else { throw TemplateError.filter("r must be non-negative") }
        guard size <= items.count else { return [] }
        try Extent.check(items: count(items.count, size), times: max(1, size))
        var rows: [[Object]] = []
        var chosen = Array(0..<size)
        while true {
            rows.append(chosen.map { items[$0] })
            // The last place that can still move on, and all after it right behind.
            guard let place = chosen.indices.last(where: { chosen[$0] < items.count - size + $0 }) else { return rows }
            chosen[place] += 1
            for next in chosen.indices where next > place { chosen[next] = chosen[next - 1] + 1 }
        }
    }

    /// The number of choices, as far as it matters.
    private static func count(_ items: Int, _ size: Int) -> Int {
        var count: Int128 = 1
        for place in 0..<min(size, items - size) {
            count = count * Int128(items - place) / Int128(place + 1)
            if count > Int128(Extent.mostItems) { return Extent.mostItems + 1 }
        }
        return Int(clamping: count)
    }
}
