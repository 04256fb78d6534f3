import Foundation

/// Hashes of many files' contents, in one command.
struct DigestSection: ProbeSection {
    enum Algorithm: String, Sendable { case sha1, sha256 }

    let paths: [String]
    let algorithm: Algorithm
    var name: String { "\(algorithm.rawValue)sum" }

    /// Only regular files are read: a pipe would never end.
    var lines: [String] {
        [
            "set --",
            "for p in \(shellWords(paths)); do",
            #"if [ ! -f "$p" ]; then printf 'a\0'; elif [ -r "$p" ]; then printf 'r\0'; set -- "$@" "$p";"#,
            #"else printf 'u\0'; fi; done"#,
            #"[ $# -gt 0 ] && \#(name) -z -- "$@""#,
        ]
    }

    func read(_ records: [ArraySlice<UInt8>], into answers: inout ProbeAnswers) throws(ProbeError) {
        guard records.count >= paths.count else {
            throw ProbeError("\(records.count) records for \(paths.count) files")
        }
        for (path, record) in zip(paths, records) {
            answers[probe(path)] = record.first == UInt8(ascii: "a") ? .absent : .unreadable
        }
        for record in records.dropFirst(paths.count) {
            let fields = record.split(separator: 0x20, maxSplits: 1)
            guard fields.count == 2 else { throw ProbeError("unreadable record") }
            // Between hash and name stands a second character: a space, or '*' for binary mode.
            let path = String(decoding: fields[1].dropFirst(), as: UTF8.self)
            answers[probe(path)] = .digest(String(decoding: fields[0], as: UTF8.self))
        }
    }

    private func probe(_ path: String) -> Probe { algorithm == .sha1 ? .sha1(path) : .sha256(path) }
}

/// Contents of files. One command each, so that a file that grows meanwhile cannot spoil its neighbour.
struct ContentSection: ProbeSection {
    let paths: [String]
    let name = "content"

    var lines: [String] {
        [
            "for p in \(shellWords(paths)); do",
            #"if [ ! -e "$p" ]; then printf 'a\0'; elif [ -f "$p" ] && [ -r "$p" ]; then printf c;"#,
            #"base64 -w0 -- "$p" && printf .; printf '\0'; else printf 'u\0'; fi; done"#,
        ]
    }

    func read(_ records: [ArraySlice<UInt8>], into answers: inout ProbeAnswers) throws(ProbeError) {
        guard records.count == paths.count else {
            throw ProbeError("\(records.count) records for \(paths.count) files")
        }
        for (path, record) in zip(paths, records) {
            answers[.content(path)] = Self.answer(record)
        }
    }

    private static func answer(_ record: ArraySlice<UInt8>) -> Answer {
        guard record.first != UInt8(ascii: "a") else { return .absent }
        guard record.first == UInt8(ascii: "c"), record.last == UInt8(ascii: "."),
            let bytes = Data(base64Encoded: Data(record.dropFirst().dropLast()))
        else { return .unreadable }
        return .content([UInt8](bytes))
    }
}
