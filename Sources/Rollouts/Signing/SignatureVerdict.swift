/// What a signature is worth.
public enum SignatureVerdict: Hashable, Sendable {
    /// Somebody who is allowed to vouches for the build.
    case good(signer: String, key: String)
    /// The key is nobody's who is allowed to.
    case unknown(key: String)
    /// It is no signature of this build, or its key counts no longer: why, in ssh-keygen's words.
    case bad(key: String, reason: String)

    /// Who signed, where that is known and counts.
    public var signer: String? { if case .good(let signer, _) = self { signer } else { nil } }

    /// For people.
    public var words: String {
        switch self {
        case .good(let signer, let key): "signed by \(signer) (\(key))"
        case .unknown(let key): "signed with \(key), which is no allowed signer's"
        case .bad(let key, let reason): "signed with \(key), which does not hold: \(reason)"
        }
    }
}
