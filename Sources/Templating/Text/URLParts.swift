/// The parts of a URL, as Python's `urlsplit` cuts them.
struct URLParts {
    var scheme = ""
    var netloc = ""
    var path = ""
    var query = ""
    var fragment = ""

    init(_ text: String) {
        var rest = text.filter { $0 != "\n" && $0 != "\r" && $0 != "\t" && $0 != "\r\n" }[...]
        if let colon = rest.firstIndex(of: ":"), Self.isScheme(rest[..<colon]) {
            scheme = rest[..<colon].lowercased()
            rest = rest[rest.index(after: colon)...]
        }
        if rest.utf8.starts(with: "//".utf8) {
            rest = rest.dropFirst(2)
            netloc = String(rest.prefix { !"/?#".contains($0) })
            rest = rest.dropFirst(netloc.count)
        }
        if let mark = rest.firstIndex(of: "#") {
            fragment = String(rest[rest.index(after: mark)...])
            rest = rest[..<mark]
        }
        if let mark = rest.firstIndex(of: "?") {
            query = String(rest[rest.index(after: mark)...])
            rest = rest[..<mark]
        }
        path = String(rest)
    }

    private static func isScheme(_ text: Substring) -> Bool {
        guard let first = text.utf8.first, Lexer.isNameStart(first), first < 0x80, first != UInt8(ascii: "_") else {
            return false
        }
        return text.utf8.allSatisfy { (Lexer.isNamePart($0) && $0 < 0x80 && $0 != 0x5F) || "+-.".utf8.contains($0) }
    }

    var isURL: Bool { !netloc.isEmpty || scheme == "file" }

    private var userInfo: Substring? { netloc.lastIndex(of: "@").map { netloc[..<$0] } }
    private var hostInfo: Substring {
        netloc.lastIndex(of: "@").map { netloc[netloc.index(after: $0)...] } ?? netloc[...]
    }

    var username: String? { userInfo.map { String($0.prefix { $0 != ":" }) } }

    var password: String? {
        guard let info = userInfo, let colon = info.firstIndex(of: ":") else { return nil }
        return String(info[info.index(after: colon)...])
    }

    var hostname: String? {
        let info = hostInfo
        let name: Substring
        if info.first == "[", let end = info.firstIndex(of: "]") {
            name = info[info.index(after: info.startIndex)..<end]
        } else {
            name = info.prefix { $0 != ":" }
        }
        return name.isEmpty ? nil : name.lowercased()
    }

    var port: String? {
        let info = hostInfo.first == "[" ? hostInfo.drop { $0 != "]" } : hostInfo
        guard let colon = info.firstIndex(of: ":") else { return nil }
        let text = info[info.index(after: colon)...]
        return text.isEmpty ? nil : String(text)
    }
}
