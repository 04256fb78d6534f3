/// Patterns of file names as Python's `fnmatch` knows them.
enum FilePattern {
    /// Whether `name` as a whole is matched: `*` for anything, `?` for one character, `[…]` and `[!…]` for sets.
    ///
    /// Goes back to the last star alone: what earlier ones took makes no difference, and no pattern takes long.
    static func matches(_ name: String, _ pattern: String) -> Bool {
        let (name, pattern) = (Array(name), Array(pattern))
        var (place, position) = (0, 0)
        var star: (place: Int, position: Int)?
        while position < name.count {
            if place < pattern.count, pattern[place] == "*" {
                star = (place, position)
                place += 1
            } else if let next = Self.place(after: pattern[place...], name[position]) {
                (place, position) = (next, position + 1)
            } else if let last = star {
                star = (last.place, last.position + 1)
                (place, position) = (last.place + 1, last.position + 1)
            } else {
                return false
            }
        }
        return pattern[place...].allSatisfy { $0 == "*" }
    }

    /// Where the pattern goes on when its next part matches a character; `nil` when it doesn't.
    private static func place(after pattern: ArraySlice<Character>, _ character: Character) -> Int? {
        guard let first = pattern.first else { return nil }
        if first == "[", let (isMember, rest) = set(pattern, character) { return isMember ? rest.startIndex : nil }
        return first == "?" || first == character ? pattern.startIndex + 1 : nil
    }

    /// Whether a set holds `character`, and what follows the set; `nil` when the bracket is not closed.
    private static func set(
        _ pattern: ArraySlice<Character>, _ character: Character
    ) -> (Bool, ArraySlice<Character>)? {
        var rest = pattern.dropFirst()
        let isNegated = rest.first == "!"
        if isNegated { rest = rest.dropFirst() }
        guard let end = rest.dropFirst().firstIndex(of: "]") else { return nil }
        let members = Array(rest[rest.startIndex..<end])
        var isMember = false
        var index = 0
        while index < members.count {
            if index + 2 < members.count, members[index + 1] == "-" {
                isMember = isMember || (members[index] <= character && character <= members[index + 2])
                index += 3
            } else {
                isMember = isMember || members[index] == character
                index += 1
            }
        }
        return (isMember != isNegated, rest[(end + 1)...])
    }
}
