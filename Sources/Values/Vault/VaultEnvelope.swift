import Fleet

/// What ansible-vault wrote: which password it wants, and what that opens.
///
///     $ANSIBLE_VAULT;1.2;AES256;prod
///     hexadecimal digits of (digits of the salt, newline, digits of the HMAC, newline, digits of the ciphertext)
public struct VaultEnvelope {
    /// The name of the password it was encrypted with; `nil` for the default one.
    var id: String?
    var salt: [UInt8]
    var code: [UInt8]
    var ciphertext: [UInt8]

    /// What every encrypted text begins with.
    static let mark = "$ANSIBLE_VAULT;"

    /// Whether a text says that it is encrypted.
    public static func isEncrypted(_ text: some StringProtocol) -> Bool { text.utf8.starts(with: mark.utf8) }

    /// Whether a file's content says that it is encrypted.
    public static func isEncrypted(_ bytes: [UInt8]) -> Bool { bytes.starts(with: mark.utf8) }

    /// Takes an encrypted text apart.
    /// - Throws: ``InputError`` at `location` when it is none, or of a kind that is not known.
    init(_ text: String, at location: SourceLocation) throws(InputError) {
        let lines = text.split(whereSeparator: \.isNewline)
        let header = (lines.first ?? "").split(separator: ";", omittingEmptySubsequences: false).map(\.stripped)
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
        let parts = Hex.bytes(body)?.split(separator: UInt8(ascii: "\n"), maxSplits: 2) ?? []
        guard parts.count == 3, let salt = Hex.bytes(parts[0]), let code = Hex.bytes(parts[1]),
            let ciphertext = Hex.bytes(parts[2]), !ciphertext.isEmpty, ciphertext.count % 16 == 0
        else {
            throw InputError(
                "the encrypted text is damaged or cut short", at: location,
                hints: ["copy it again: every line belongs to it, and none is indented differently"])
        }
        (self.salt, self.code, self.ciphertext) = (salt, code, ciphertext)
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
}
