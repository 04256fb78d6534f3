/// What the user's own settings for OpenSSH may want of a connection and libssh2 does not do.
public enum OpenSSHWant: String, Hashable, Sendable, CaseIterable, Codable {
    /// It leaves this machine by an address or an interface of choice.
    case boundAddress
    /// A list of revoked keys is looked through.
    case revokedKeys
    /// A program knows host keys.
    case keyCommand
    /// A certificate that does not lie beside its key is shown.
    case certificate
    /// Keys are in a token, behind a library for PKCS#11.
    case token
    /// This machine vouches for the user.
    case hostBased
}
