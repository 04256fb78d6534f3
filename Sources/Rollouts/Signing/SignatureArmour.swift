import Crypto
import Foundation

/// The key within an SSH signature, read from its armour without believing anything of it.
struct SignatureArmour {
    /// Kind of the key, such as `ssh-ed25519`.
    let kind: String
    /// The key's SHA-256 as OpenSSH writes it, such as `SHA256:…`.
    let fingerprint: String

    private static let head = "-----BEGIN SSH SIGNATURE-----"
    private static let foot = "-----END SSH SIGNATURE-----"

    /// Reads the armour; `nil` for what is none.
    init?(_ text: String) {
        let lines = text.split(whereSeparator: \.isNewline).map { $0.filter { !$0.isWhitespace } }
        guard lines.first == Self.head.filter({ !$0.isWhitespace }),
            lines.last == Self.foot.filter({ !$0.isWhitespace }),
            let data = Data(base64Encoded: lines.dropFirst().dropLast().joined()),
            data.starts(with: Data("SSHSIG".utf8))
        else { return nil }
        var rest = data.dropFirst(10)
        guard let key = Self.string(&rest) else { return nil }
        var inside = key
        guard let kind = Self.string(&inside) else { return nil }
        self.kind = String(decoding: kind, as: UTF8.self)
        let hash = Data(SHA256.hash(data: key)).base64EncodedString()
        fingerprint = "SHA256:" + hash.prefix { $0 != "=" }
    }

    /// A length of four bytes and so many bytes.
    private static func string(_ rest: inout Data) -> Data? {
        guard rest.count >= 4 else { return nil }
        let length = rest.prefix(4).reduce(0) { $0 << 8 | Int($1) }
        rest = rest.dropFirst(4)
        guard length <= rest.count else { return nil }
        defer { rest = rest.dropFirst(length) }
        return Data(rest.prefix(length))
    }
}
