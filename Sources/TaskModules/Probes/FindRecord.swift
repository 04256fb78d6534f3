import Values

/// What `find -printf` writes of one path: its fields, and where a link leads.
enum FindRecord {
    /// The two records of a path, as `find` is told to write them.
    static let format = #"%y %m %n %U %G %s %i %D %A@ %T@ %C@ %u %g %p\0%l.\0"#

    /// Paths with their states; `nil` for a record that says something else.
    static func entries(_ records: [ArraySlice<UInt8>]) -> [TreeEntry?] {
        stride(from: 0, to: records.count - 1, by: 2).map { index in
            var entry = entry(records[index])
            if entry?.state.kind == .link {
                entry?.state.linkTarget = String(decoding: records[index + 1].dropLast(), as: UTF8.self)
            }
            return entry
        }
    }

    private static func entry(_ record: ArraySlice<UInt8>) -> TreeEntry? {
        let fields = record.split(separator: 0x20, maxSplits: 13, omittingEmptySubsequences: false)
            .map { String(decoding: $0, as: UTF8.self) }
        guard fields.count == 14, let kind = FileKind(letter: fields[0]), let mode = UInt16(fields[1], radix: 8),
            let uid = Int(fields[3]), let gid = Int(fields[4])
        else { return nil }
        var state = PathState(
            kind, mode: mode, uid: uid, gid: gid, owner: fields[11], group: fields[12], size: Int(fields[5]) ?? 0)
        state.links = Int(fields[2]) ?? 1
        state.inode = Int(fields[6]) ?? 0
        state.device = Int(fields[7]) ?? 0
        state.accessed = Double(fields[8]) ?? 0
        state.modified = Double(fields[9]) ?? 0
        state.changed = Double(fields[10]) ?? 0
        return TreeEntry(fields[13], state)
    }
}
