import Fleet
import Rollouts

/// A signature of a build as programs read it.
struct SignatureAnswer: Encodable, Sendable {
    /// The key's SHA-256; absent where it is no signature.
    var key: String?
    /// Who signed, where drover.yml names somebody with that key and the signature holds.
    var signer: String?
    /// When, as the signer said.
    var signedAt: String

    init(_ signature: BuildSignature, _ signer: String? = nil) {
        (key, self.signer) = (BuildSigning.key(of: signature), signer)
        signedAt = signature.signedAt.description
    }

    static let shape = Shape.object([
        .maybe("key", .text, "the key's SHA-256, as OpenSSH writes it"),
        .maybe("signer", .text, "`build list`: who signed, where drover.yml names them and the signature holds"),
        .always("signedAt", .time, "when, as the signer said"),
    ])

    /// For people: who signed, else the key.
    var words: String { signer ?? key.map { String($0.prefix(19)) + "…" } ?? "no signature" }

    /// A build's signatures, with who made each by the first of `rules` that knows them.
    static func all(of build: BuildRecord, by rules: [SignatureRule]) async throws -> [Self] {
        var answers = build.signatures.map { Self($0) }
        for rule in rules where answers.contains(where: { $0.signer == nil }) {
            for (index, verdict) in try await BuildSigning().judge(build, by: rule).enumerated() {
                answers[index].signer = answers[index].signer ?? verdict.signer
            }
        }
        return answers
    }
}
