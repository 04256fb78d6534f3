import Fleet
import Values

/// What a host has at the places that a copy is about.
struct HostFile: Sendable, Equatable {
    var kind: FileKind
    var mode: UInt16
    /// `name:group`, and the same as numbers.
    var owner: String
    var ownerNumbers: String
    var size: Int
    /// Of files that were asked about: SHA-256 in hexadecimal.
    var digest: String?
    /// Of links that were asked about: where they lead.
    var link: String?
}

/// The questions about files, and how their answers are read.
enum HostFileQuestion {
    /// Says what is at each of the paths, which come on standard input with a NUL after each.
    static let status = #"xargs -0r stat --printf '%f %U:%G %u:%g %s %n\0' -- 2>/dev/null || :"#
    /// Says the SHA-256 of each.
    static let digests = "xargs -0r sha256sum -z -- 2>/dev/null || :"

    /// Says each link, and where it leads.
    static let links = """
        xargs -0r sh -c 'for p in "$@"; do [ -L "$p" ] && printf "%s\\0" "$p" && readlink -z -- "$p"; done' sh || :
        """

    static func input(_ paths: some Sequence<String>) -> [UInt8] { paths.flatMap { Array($0.utf8) + [0] } }

    /// The answer to ``status``, by path.
    static func statuses(_ answer: [UInt8]) -> [String: HostFile] {
        var files: [String: HostFile] = [:]
        for record in records(answer) {
            let fields = record.split(separator: " ", maxSplits: 4, omittingEmptySubsequences: false)
            guard fields.count == 5, let bits = UInt32(fields[0], radix: 16), let size = Int(fields[3]),
                let kind = FileKind(mode: bits)
            else { continue }
            files[String(fields[4])] = HostFile(
                kind: kind, mode: UInt16(bits & 0o7777), owner: String(fields[1]),
                ownerNumbers: String(fields[2]), size: size)
        }
        return files
    }

    /// The answer to ``digests``, by path.
    static func digests(_ answer: [UInt8]) -> [String: String] {
        var digests: [String: String] = [:]
        for record in records(answer) where record.count > 66 {
            digests[String(record.dropFirst(66))] = String(record.prefix(64))
        }
        return digests
    }

    /// The answer to ``links``, by path.
    static func links(_ answer: [UInt8]) -> [String: String] {
        let words = records(answer)
        var links: [String: String] = [:]
        for index in stride(from: 0, to: words.count - 1, by: 2) {
            links[String(words[index])] = String(words[index + 1])
        }
        return links
    }

    private static func records(_ answer: [UInt8]) -> [Substring] {
        String(decoding: answer, as: UTF8.self).split(separator: "\0").map { $0[...] }
    }
}
