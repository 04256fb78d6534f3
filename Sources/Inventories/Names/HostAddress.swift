import Foundation

/// What Ansible takes for a host's name or address with an optional port: its `parse_address`.
enum HostAddress {
    /// A name or address, which may hold ranges, and the port written after it.
    struct Parts: Equatable {
        var name: String
        var port: Int?
    }

    /// The parts of `text`, or `nil` when it is no name or address (a pattern with wildcards, a list with colons).
    static func parse(_ text: String) -> Parts? {
        if isPlainName(text) { return Parts(name: text) }
        var parts = Parts(name: text)
        for expression in [bracketed, plain] {
            guard let groups = expression.groups(of: parts.name), let port = Int(groups[1]) else { continue }
            parts = Parts(name: groups[0], port: port)
        }
        let matches = [ipv4, ipv6, hostname].contains { $0.groups(of: parts.name) != nil }
        return matches ? parts : nil
    }

    /// Whether `text` is an address in figures, IPv4 or IPv6.
    static func isNumeric(_ text: String) -> Bool {
        guard let first = text.utf8.first, first == UInt8(ascii: ":") || Character(Unicode.Scalar(first)).isHexDigit
        else {
            return false
        }
        return [ipv4, ipv6].contains { $0.groups(of: text) != nil }
    }

    /// Letters, digits, and inner dots and dashes: most names, without a regular expression.
    private static func isPlainName(_ text: String) -> Bool {
        var previousIsWord = false
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                previousIsWord = true
            case UInt8(ascii: "."), UInt8(ascii: "-"):
                guard previousIsWord else { return false }
                previousIsWord = false
            default: return false
            }
        }
        return previousIsWord
    }

    private static let bracketed = Expression(#"^\[(.+)\]:([0-9]+)$"#)
    private static let plain = Expression(#"^((?:[^:\[\]]|\[[^\]]*\])*):([0-9]+)$"#)
    private static let ipv4 = Expression("^(?:\(octet)\\.){3}\(octet)$")
    private static let hostname = Expression("^\(label)(?:\\.\(label))*$")
    private static let ipv6: Expression = {
        let c = hexadecimal
        return Expression(
            "^((?:\(c):){7}\(c)|(?:\(c):){1,6}:|(?:\(c):)(?::\(c)){1,6}|(?:\(c):){2}(?::\(c)){1,5}"
                + "|(?:\(c):){3}(?::\(c)){1,4}|(?:\(c):){4}(?::\(c)){1,3}|(?:\(c):){5}(?::\(c)){1,2}"
                + "|(?:\(c):){6}(?::\(c))|:(?::\(c)){1,6}|\(c)?::|(?:0:){6}(?:\(c)\\.){3}\(c)"
                + "|::(?:ffff:)?(?:\(c)\\.){3}\(c)|(?:0:){5}ffff:(?:\(c)\\.){3}\(c))$")
    }()

    private static let octet =
        #"(?:[01]?[0-9]{1,2}|2[0-4][0-9]|25[0-5]|\[(?:[0-9]+:[0-9]+)(?::[0-9]+)?\])"#
    private static let hexadecimal = #"(?:[0-9a-f]{1,4}|\[(?:[0-9a-f]+:[0-9a-f]+)(?::[0-9]+)?\])"#
    private static let range = #"\[(?:[a-z]:[a-z]|[0-9]+:[0-9]+)(?::[0-9]+)?\]"#
    private static let label = "(?:[\\w]|\(range))(?:[\\w_-]|\(range))*(?<![_-])"
}

/// A regular expression that ignores case.
private struct Expression: Sendable {
    private let expression: NSRegularExpression?

    init(_ pattern: String) {
        // The patterns are this file's own; a test parses every form, and would find one that doesn't compile.
        expression = try? NSRegularExpression(pattern: pattern, options: [.caseInsensitive])
    }

    /// The groups of a match of the whole text, empty where one took no part; `nil` without a match.
    func groups(of text: String) -> [String]? {
        let whole = NSRange(text.startIndex..., in: text)
        guard let match = expression?.firstMatch(in: text, range: whole) else { return nil }
        return (1..<max(1, match.numberOfRanges)).map { index in
            Range(match.range(at: index), in: text).map { String(text[$0]) } ?? ""
        }
    }
}
