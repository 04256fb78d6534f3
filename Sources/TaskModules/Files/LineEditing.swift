import Fleet
import Values

/// What `lineinfile` does to the lines of a file.
struct LineEditing: Sendable {
    /// Where a line goes that no line gave way to.
    enum Place: Sendable {
        case beginning
        case end
        case after(PythonPattern)
        case before(PythonPattern)
    }

    /// What finds the lines that are meant.
    enum Search: Sendable {
        case pattern(PythonPattern)
        case text([UInt8])
        /// The wanted line itself.
        case line
    }

    var search: Search
    /// The line that is wanted, or that is not wanted any more.
    var line: [UInt8]
    var place: Place = .end
    /// Whether groups of the match are put into the line.
    var usesGroups = false
    /// Whether the first match counts, and not the last.
    var takesFirst = false

    /// Lines with the ends they have.
    static func lines(_ bytes: [UInt8]) -> [[UInt8]] {
        var lines: [[UInt8]] = []
        var start = 0
        for (index, byte) in bytes.enumerated() where byte == 0x0A {
            lines.append(Array(bytes[start...index]))
            start = index + 1
        }
        if start < bytes.count { lines.append(Array(bytes[start...])) }
        return lines
    }

    /// Without the lines that are found; also how many there were.
    func removing(from bytes: [UInt8]) throws(InputError) -> (bytes: [UInt8], found: Int) {
        let lines = Self.lines(bytes)
        var kept: [[UInt8]] = []
        for line in lines where try !matches(line) { kept.append(line) }
        return (Array(kept.joined()), lines.count - kept.count)
    }

    private func matches(_ current: [UInt8]) throws(InputError) -> Bool {
        switch search {
        case .pattern(let pattern): try pattern.firstMatch(in: current) != nil
        case .text(let text): current.firstRange(of: text) != nil || text.isEmpty
        case .line: Self.body(current).elementsEqual(line)
        }
    }

    /// With the line in it; also what was done, empty when nothing.
    func placing(in bytes: [UInt8]) throws(InputError) -> (bytes: [UInt8], message: String) {
        var lines = Self.lines(bytes)
        let found = try find(in: lines)
        let message: String
        if let index = found.index {
            message = try replace(&lines, at: index, found)
        } else if usesGroups {
            message = ""
        } else {
            message = insert(&lines, beside: found.neighbour)
        }
        return (Array(lines.joined()), message)
    }

    private struct Found {
        var index: Int?
        var match: PythonPattern.Match?
        /// A match of what the line is looked for by, as opposed to the line itself being there.
        var isSearched = false
        /// Where a new line goes.
        var neighbour: Int?
    }

    private func find(in lines: [[UInt8]]) throws(InputError) -> Found {
        var found = Found()
        for (number, current) in lines.enumerated() {
            switch search {
            case .pattern(let pattern):
                guard let match = try pattern.firstMatch(in: current) else { continue }
                found = Found(index: number, match: match, isSearched: true)
            case .text(let text):
                guard current.firstRange(of: text) != nil || text.isEmpty else { continue }
                found = Found(index: number, isSearched: true)
            case .line: continue
            }
            if takesFirst { break }
        }
        if !found.isSearched { try findPlace(in: lines, &found) }
        return found
    }

    /// The line itself, or the neighbour it is to stand beside.
    private func findPlace(in lines: [[UInt8]], _ found: inout Found) throws(InputError) {
        for (number, current) in lines.enumerated() {
            if Self.body(current).elementsEqual(line) {
                found.index = number
                continue
            }
            switch place {
            case .after(let pattern) where try pattern.firstMatch(in: current) != nil: found.neighbour = number + 1
            case .before(let pattern) where try pattern.firstMatch(in: current) != nil: found.neighbour = number
            default: continue
            }
            if takesFirst { break }
        }
    }

    private func replace(_ lines: inout [[UInt8]], at index: Int, _ found: Found) throws(InputError) -> String {
        var wanted = line
        if usesGroups, let match = found.match, case .pattern(let pattern) = search {
            wanted = try PatternReplacement(String(decoding: line, as: UTF8.self), for: pattern).bytes(for: match)
        }
        if wanted.last != 0x0A { wanted.append(0x0A) }
        guard lines[index] != wanted else { return "" }
        lines[index] = wanted
        return "line replaced"
    }

    private func insert(_ lines: inout [[UInt8]], beside neighbour: Int?) -> String {
        let wanted = line + [0x0A]
        if case .beginning = place {
            lines.insert(wanted, at: 0)
            return "line added"
        }
        guard let neighbour else {
            endLastLine(&lines)
            lines.append(wanted)
            return "line added"
        }
        if case .after = place, neighbour == lines.count {
            endLastLine(&lines)
            lines.append(wanted)
            return "line added"
        }
        if case .after = place, Self.body(lines[neighbour]).elementsEqual(line) { return "" }
        lines.insert(wanted, at: neighbour)
        return "line added"
    }

    private func endLastLine(_ lines: inout [[UInt8]]) {
        guard let last = lines.last?.last, last != 0x0A, last != 0x0D else { return }
        lines[lines.count - 1].append(0x0A)
    }

    private static func body(_ line: [UInt8]) -> ArraySlice<UInt8> {
        var body = line[...]
        while body.last == 0x0A || body.last == 0x0D { body.removeLast() }
        return body
    }
}
