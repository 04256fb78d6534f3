import Crypto
import Foundation

/// A private key that signs in this process.
///
/// Given a key file, libssh2 1.10 tries each of OpenSSL's formats at every login before OpenSSH's own: that is a third of
/// what a login costs. A key read once costs its signature.
struct PrivateKey: Sendable {
    private enum Curve: Sendable {
        case ed25519(Curve25519.Signing.PrivateKey)
        case p256(P256.Signing.PrivateKey)
        case p384(P384.Signing.PrivateKey)
        case p521(P521.Signing.PrivateKey)
    }

    private let curve: Curve

    /// Reads the private part of an openssh-key-v1 file without a passphrase (PROTOCOL.key, section 3); `nil` when it is of
    /// another kind or damaged.
    init?(openSSH part: [UInt8]) {
        var reader = WireReader(part)
        guard let check = reader.number(), check == reader.number(), let name = reader.string() else { return nil }
        do {
            switch String(decoding: name, as: UTF8.self) {
            case "ssh-ed25519":
                guard reader.string() != nil, let pair = reader.string(), pair.count == 64 else { return nil }
                curve = .ed25519(try Curve25519.Signing.PrivateKey(rawRepresentation: pair.prefix(32)))
            case "ecdsa-sha2-nistp256":
                guard let scalar = Self.scalar(&reader, count: 32) else { return nil }
                curve = .p256(try P256.Signing.PrivateKey(rawRepresentation: scalar))
            case "ecdsa-sha2-nistp384":
                guard let scalar = Self.scalar(&reader, count: 48) else { return nil }
                curve = .p384(try P384.Signing.PrivateKey(rawRepresentation: scalar))
            case "ecdsa-sha2-nistp521":
                guard let scalar = Self.scalar(&reader, count: 66) else { return nil }
                curve = .p521(try P521.Signing.PrivateKey(rawRepresentation: scalar))
            default: return nil
            }
        } catch {
            return nil
        }
    }

    /// The number after the curve's name and the public point, as `count` bytes.
    private static func scalar(_ reader: inout WireReader, count: Int) -> [UInt8]? {
        guard reader.string() != nil, reader.string() != nil, let number = reader.string() else { return nil }
        let digits = number.drop { $0 == 0 }
        guard digits.count <= count else { return nil }
        return [UInt8](repeating: 0, count: count - digits.count) + digits
    }

    /// The bare signature of `data`, without the algorithm's name (RFC 8709, section 6; RFC 5656, section 3.1.2).
    func sign(_ data: [UInt8]) -> [UInt8]? {
        do {
            return switch curve {
            case .ed25519(let key): Array(try key.signature(for: data))
            case .p256(let key): Self.numbers(try key.signature(for: data).rawRepresentation)
            case .p384(let key): Self.numbers(try key.signature(for: data).rawRepresentation)
            case .p521(let key): Self.numbers(try key.signature(for: data).rawRepresentation)
            }
        } catch {
            return nil
        }
    }

    /// An ECDSA signature's two numbers as SSH writes them.
    private static func numbers(_ raw: Data) -> [UInt8] {
        let half = raw.count / 2
        return wireNumber(raw.prefix(half)) + wireNumber(raw.suffix(half))
    }

    private static func wireNumber(_ bytes: Data) -> [UInt8] {
        let digits = bytes.drop { $0 == 0 }
        return wireString((digits.first ?? 0) >= 0x80 ? [0] + digits : Array(digits))
    }
}
