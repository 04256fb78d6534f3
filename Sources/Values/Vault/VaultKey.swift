import Crypto
import CryptoExtras
import Foundation

/// What a password and a salt come to: the keys that check and open an encrypted text.
struct VaultKey: Sendable {
    private let cipher: SymmetricKey
    private let check: SymmetricKey
    private let counter: [UInt8]

    /// ansible-vault's own figures.
    private static let rounds = 10_000
    private static let keySize = 32
    private static let blockSize = 16

    /// Derives the keys; costs some milliseconds, on purpose.
    /// - Returns: `nil` when the password can't be used, such as an empty one.
    init?(password: [UInt8], salt: [UInt8]) {
        let size = 2 * Self.keySize + Self.blockSize
        // Fails only for what no password is: the caller then says that it does not open the text.
        let derived = try? KDF.Insecure.PBKDF2.deriveKey(
            from: password, salt: salt, using: .sha256, outputByteCount: size, unsafeUncheckedRounds: Self.rounds)
        guard let bytes = derived?.withUnsafeBytes({ [UInt8]($0) }) else { return nil }
        cipher = SymmetricKey(data: bytes[..<Self.keySize])
        check = SymmetricKey(data: bytes[Self.keySize..<2 * Self.keySize])
        counter = Array(bytes[(2 * Self.keySize)...])
    }

    /// The plain text; `nil` when the key is not the one that the text was encrypted with.
    func open(_ envelope: VaultEnvelope) -> [UInt8]? {
        guard
            HMAC<SHA256>.isValidAuthenticationCode(
                envelope.code, authenticating: envelope.ciphertext, using: check),
            // What the check lets through has the right sizes; anything else is not ours to open.
            let nonce = try? AES._CTR.Nonce(nonceBytes: counter),
            // As above.
            let padded = try? AES._CTR.decrypt(envelope.ciphertext, using: cipher, nonce: nonce)
        else { return nil }
        let padding = Int(padded.last ?? 0)
        guard (1...Self.blockSize).contains(padding), padding <= padded.count,
            padded.suffix(padding).allSatisfy({ Int($0) == padding })
        else { return nil }
        return [UInt8](padded.dropLast(padding))
    }
}
