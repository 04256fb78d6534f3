/// Finds what somebody may have meant.
enum Spelling {
    /// `did you mean 'x'?` for up to two of `candidates` that are near `word`.
    static func hints(for word: String, among candidates: some Sequence<String>) -> [String] {
        let near = nearest(to: word, among: candidates)
        return near.isEmpty ? [] : ["did you mean \(near.map { "'\($0)'" }.joined(separator: " or "))?"]
    }

    /// Up to two candidates within a third of the word's length, nearest first.
    static func nearest(to word: String, among candidates: some Sequence<String>) -> [String] {
        let limit = max(1, (word.utf8.count + 1) / 3)
        let target = Array(word.lowercased().utf8)
        var found: [(distance: Int, name: String)] = []
        for candidate in candidates where abs(candidate.utf8.count - target.count) <= limit && candidate != word {
            let distance = distance(target, Array(candidate.lowercased().utf8))
            if distance <= limit { found.append((distance, candidate)) }
        }
        return found.sorted { ($0.distance, $0.name) < ($1.distance, $1.name) }.prefix(2).map(\.name)
    }

    /// Edit distance, a swap of neighbours counting one.
    private static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
        var before: [Int] = []
        var previous = Array(0...right.count)
        for (row, byte) in left.enumerated() {
            var current = [row + 1]
            for (column, other) in right.enumerated() {
                var cost = min(previous[column + 1], current[column]) + 1
                cost = min(cost, previous[column] + (byte == other ? 0 : 1))
                if row > 0, column > 0, byte == right[column - 1], left[row - 1] == other {
                    cost = min(cost, before[column - 1] + 1)
                }
                current.append(cost)
            }
            before = previous
            previous = current
        }
        return previous[right.count]
    }
}
