import Crypto

/// Kinds of host keys, by the names that SSH gives them.
public enum HostKeyAlgorithm: String, Sendable, CaseIterable, Hashable {
    /// Ed25519.
    case ed25519 = "ssh-ed25519"
    /// ECDSA on P-256.
    case ecdsa256 = "ecdsa-sha2-nistp256"
    /// ECDSA on P-384.
    case ecdsa384 = "ecdsa-sha2-nistp384"
    /// ECDSA on P-521.
    case ecdsa521 = "ecdsa-sha2-nistp521"
    /// RSA; libssh2 1.10 can use it only with SHA-1, which today's sshd refuses.
    case rsa = "ssh-rsa"

    /// Names in the order to ask for: those of `known` first, so that the host shows a key that can be checked.
    static func preference(knowing known: [HostKeyAlgorithm]) -> String {
        (known + allCases.filter { !known.contains($0) }).map(\.rawValue).joined(separator: ",")
    }

    /// As people say it: `ED25519`.
    public var name: String {
        switch self {
        case .ed25519: "ED25519"
        case .ecdsa256, .ecdsa384, .ecdsa521: "ECDSA"
        case .rsa: "RSA"
        }
    }
}

/// A host's public key.
public struct HostKey: Hashable, Sendable {
    /// The key as SSH sends it (RFC 4253, section 6.6).
    public let blob: [UInt8]
    /// The algorithm that the key itself names.
    public let algorithm: HostKeyAlgorithm

    /// Reads a key as SSH sends it; `nil` when its algorithm is none of ``HostKeyAlgorithm``.
    public init?(blob: [UInt8]) {
        var reader = WireReader(blob)
        guard let name = reader.string(),
            let algorithm = HostKeyAlgorithm(rawValue: String(decoding: name, as: UTF8.self))
        else { return nil }
        (self.blob, self.algorithm) = (blob, algorithm)
    }

    /// `SHA256:` and the digest in base64 without padding, as OpenSSH prints it.
    public var fingerprint: String { Self.fingerprint(of: blob) }

    /// The key in base64, as known_hosts holds it.
    public var base64: String { Base64.encode(blob) }

    static func fingerprint(of blob: [UInt8]) -> String {
        "SHA256:" + Base64.encode(Array(SHA256.hash(data: blob))).replacing("=", with: "")
    }
}

/// Numbers and strings as SSH sends them (RFC 4251, section 5).
struct WireReader {
    private let bytes: [UInt8]
    private var position: Int

    init(_ bytes: [UInt8], skipping count: Int = 0) { (self.bytes, position) = (bytes, count) }

    mutating func byte() -> UInt8? {
        guard position < bytes.count else { return nil }
        defer { position += 1 }
        return bytes[position]
    }

    mutating func number() -> Int? {
        guard bytes.count - position >= 4 else { return nil }
        defer { position += 4 }
        return bytes[position..<(position + 4)].reduce(0) { $0 << 8 | Int($1) }
    }

    mutating func string() -> [UInt8]? {
        guard let count = number(), bytes.count - position >= count else { return nil }
        defer { position += count }
        return Array(bytes[position..<(position + count)])
    }
}

/// A string as SSH sends it (RFC 4251, section 5).
func wireString(_ bytes: [UInt8]) -> [UInt8] {
    withUnsafeBytes(of: UInt32(bytes.count).bigEndian) { Array($0) } + bytes
}

/// Base64 as RFC 4648 has it.
enum Base64 {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    private static let values: [UInt8?] = {
        var table = [UInt8?](repeating: nil, count: 256)
        for (value, letter) in alphabet.enumerated() { table[Int(letter)] = UInt8(value) }
        return table
    }()

    static func encode(_ bytes: [UInt8]) -> String {
        var text: [UInt8] = []
        text.reserveCapacity((bytes.count + 2) / 3 * 4)
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            let bits = group.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - group.count))
            for place in 0..<4 {
                text.append(place <= group.count ? alphabet[bits >> (18 - 6 * place) & 63] : UInt8(ascii: "="))
            }
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// - Returns: `nil` when the text is not base64.
    static func decode(_ text: some StringProtocol) -> [UInt8]? {
        var bytes: [UInt8] = []
        var bits = 0
        var held = 0
        var letters = Array(text.utf8)[...]
        while letters.last == UInt8(ascii: "="), letters.count > 1 { letters.removeLast() }
        for letter in letters {
            guard let value = values[Int(letter)] else { return nil }
            (bits, held) = (bits << 6 | Int(value), held + 6)
            if held >= 8 {
                held -= 8
                bytes.append(UInt8(truncatingIfNeeded: bits >> held))
                bits &= (1 << held) - 1
            }
        }
        return bytes
    }
}
