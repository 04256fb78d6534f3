import Fleet
import Values

/// A private key to log in with.
struct Identity: Sendable {
    enum Source: Sendable {
        /// A key file's text, of a format that libssh2 reads.
        case file([UInt8])
        case key(PrivateKey)
        /// A key that an agent keeps.
        case agent(KeyAgent)
    }

    var source: Source
    /// The public key as SSH sends it, when it is known.
    var publicKey: [UInt8]?
    /// For messages: the file's path, or the agent's comment.
    var label: String
    /// Why it can't be used, when that is known before trying.
    var flaw: String?
    /// Whether only a passphrase opens it.
    var isLocked = false
    /// Whether it is a certificate, or one lies beside it.
    var hasCertificate = false
}

/// What a private key file says about itself without being unlocked.
enum IdentityFile {
    static let certificateFlaw = "is a certificate, which libssh2 can't log in with"
    static let fidoFlaw = "is a FIDO key, which libssh2 can't sign with"
    static let lockedFlaw = "has a passphrase, and the agent doesn't hold it"

    /// Reads a file's text as far as it is open to all.
    static func identity(_ text: [UInt8], path: String, _ library: SSHLibrary = .installed) -> Identity {
        var identity = Identity(source: .file(text), label: path)
        let lines = String(decoding: text, as: UTF8.self).split(whereSeparator: \.isNewline)
        guard let first = lines.first, first.hasPrefix("-----BEGIN ") else {
            identity.flaw = "is not a private key"
            return identity
        }
        identity.isLocked = first.contains("ENCRYPTED") || lines.dropFirst().first?.contains("ENCRYPTED") == true
        if first.contains("RSA PRIVATE KEY"), let flaw = library.flawOfRSA {
            identity.flaw = flaw
        } else if identity.isLocked {
            identity.flaw = lockedFlaw
        } else if first.contains("OPENSSH PRIVATE KEY") {
            readOpenSSH(lines.dropFirst().prefix { !$0.hasPrefix("-----") }.joined(), into: &identity, library)
        }
        return identity
    }

    /// Why a kind of key can't be used, told by the public key as SSH sends it; `nil` when it can.
    static func flaw(of key: [UInt8], _ library: SSHLibrary) -> String? {
        var reader = WireReader(key)
        let name = String(decoding: reader.string() ?? [], as: UTF8.self)
        if name.contains("-cert-v01@") { return certificateFlaw }
        if name.hasPrefix("sk-") { return fidoFlaw }
        return name == "ssh-rsa" ? library.flawOfRSA : nil
    }

    /// openssh-key-v1: magic, cipher, key derivation and its options, number of keys, public key (PROTOCOL.key).
    private static func readOpenSSH(_ base64: String, into identity: inout Identity, _ library: SSHLibrary) {
        let magic = Array("openssh-key-v1\0".utf8)
        guard let bytes = Base64Coding.bytes(base64.filter { !$0.isWhitespace }),
            bytes.starts(with: magic)
        else {
            identity.flaw = "is not a private key that can be read"
            return
        }
        var reader = WireReader(bytes, skipping: magic.count)
        guard let cipher = reader.string(), reader.string() != nil, reader.string() != nil, reader.number() != nil,
            let key = reader.string()
        else {
            identity.flaw = "is cut short"
            return
        }
        identity.publicKey = key
        identity.isLocked = cipher != Array("none".utf8)
        if let flaw = flaw(of: key, library) {
            identity.flaw = flaw
        } else if identity.isLocked {
            identity.flaw = lockedFlaw
        } else if let part = reader.string(), let key = PrivateKey(openSSH: part) {
            identity.source = .key(key)
        }
    }
}
