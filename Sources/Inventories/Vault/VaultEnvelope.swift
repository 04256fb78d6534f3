import Fleet

/// What ansible-vault wrote: which password it wants, and what that opens.
///
///     $ANSIBLE_VAULT;1.2;AES256;prod
///     hexadecimal digits of (digits of the salt, newline, digits of the HMAC, newline, digits of the ciphertext)
struct VaultEnvelope {
    /// The name of the password it was encrypted with; `nil` for the default one.
    var id: String?
    var salt: [UInt8]
    var code: [UInt8]
    var ciphertext: [UInt8]

    /// What every encrypted text begins with.
    static let mark = "$ANSIBLE_VAULT;"

    /// Whether a text says that it is encrypted.
    static func isSealed(_ text: some StringProtocol) -> Bool { text.utf8.starts(with: mark.utf8) }

    /// Whether a file's content says that it is encrypted.
    static func isSealed(_ bytes: [UInt8]) -> Bool { bytes.starts(with: mark.utf8) }

    /// Takes an encrypted text apart.
    /// - Throws: ``InputError`` at `location` when it is none, or of a kind that is not known.
    init(_ text: String, at location: SourceLocation) throws(InputError) {
        let lines = text.split(whereSeparator: \.isNewline)
        let header = (lines.first ?? "").split(separator: ";", omittingEmptySubsequences: false).map(Self.trimmed)
        guard header.count >= 3, header[0] + ";" == Self.mark else {
            throw InputError(
                "this is marked as encrypted, but is not what ansible-vault writes", at: location,
                hints: ["it begins with \(Self.mark)1.1;AES256"])
        }
        guard ["1.1", "1.2"].contains(header[1]), header[2] == "AES256" else {
            throw InputError(
                "the vault format \(header[1]) with \(header[2]) is not supported", at: location,
                hints: ["1.1 and 1.2 with AES256 are: encrypt it again with 'ansible-vault rekey'"])
        }
        id = header.count > 3 && !header[3].isEmpty ? header[3] : nil
        let body = lines.dropFirst().flatMap { $0.utf8.filter { !Self.isBlank($0) } }
        let parts = Self.bytes(body)?.split(separator: UInt8(ascii: "\n"), maxSplits: 2) ?? []
        guard parts.count == 3, let salt = Self.bytes(parts[0]), let code = Self.bytes(parts[1]),
            let ciphertext = Self.bytes(parts[2]), !ciphertext.isEmpty, ciphertext.count % 16 == 0
        else {
            throw InputError(
                "the encrypted text is damaged or cut short", at: location,
                hints: ["copy it again: every line belongs to it, and none is indented differently"])
        }
        (self.salt, self.code, self.ciphertext) = (salt, code, ciphertext)
    }

    /// The bytes that pairs of hexadecimal digits stand for; `nil` when they are none.
    private static func bytes(_ digits: some Collection<UInt8>) -> [UInt8]? {
        guard digits.count % 2 == 0 else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(digits.count / 2)
        var high: UInt8?
        for digit in digits {
            guard let value = value(of: digit) else { return nil }
            if let first = high {
                bytes.append(first << 4 | value)
                high = nil
            } else {
                high = value
            }
        }
        return bytes
    }

    private static func value(of digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
        default: nil
        }
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }

    private static func trimmed(_ part: Substring) -> String {
        String(part.drop { $0.isWhitespace }.reversed().drop { $0.isWhitespace }.reversed())
    }
}
