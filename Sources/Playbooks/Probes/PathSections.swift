import Fleet

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

    func read(_ records: [ArraySlice<UInt8>], into answers: inout [Probe: Answer]) throws(ProbeError) {
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
            let kind = PathState.Kind(rawMode: raw)
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

extension PathState.Kind {
    /// What the letter of `find -printf %y` means.
    init?(letter: String) {
        let kinds: [String: Self] = [
            "f": .file, "d": .directory, "l": .link, "p": .fifo, "s": .socket, "c": .characterDevice,
            "b": .blockDevice,
        ]
        guard let kind = kinds[letter] else { return nil }
        self = kind
    }

    /// What the file type bits of `st_mode` mean.
    init?(rawMode: UInt32) {
        switch rawMode & 0o170000 {
        case 0o100000: self = .file
        case 0o040000: self = .directory
        case 0o120000: self = .link
        case 0o010000: self = .fifo
        case 0o140000: self = .socket
        case 0o020000: self = .characterDevice
        case 0o060000: self = .blockDevice
        default: return nil
        }
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

    func read(_ records: [ArraySlice<UInt8>], into answers: inout [Probe: Answer]) throws(ProbeError) {
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

    /// `find` gives the same fields as ``StatSection/format``, but the type and mode apart and the target last.
    var lines: [String] {
        let fields = "%y %m %n %U %G %u %g %s"
        return [#"LC_ALL=C find \#(path.quoted) -printf '\#(fields) %p\0%l.\0'"#]
    }

    func read(_ records: [ArraySlice<UInt8>], into answers: inout [Probe: Answer]) throws(ProbeError) {
        guard !records.isEmpty else { return answers[.tree(path)] = .absent }
        guard records.count.isMultiple(of: 2) else { throw ProbeError("a path without a link field") }
        var entries: [TreeEntry] = []
        for index in stride(from: 0, to: records.count, by: 2) {
            guard var entry = Self.parse(records[index]) else { throw ProbeError("unreadable record") }
            if entry.state.kind == .link {
                entry.state.linkTarget = String(decoding: records[index + 1].dropLast(), as: UTF8.self)
            }
            entries.append(entry)
        }
        answers[.tree(path)] = .tree(entries)
    }

    private static func parse(_ record: ArraySlice<UInt8>) -> TreeEntry? {
        let fields = record.split(separator: 0x20, maxSplits: 8, omittingEmptySubsequences: false)
            .map { String(decoding: $0, as: UTF8.self) }
        guard fields.count == 9, let kind = PathState.Kind(letter: fields[0]), let mode = UInt16(fields[1], radix: 8),
            let uid = Int(fields[3]), let gid = Int(fields[4])
        else { return nil }
        var state = PathState(
            kind, mode: mode, uid: uid, gid: gid, owner: fields[5], group: fields[6], size: Int(fields[7]) ?? 0)
        state.links = Int(fields[2]) ?? 1
        return TreeEntry(fields[8], state)
    }
}
