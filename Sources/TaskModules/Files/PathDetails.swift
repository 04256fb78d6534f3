import Fleet
import OrderedCollections
import Values

/// What `stat` tells beyond what the kernel's record of a path holds.
struct PathDetails: Sendable {
    /// Whether the kind of content is wanted.
    let wantsType: Bool
    /// Whether the file system's own attributes are wanted.
    let wantsAttributes: Bool

    /// A question that writes lines `name=value`. What the host has no program for is left out.
    func line(of path: String) -> String {
        var lines = ["p=\(path.hasPrefix("-") ? "./".quoted : "")\(path.quoted)"]
        lines.append(#"if [ -b "$p" ] || [ -c "$p" ]; then stat -L -c 'device=%t %T' -- "$p"; fi"#)
        if wantsType {
            lines.append(
                #"if command -v file >/dev/null; then LC_ALL=C file --brief --mime-type --mime-encoding "$p""#
                    + " | sed 's/^/type=/'; fi")
        }
        if wantsAttributes {
            lines.append(#"if command -v lsattr >/dev/null; then lsattr -vd "$p" 2>/dev/null | sed 's/^/flags=/'; fi"#)
        }
        return lines.joined(separator: "; ")
    }

    /// Reads the answer.
    func fields(_ text: String) -> Variables {
        let answer = CommandResult(status: 0, output: Array(text.utf8)).outputFields
        var fields: Variables = ["device_type": .int(device(answer["device"]?.text ?? ""))]
        if wantsType {
            let parts = (answer["type"]?.text ?? "").split(separator: ";", maxSplits: 1).map(String.init)
            let encoding = parts.count > 1 ? parts[1].split(separator: "=").last.map(String.init) : nil
            fields["mimetype"] = .string(encoding == nil ? "unknown" : parts[0].stripped)
            fields["charset"] = .string(encoding?.stripped ?? "unknown")
        }
        if wantsAttributes {
            let words = (answer["flags"]?.text ?? "").split(separator: " ").map(String.init)
            let flags = words.count > 1 ? words[1].filter { $0 != "-" } : ""
            fields["version"] = words.count > 1 ? .string(words[0]) : .null
            fields["attr_flags"] = .string(flags)
            fields["attributes"] = .list(flags.compactMap { Self.attributes[$0] }.map(Value.string))
        }
        return fields
    }

    /// As the C library makes one number of a device's two, which `stat` writes in hexadecimal.
    private func device(_ text: String) -> Int {
        let words = text.split(separator: " ").compactMap { UInt32($0, radix: 16) }
        guard words.count == 2 else { return 0 }
        let (major, minor) = (UInt64(words[0]), UInt64(words[1]))
        let number = (major & 0xFFF) << 8 | (major & ~0xFFF) << 32 | minor & 0xFF | (minor & ~0xFF) << 12
        return Int(truncatingIfNeeded: number)
    }

    private static let attributes: [Character: String] = [
        "A": "noatime", "a": "append", "c": "compressed", "C": "nocow", "d": "nodump", "D": "dirsync", "e": "extents",
        "E": "encrypted", "h": "blocksize", "i": "immutable", "I": "indexed", "j": "journalled", "N": "inline",
        "s": "zero", "S": "synchronous", "t": "notail", "T": "blockroot", "u": "undelete", "X": "compressedraw",
        "Z": "compresseddirty",
    ]
}
