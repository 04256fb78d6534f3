/// How many hosts a batch of `serial` has.
enum BatchSize: Equatable, Sendable {
    /// So many.
    case hosts(Int)
    /// That share of all hosts, rounded down, at least one.
    case percent(Double)

    /// Reads `3` or `25%`; `nil` when it is neither.
    init?(_ text: String) {
        let text = trimmed(text)
        if text.hasSuffix("%") {
            guard let share = Double(text.dropLast()), share > 0 else { return nil }
            self = .percent(share)
        } else {
            guard let count = Int(text), count > 0 else { return nil }
            self = .hosts(count)
        }
    }

    /// The number of hosts out of `total`.
    func count(of total: Int) -> Int {
        switch self {
        case .hosts(let count): count
        case .percent(let share): max(1, min(Double(total), Double(total) * share / 100).wholePart ?? 1)
        }
    }

    /// Splits `elements` into batches; the last size goes for all that follow. No sizes: one batch.
    static func split<Element>(_ elements: [Element], sizes: [BatchSize]) -> [[Element]] {
        guard let last = sizes.last, !elements.isEmpty else { return elements.isEmpty ? [] : [elements] }
        var batches: [[Element]] = []
        var rest = elements[...]
        var index = 0
        while !rest.isEmpty {
            let size = index < sizes.count ? sizes[index] : last
            batches.append(Array(rest.prefix(size.count(of: elements.count))))
            rest = rest.dropFirst(size.count(of: elements.count))
            index += 1
        }
        return batches
    }
}
