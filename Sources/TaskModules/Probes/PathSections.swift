import Fleet
import Values

/// `stat` of many paths.
struct StatSection: ProbeSection {
    let paths: [String]
    let followsLinks: Bool

    var name: String { followsLinks ? "stat -L" : "stat" }

    /// The fields of one record, before the quoted name.
    static let format = "%f %h %u %g %U %G %s %i %d %b %o %.9X %.9Y %.9Z "

    var lines: [String] {
        let follow = followsLinks ? "-L " : ""
        let name = followsLinks ? "%n" : "%N"
        return [
            "LC_ALL=C QUOTING_STYLE=literal stat \(follow)--printf '\(Self.format)\(name)\\0' -- \(shellWords(paths))"
        ]
    }

    func read(_ records: [ArraySlice<UInt8>], into answers: inout ProbeAnswers) throws(ProbeError) {
        for path in paths { answers[probe(path)] = .absent }
        let wanted = Set(paths)
        for record in records {
            guard let (path, state) = StatRecord.parse(record, isWanted: wanted.contains) else {
                throw ProbeError("unreadable record '\(String(decoding: record.prefix(200), as: UTF8.self))'")
            }
            answers[probe(path)] = .path(state)
        }
    }

    private func probe(_ path: String) -> Probe { followsLinks ? .target(path) : .path(path) }
}

/// One line of `stat` or `find`, in ``StatSection/format``.
enum StatRecord {
    /// The path and its state; a link's target stands behind ` -> `.
    static func parse(_ record: ArraySlice<UInt8>, isWanted: (String) -> Bool) -> (String, PathState)? {
        let fields = record.split(separator: 0x20, maxSplits: 14, omittingEmptySubsequences: false)
        guard fields.count == 15, var state = state(fields.map { String(decoding: $0, as: UTF8.self) }) else {
            return nil
        }
        let name = String(decoding: fields[14], as: UTF8.self)
        guard state.kind == .link else { return (name, state) }
        guard let (path, target) = splitLink(name, isWanted) else { return isWanted(name) ? (name, state) : nil }
        state.linkTarget = target
        return (path, state)
    }

    private static func state(_ fields: [String]) -> PathState? {
        guard let raw = UInt32(fields[0], radix: 16), let uid = Int(fields[2]), let gid = Int(fields[3]),
            let kind = FileKind(mode: raw)
        else { return nil }
        var state = PathState(
            kind, mode: UInt16(raw & 0o7777), uid: uid, gid: gid, owner: fields[4], group: fields[5],
            size: Int(fields[6]) ?? 0)
        state.links = Int(fields[1]) ?? 1
        state.inode = Int(fields[7]) ?? 0
        state.device = Int(fields[8]) ?? 0
        state.blocks = Int(fields[9]) ?? 0
        state.blockSize = Int(fields[10]) ?? 0
        state.accessed = Double(fields[11]) ?? 0
        state.modified = Double(fields[12]) ?? 0
        state.changed = Double(fields[13]) ?? 0
        return state
    }

    /// A name and a target may both hold the arrow, so the wanted name decides.
    private static func splitLink(_ text: String, _ isWanted: (String) -> Bool) -> (String, String)? {
        var search = text.startIndex..<text.endIndex
        while let arrow = text[search].firstRange(of: " -> ") {
            let path = String(text[..<arrow.lowerBound])
            if isWanted(path) { return (path, String(text[arrow.upperBound...])) }
            search = text.index(after: arrow.lowerBound)..<text.endIndex
        }
        return nil
    }
}

/// What the user may do with each path, asked of the shell itself.
struct AccessSection: ProbeSection {
    let paths: [String]
    let name = "access"

    var lines: [String] {
        [
            "for p in \(shellWords(paths)); do",
            #"r=-; w=-; x=-; [ -r "$p" ] && r=r; [ -w "$p" ] && w=w; [ -x "$p" ] && x=x; printf '%s\0' $r$w$x; done"#,
        ]
    }

    func read(_ records: [ArraySlice<UInt8>], into answers: inout ProbeAnswers) throws(ProbeError) {
        guard records.count == paths.count else { throw ProbeError("\(records.count) records of \(paths.count)") }
        for (path, record) in zip(paths, records) {
            let has = { (letter: Character) in record.contains(letter.asciiValue ?? 0) }
            answers[.access(path)] = .access(read: has("r"), write: has("w"), execute: has("x"))
        }
    }
}

/// Everything at and below one folder.
struct TreeSection: ProbeSection {
    let path: String
    let name = "find"

    var lines: [String] { ["LC_ALL=C find \(path.quoted) -printf '\(FindRecord.format)'"] }

    func read(_ records: [ArraySlice<UInt8>], into answers: inout ProbeAnswers) throws(ProbeError) {
        guard !records.isEmpty else { return answers[.tree(path)] = .absent }
        guard records.count.isMultiple(of: 2) else { throw ProbeError("a path without a link field") }
        let entries = FindRecord.entries(records).compactMap(\.self)
        guard entries.count == records.count / 2 else { throw ProbeError("unreadable record") }
        answers[.tree(path)] = .tree(entries)
    }
}
