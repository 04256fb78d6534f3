import CLibSSH2

/// Algorithms for each part of a connection, the preferred ones first (RFC 4253, section 7.1).
public struct AlgorithmOffer: Sendable, Equatable {
    /// How keys are agreed on.
    public var keyExchange: [String] = []
    /// Kinds of host keys.
    public var hostKeys: [String] = []
    /// Ciphers from us to the server, and back.
    public var ciphers: [[String]] = [[], []]
    /// Message authentication, both ways.
    public var macs: [[String]] = [[], []]

    /// Reads the payload of a server's SSH_MSG_KEXINIT.
    init?(payload: [UInt8]) {
        guard payload.first == 20, payload.count > 17 else { return nil }
        var reader = WireReader(payload, skipping: 17)
        var lists: [[String]] = []
        for _ in 0..<6 {
            guard let list = reader.string() else { return nil }
            lists.append(String(decoding: list, as: UTF8.self).split(separator: ",").map(String.init))
        }
        (keyExchange, hostKeys, ciphers, macs) = (lists[0], lists[1], [lists[2], lists[3]], [lists[4], lists[5]])
    }

    /// What Drover's own libssh2 can do.
    init(of session: OpaquePointer) {
        keyExchange = Self.supported(session, LIBSSH2_METHOD_KEX)
        hostKeys = Self.supported(session, LIBSSH2_METHOD_HOSTKEY)
        ciphers = [LIBSSH2_METHOD_CRYPT_CS, LIBSSH2_METHOD_CRYPT_SC].map { Self.supported(session, $0) }
        macs = [LIBSSH2_METHOD_MAC_CS, LIBSSH2_METHOD_MAC_SC].map { Self.supported(session, $0) }
    }

    private static func supported(_ session: OpaquePointer, _ method: Int32) -> [String] {
        var list: UnsafeMutablePointer<UnsafePointer<CChar>?>?
        let count = libssh2_session_supported_algs(session, method, &list)
        defer { libssh2_free(session, list) }
        guard count > 0, let list else { return [] }
        return (0..<Int(count)).compactMap { list[$0].map { String(cString: $0) } }
    }

    /// The parts in which this offer and `other` have nothing in common, with what this one has.
    func gaps(to other: AlgorithmOffer) -> [(part: String, offered: [String])] {
        let parts: [(String, [String], [String])] =
            [
                ("key exchange", keyExchange, other.keyExchange), ("host key", hostKeys, other.hostKeys),
            ] + zip(ciphers, other.ciphers).map { ("cipher", $0, $1) } + zip(macs, other.macs).map { ("MAC", $0, $1) }
        return parts.filter { Set($0.1).isDisjoint(with: $0.2) }.map { ($0.0, $0.1) }
    }
}
