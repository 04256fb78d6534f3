public import Fleet
import Foundation

/// Signs builds, and says what their signatures are worth.
public struct BuildSigning: Sendable {
    private let tool = SigningTool()

    /// Goes by the installed `ssh-keygen`.
    public init() {}

    /// The build with one signature more.
    /// - Parameter key: A private key, or a public one whose private one an agent has.
    /// - Throws: ``InputError`` for a key that cannot sign, and for a build that nobody has looked into.
    public func sign(_ build: BuildRecord, key: String, at now: Timestamp) async throws -> BuildRecord {
        guard let tar = build.tar else {
            throw InputError(
                .missing, "nobody has looked into \(BuildLabel(build)), so nothing can be said of its content",
                hints: ["add its file again: drover build add FILE"])
        }
        let text = try await tool.sign(SignedStatement(build: build.digest, tar: tar), key: key)
        return build.taking(tar: nil, signature: BuildSignature(text: text, signedAt: now))
    }

    /// What each signature of a build is worth.
    /// - Parameter tar: The tar that is known to be in it; the record's where nobody knows better.
    /// - Throws: ``InputError`` where the rule's files cannot be read.
    public func judge(
        _ build: BuildRecord, tar: TarDigest? = nil, by rule: SignatureRule
    ) async throws -> [SignatureVerdict] {
        for file in [rule.signers, rule.revoked].compactMap(\.self)
        where !FileManager.default.isReadableFile(atPath: file) {
            throw InputError(
                .unreadable, "\(file) cannot be read, and builds have to be signed by somebody in it",
                at: rule.location)
        }
        guard let tar = tar ?? build.tar else { return [] }
        var verdicts: [SignatureVerdict] = []
        for signature in build.signatures {
            verdicts.append(
                try await tool.judge(signature, of: SignedStatement(build: build.digest, tar: tar), by: rule))
        }
        return verdicts
    }

    /// The key that a signature says it was made with; `nil` for what is no signature.
    public static func key(of signature: BuildSignature) -> String? { SignatureArmour(signature.text)?.fingerprint }
}
