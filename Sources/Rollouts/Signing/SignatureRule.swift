public import Fleet

/// Who has to vouch for a build before a stage takes it, as `drover.yml` says.
public struct SignatureRule: Hashable, Sendable {
    /// The file of allowed signers, as ssh-keygen(1) describes it.
    public var signers: String
    /// The file of keys that count no longer, a list of them or made by `ssh-keygen -k`; `nil` for none.
    public var revoked: String?
    /// Where the rule stands.
    public var location: SourceLocation

    /// A rule.
    public init(signers: String, revoked: String? = nil, location: SourceLocation) {
        (self.signers, self.revoked, self.location) = (signers, revoked, location)
    }
}

/// What is signed of a build: its file and the tar within, so that either is enough to know it by.
struct SignedStatement: Hashable, Sendable {
    let build: BuildDigest
    let tar: TarDigest

    /// What signatures are for, so that one made for something else counts for no build.
    static let namespace = "drover-build"

    /// The bytes that are signed.
    var text: String { "drover-build 1\nsha256 \(build.file)\ntar-sha256 \(tar)\n" }
}
