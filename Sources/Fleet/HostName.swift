/// A host as the inventory spells it: letters and digits of any script and `. _ : - @ + %`, not beginning with `-` or `@`,
/// in at most 253 bytes.
public struct HostName: Hashable, Sendable, Comparable, CustomStringConvertible, Codable {
    /// The name as written.
    public let description: String

    /// Checks and keeps `text`.
    /// - Throws: ``InputError`` when the text cannot be a host's name.
    public init(_ text: String) throws(InputError) {
        guard (1...253).contains(text.utf8.count) else {
            throw InputError("host name '\(text)' must have 1 to 253 characters")
        }
        let first = text.utf8.first
        guard text.utf8.allSatisfy(Self.isAllowed) || text.unicodeScalars.allSatisfy(Self.isAllowed),
            first != UInt8(ascii: "-"), first != UInt8(ascii: "@")
        else {
            throw InputError(
                "host name '\(text)' has a character that no host name has",
                hints: ["use letters, digits, '.', '_', ':', '-', '@', '+' and '%'"])
        }
        description = text
    }

    /// Decodes a name, with the checks of ``init(_:)``.
    public init(from decoder: any Decoder) throws {
        try self.init(decoder.singleValueContainer().decode(String.self))
    }

    /// Encodes the name as a string.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }

    /// Orders by bytes, as `sort` does in the C locale.
    public static func < (left: Self, right: Self) -> Bool { left.description < right.description }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        case UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: ":"), UInt8(ascii: "-"): true
        case UInt8(ascii: "@"), UInt8(ascii: "+"), UInt8(ascii: "%"): true
        default: false
        }
    }

    private static func isAllowed(_ scalar: Unicode.Scalar) -> Bool {
        if let byte = UInt8(exactly: scalar.value), byte < 0x80 { return isAllowed(byte) }
        switch scalar.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .nonspacingMark,
            .spacingMark, .decimalNumber:
            return true
        default: return false
        }
    }
}
