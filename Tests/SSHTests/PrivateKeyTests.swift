import Crypto
import Foundation
import TestSupport
import Testing

@testable import SSH

/// Signatures as SSH sends them, checked with the public key. A number may begin with zeros, or with a bit that says minus:
/// among hundreds of signatures both occur.
struct PrivateKeyTests {
    @Test(arguments: [256, 384, 521]) func everySignatureHolds(_ bits: Int) async throws {
        let identity = try await identity(["-t", "ecdsa", "-b", "\(bits)"])
        guard case .key(let key) = identity.source, let blob = identity.publicKey else {
            Issue.record("the key was not read")
            return
        }
        for round in 0..<300 {
            let message = Array("message \(round)".utf8)
            let signature = try #require(key.sign(message))
            #expect(try holds(signature, for: message, by: blob, bits), "round \(round)")
        }
    }

    @Test func anEd25519SignatureHolds() async throws {
        let identity = try await identity(["-t", "ed25519"])
        guard case .key(let key) = identity.source, let blob = identity.publicKey else {
            Issue.record("the key was not read")
            return
        }
        let signature = try #require(key.sign([1, 2, 3]))
        let publicKey = try Curve25519.Signing.PublicKey(rawRepresentation: blob.suffix(32))
        #expect(publicKey.isValidSignature(signature, for: [1, 2, 3] as [UInt8]))
    }

    private func identity(_ options: [String]) async throws -> Identity {
        try await withTemporaryFolder { folder in
            let file = folder.appendingPathComponent("key").path
            let made = try await DroverProgram.run(["ssh-keygen", "-q", "-N", "", "-f", file] + options)
            try #require(made.status == 0, "\(made.errors)")
            return IdentityFile.identity(Array(try Data(contentsOf: URL(fileURLWithPath: file))), path: file)
        }
    }

    private func holds(_ signature: [UInt8], for message: [UInt8], by blob: [UInt8], _ bits: Int) throws -> Bool {
        let size = (bits + 7) / 8
        var reader = WireReader(signature)
        let raw = try (0..<2).flatMap { _ in try number(&reader, size) }
        let point = blob.suffix(1 + 2 * size)
        switch bits {
        case 256:
            return try P256.Signing.PublicKey(x963Representation: point)
                .isValidSignature(P256.Signing.ECDSASignature(rawRepresentation: raw), for: message)
        case 384:
            return try P384.Signing.PublicKey(x963Representation: point)
                .isValidSignature(P384.Signing.ECDSASignature(rawRepresentation: raw), for: message)
        default:
            return try P521.Signing.PublicKey(x963Representation: point)
                .isValidSignature(P521.Signing.ECDSASignature(rawRepresentation: raw), for: message)
        }
    }

    /// One number: never with a needless zero in front, never negative (RFC 4251, section 5).
    private func number(_ reader: inout WireReader, _ size: Int) throws -> [UInt8] {
        let string = reader.string()
        let bytes = try #require(string)
        #expect(bytes.first.map { $0 < 0x80 } == true)
        if bytes.first == 0 { #expect(bytes.dropFirst().first.map { $0 >= 0x80 } == true) }
        let digits = bytes.drop { $0 == 0 }
        return [UInt8](repeating: 0, count: size - digits.count) + digits
    }
}
