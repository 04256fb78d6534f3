/// That somebody vouches for a build, as `ssh-keygen -Y sign` has it. What is in it is only believed once it was verified.
public struct BuildSignature: Hashable, Sendable, Codable {
    /// The signature in its armour.
    public let text: String
    /// When it was made, as its maker said.
    public let signedAt: Timestamp

    /// A signature that was made at `signedAt`.
    public init(text: String, signedAt: Timestamp) {
        self.text = text
        self.signedAt = signedAt
    }
}
