/// Patterns of file names as Python's `fnmatch` knows them.
enum FilePattern {
    /// Whether `name` as a whole is matched: `*` for anything, `?` for one character, `[…]` and `[!…]` for sets.
    static func matches(_ name: String, _ pattern: String) -> Bool {
        match(Array(name)[...], Array(pattern)[...])
    }

    private static func match(_ name: ArraySlice<Character>, _ pattern: ArraySlice<Character>) -> Bool {
        guard let first = pattern.first else { return name.isEmpty }
        if first == "*" {
            return match(name, pattern.dropFirst()) || (!name.isEmpty && match(name.dropFirst(), pattern))
        }
        guard let next = name.first else { return false }
        if first == "[", let (isMember, rest) = set(pattern, next) { return isMember && match(name.dropFirst(), rest) }
        return (first == "?" || first == next) && match(name.dropFirst(), pattern.dropFirst())
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
