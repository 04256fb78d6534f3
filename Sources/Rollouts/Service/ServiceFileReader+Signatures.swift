import Fleet
import Foundation
import Inventories
import Values

extension ServiceFileReader {
    private static let key = "require_signature"

    /// Who has to vouch for builds: a file of allowed signers, or a mapping that names one of revoked keys as well.
    func signatures(_ fields: ServiceFileFields) throws(InputError) -> SignatureRule? {
        guard let node = fields[Self.key] else { return nil }
        guard node.entries != nil else {
            guard let text = node.text, !text.allSatisfy(\.isWhitespace) else {
                throw InputError(
                    "\(Self.key) must be a file of allowed signers, or a mapping, but is \(node.summary)",
                    at: node.location,
                    hints: ["\(Self.key): allowed_signers", "a stage without the key takes unsigned builds"])
            }
            return SignatureRule(signers: try readable(text, node.location), location: node.location)
        }
        let inner = try ServiceFileFields(node, .signature, mistakes)
        let signers = inner.attempt { inner throws(InputError) in
            try readable(inner.text("signers"), inner.place("signers"))
        }
        let revoked = inner.attempt { inner throws(InputError) -> String? in
            guard let text = try inner.optionalText("revoked") else { return nil }
            return try readable(text, inner.place("revoked"))
        }
        return signers.map { SignatureRule(signers: $0, revoked: revoked, location: node.location) }
    }

    private func readable(_ text: String, _ place: SourceLocation) throws(InputError) -> String {
        let path = text.hasPrefix("/") ? text : "\(folder)/\(text)"
        guard FileManager.default.isReadableFile(atPath: path) else {
            throw InputError(
                "there is no file '\(text)', or it cannot be read", at: place,
                hints: ["a line of it: alice@example.com namespaces=\"\(SignedStatement.namespace)\" ssh-ed25519 AAAA…"]
            )
        }
        return path
    }
}
