/// Names under which variables hold secrets: their last word is `password`, `token` and the like, or `key` after `api`,
/// `private`, `secret` or `access`. Words are parted by `_`, `-`, `.` and by capitals.
public enum SecretName {
    private static let words: Set<String> = [
        "password", "passwd", "passphrase", "secret", "token", "cookie", "credential", "apikey",
    ]
    private static let owners: Set<String> = ["api", "private", "secret", "access"]

    /// Whether `name` says that its value is a secret.
    public static func isSecret(_ name: String) -> Bool {
        guard let last = name.utf8.last, endings.contains(last | 0x20) else { return false }
        let words = lastWords(of: name)
        guard let word = words.last else { return false }
        if Self.words.contains(word) { return true }
        return word == "key" && words.count > 1 && owners.contains(words[0])
    }

    /// What the words end in, so that most names are passed over quickly.
    private static let endings = Set((words.union(["key"])).compactMap(\.utf8.last))

    /// The last two words in lower case.
    private static func lastWords(of name: String) -> [String] {
        var words: [[UInt8]] = [[]]
        let bytes = Array(name.utf8)
        for (index, byte) in bytes.enumerated() {
            if byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".") {
                words.append([])
                continue
            }
            if isCapital(byte), index > 0 {
                let endsAcronym = index + 1 < bytes.count && isSmall(bytes[index + 1])
                if !isCapital(bytes[index - 1]) || endsAcronym { words.append([]) }
            }
            words[words.count - 1].append(isCapital(byte) ? byte | 0x20 : byte)
        }
        return words.filter { !$0.isEmpty }.suffix(2).map { String(decoding: $0, as: UTF8.self) }
    }

    private static func isCapital(_ byte: UInt8) -> Bool { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) }

    private static func isSmall(_ byte: UInt8) -> Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) }
}
