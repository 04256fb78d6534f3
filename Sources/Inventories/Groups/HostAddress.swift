import Fleet
import Values

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

    private static let bracketed = AddressPattern(#"^\[(.+)\]:([0-9]+)$"#)
    private static let plain = AddressPattern(#"^((?:[^:\[\]]|\[[^\]]*\])*):([0-9]+)$"#)
    private static let ipv4 = AddressPattern("^(?:\(octet)\\.){3}\(octet)$")
    private static let hostname = AddressPattern("^\(label)(?:\\.\(label))*$")
    private static let ipv6: AddressPattern = {
        let c = hexadecimal
        return AddressPattern(
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
private struct AddressPattern: Sendable {
    private let pattern: PythonPattern?

    init(_ source: String) {
        // The patterns are this file's own; a test parses every form, and would find one that can't be read.
        pattern = try? PythonPattern(source, .ignoresCase)
    }

    /// The groups of a match of the whole text, empty where one took no part; `nil` without a match.
    func groups(of text: String) -> [String]? {
        // A text for which they take too long is no address.
        guard let pattern, let match = try? pattern.firstMatch(in: text) else { return nil }
        return match.ranges.indices.dropFirst().map { match[$0] ?? "" }
    }
}
