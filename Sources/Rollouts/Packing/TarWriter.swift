/// Writes a tar archive in the layout of POSIX, in which nothing says who packed it, when, or where.
struct TarWriter {
    /// The second since 1970 that every member is of.
    let time: Int64
    /// Names that a header has room for.
    private static let longestName = 100
    /// The largest file whose size a header has room for.
    private static let largest: Int64 = 0o77777777777

    /// What stands before a member's data.
    func head(of member: TarMember) -> [UInt8] {
        let name = Array(member.name.utf8)
        let target = Array(member.target.utf8)
        var records: [UInt8] = []
        if name.count > Self.longestName { records += Self.record("path", name) }
        if target.count > Self.longestName { records += Self.record("linkpath", target) }
        if member.size > Self.largest { records += Self.record("size", Array("\(member.size)".utf8)) }
        let plain = block(
            name: name, target: target, mode: member.mode, size: member.size, type: Self.type(of: member.kind))
        guard !records.isEmpty else { return plain }
        let further = block(
            name: Array("PaxHeader".utf8), target: [], mode: 0o644, size: Int64(records.count), type: "x")
        return further + records + Self.padding(after: Int64(records.count)) + plain
    }

    /// What fills the last block of `size` bytes of data.
    static func padding(after size: Int64) -> [UInt8] {
        Array(repeating: 0, count: Int((512 - size % 512) % 512))
    }

    /// What ends an archive.
    static let end = [UInt8](repeating: 0, count: 1024)

    private static func type(of kind: TarMember.Kind) -> Unicode.Scalar {
        switch kind {
        case .folder: "5"
        case .symbolicLink: "2"
        default: "0"
        }
    }

    /// A line of a further header, which begins with its own length.
    private static func record(_ key: String, _ value: [UInt8]) -> [UInt8] {
        let rest = Array(" \(key)=".utf8) + value + [UInt8(ascii: "\n")]
        var length = rest.count + 1
        while "\(length)".utf8.count + rest.count != length { length += 1 }
        return Array("\(length)".utf8) + rest
    }

    private func block(
        name: [UInt8], target: [UInt8], mode: Int, size: Int64, type: Unicode.Scalar
    ) -> [UInt8] {
        var block = [UInt8](repeating: 0, count: TarHeader.size)
        func put(_ bytes: some Sequence<UInt8>, at start: Int) {
            for (index, byte) in bytes.enumerated() { block[start + index] = byte }
        }
        func put(_ number: Int64, digits: Int, at start: Int) {
            let text = String(number, radix: 8)
            put((String(repeating: "0", count: max(0, digits - text.utf8.count)) + text).utf8, at: start)
        }
        put(name.prefix(Self.longestName), at: 0)
        put(Int64(mode), digits: 7, at: 100)
        put(0, digits: 7, at: 108)
        put(0, digits: 7, at: 116)
        put(size > Self.largest ? 0 : size, digits: 11, at: 124)
        put(min(max(time, 0), Self.largest), digits: 11, at: 136)
        put(String(type).utf8, at: 156)
        put(target.prefix(Self.longestName), at: 157)
        put("ustar\u{0}00".utf8, at: 257)
        put(repeatElement(UInt8(ascii: " "), count: 8), at: 148)
        put(block.reduce(0) { $0 + Int64($1) }, digits: 6, at: 148)
        block[154] = 0
        return block
    }
}
