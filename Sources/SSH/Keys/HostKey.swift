import Crypto
import Values

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
    /// RSA.
    case rsa = "ssh-rsa"

    /// How people say the name of an algorithm, of a certificate's too.
    static func name(of algorithm: String) -> String {
        let plain = algorithm.replacing("-cert-v01@openssh.com", with: "")
        let name = Self(rawValue: plain)?.name ?? plain
        return plain == algorithm ? name : name + " certificate"
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
    public var base64: String { Base64Coding.text(blob) }

    static func fingerprint(of blob: [UInt8]) -> String {
        "SHA256:" + Base64Coding.text(Array(SHA256.hash(data: blob))).replacing("=", with: "")
    }
}
