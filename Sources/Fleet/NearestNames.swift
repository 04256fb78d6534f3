/// Finds what somebody may have meant by a misspelt name. Case makes no difference.
public enum NearestNames {
    /// Those of `candidates` that are nearest to `name`: up to three that are equally far, at most a third of its letters.
    public static func of(_ name: String, among candidates: some Sequence<String>) -> [String] {
        let wanted = Array(name.lowercased().utf8)
        var allowed = max(1, wanted.count / 3)
        var found: Set<String> = []
        // A page is near to nothing.
        guard wanted.count <= longest else { return [] }
        for candidate in candidates where abs(candidate.utf8.count - wanted.count) <= allowed && candidate != name {
            let distance = distance(wanted, Array(candidate.lowercased().utf8), upTo: allowed)
            if distance < allowed { found = [] }
            if distance <= allowed { found.insert(candidate) }
            allowed = min(allowed, distance)
        }
        return Array(found.sorted().prefix(3))
    }

    private static let longest = 200

    /// `did you mean 'web' or 'web2'?`, or nothing when no name is near.
    public static func hints(for name: String, among candidates: some Sequence<String>) -> [String] {
        let near = of(name, among: candidates).map { "'\($0)'" }
        return near.isEmpty ? [] : ["did you mean \(near.joined(separator: " or "))?"]
    }

    /// Whether `name` is one slip of the keyboard away from one of `candidates`: names that differ in a digit are siblings,
    /// and short ones are near to each other without being misspelt.
    public static func isSlip(_ name: String, among candidates: some Sequence<String>) -> Bool {
        let wanted = Array(name.lowercased().utf8)
        guard wanted.count >= 4 else { return false }
        return candidates.contains { candidate in
            let other = Array(candidate.lowercased().utf8)
            return abs(other.count - wanted.count) <= 1 && distance(wanted, other, upTo: 1) <= 1
                && withoutDigits(other) != withoutDigits(wanted)
        }
    }

    private static func withoutDigits(_ name: [UInt8]) -> [UInt8] {
        name.filter { !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    }

    /// Insertions, deletions, replacements and swaps of neighbours that make `left` of `right`; beyond `limit` it stops
    /// counting.
    static func distance(_ left: [UInt8], _ right: [UInt8], upTo limit: Int) -> Int {
        var beforeLast: [Int] = []
        var last = Array(0...right.count)
        for (row, byte) in left.enumerated() {
            var current = [row + 1]
            current.reserveCapacity(right.count + 1)
            for (column, other) in right.enumerated() {
                var best = min(last[column] + (byte == other ? 0 : 1), last[column + 1] + 1, current[column] + 1)
                if row > 0, column > 0, byte == right[column - 1], left[row - 1] == other {
                    best = min(best, beforeLast[column - 1] + 1)
                }
                current.append(best)
            }
            if (current.min() ?? 0) > limit { return limit + 1 }
            (beforeLast, last) = (last, current)
        }
        return last[right.count]
    }
}
