/// Which settings a release has: the first digits of a keyed hash of them, from which nobody learns what they are.
public struct SettingsID: Hashable, Sendable, CustomStringConvertible {
    /// 8 lower-case hexadecimal digits.
    public let description: String

    /// The settings whose keyed hash begins with these bytes.
    public init(hash: some Sequence<UInt8>) { description = Hex.text(Array(hash.prefix(4))) }

    /// Reads what ``description`` has; `nil` for anything else.
    public init?(_ text: some StringProtocol) {
        guard text.utf8.count == 8, text.utf8.allSatisfy(Hex.isLowerDigit) else { return nil }
        description = String(text)
    }

    /// Reads what follows a build's digits: `-` and the settings.
    init?(suffix: some Sequence<UInt8>) {
        let bytes = Array(suffix)
        guard bytes.first == UInt8(ascii: "-") else { return nil }
        self.init(String(decoding: bytes.dropFirst(), as: UTF8.self))
    }

    /// What follows a build's digits.
    var suffix: String { "-\(description)" }
}
