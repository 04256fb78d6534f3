/// As much of a request as is needed: its first line, and what it shows to be let in.
struct PageRequest: Equatable {
    enum Method: Equatable {
        case get
        case head
        case other
    }

    var method: Method = .other
    var path = ""
    /// After `Authorization: Bearer`.
    var token: String?
    /// No request, or one that is too long.
    var isBroken = false

    /// `nil` while the request is not there as a whole.
    init?(_ bytes: [UInt8], tooLong: Bool) {
        guard let end = Self.end(of: bytes) else {
            guard tooLong else { return nil }
            isBroken = true
            return
        }
        // A line's end may be CR LF, which is one character.
        let lines = String(decoding: bytes[..<end], as: UTF8.self).split(whereSeparator: \.isNewline)
        let words = (lines.first ?? "").split(separator: " ")
        guard words.count == 3, words[2].hasPrefix("HTTP/1.") else {
            isBroken = true
            return
        }
        method = words[0] == "GET" ? .get : words[0] == "HEAD" ? .head : .other
        path = String(words[1].prefix { $0 != "?" })
        for line in lines.dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1)
            guard parts.count == 2, parts[0].lowercased() == "authorization" else { continue }
            let value = parts[1].split(separator: " ")
            if value.count == 2, value[0].lowercased() == "bearer" { token = String(value[1]) }
        }
    }

    /// Where the empty line is.
    private static func end(of bytes: [UInt8]) -> Int? {
        var newline = false
        for (place, byte) in bytes.enumerated() where byte != 13 {
            if byte == 10, newline { return place }
            newline = byte == 10
        }
        return nil
    }
}

/// An answer, after which the connection ends.
struct PageAnswer {
    var status = "200 OK"
    var kind = "text/plain; charset=utf-8"
    var body = ""

    func bytes(withBody: Bool) -> [UInt8] {
        let wanted = status.hasPrefix("401") ? "WWW-Authenticate: Bearer\r\n" : ""
        let head = """
            HTTP/1.1 \(status)\r
            Content-Type: \(kind)\r
            Content-Length: \(body.utf8.count)\r
            Cache-Control: no-store\r
            \(wanted)Connection: close\r
            \r

            """
        return Array((withBody ? head + body : head).utf8)
    }
}
