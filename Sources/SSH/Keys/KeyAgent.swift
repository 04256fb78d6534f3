import CLibSSH2
import Glibc

/// An SSH agent's keys and signatures (draft-miller-ssh-agent).
///
/// libssh2 wants a signature at once, so a request waits for the agent, for a few seconds at most.
struct KeyAgent: Sendable {
    /// Its socket, as `$SSH_AUTH_SOCK` has it.
    let path: String
    private static let patience = 5

    /// The keys it holds; none when it doesn't answer.
    func keys(_ library: SSHLibrary = .installed) -> [Identity] {
        guard let answer = ask([11]), answer.first == 12 else { return [] }
        var reader = WireReader(answer, skipping: 1)
        var identities: [Identity] = []
        for _ in 0..<(reader.number() ?? 0) {
            guard let key = reader.string(), let comment = reader.string() else { break }
            let flaw = IdentityFile.flaw(of: key, library)
            identities.append(
                Identity(
                    source: .agent(self), publicKey: key, label: "\(String(decoding: comment, as: UTF8.self)) (agent)",
                    flaw: flaw, hasCertificate: flaw == IdentityFile.certificateFlaw))
        }
        return identities
    }

    /// The bare signature of `data` by the key, without the algorithm's name; `nil` when the agent refuses.
    func sign(_ data: [UInt8], with key: [UInt8]) -> [UInt8]? {
        let request = [13] + wireString(key) + wireString(data) + [0, 0, 0, Self.flags(for: data)]
        guard let answer = ask(request), answer.first == 14 else { return nil }
        var reader = WireReader(answer, skipping: 1)
        guard let signature = reader.string() else { return nil }
        var signatureReader = WireReader(signature)
        guard signatureReader.string() != nil else { return nil }
        return signatureReader.string()
    }

    /// Which of an RSA key's signatures the agent is to make (section 4.5.1): the one that what it signs announces.
    private static func flags(for data: [UInt8]) -> UInt8 {
        var reader = WireReader(data)
        // Session, kind of message, user, service, method, whether it is signed, algorithm (RFC 4252, section 7).
        guard reader.string() != nil, reader.byte() != nil, reader.string() != nil, reader.string() != nil,
            reader.string() != nil, reader.byte() != nil, let algorithm = reader.string()
        else { return 0 }
        return switch String(decoding: algorithm, as: UTF8.self) {
        case "rsa-sha2-256": 2
        case "rsa-sha2-512": 4
        default: 0
        }
    }

    private func ask(_ request: [UInt8]) -> [UInt8]? {
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var patience = timeval(tv_sec: Self.patience, tv_usec: 0)
        let size = socklen_t(MemoryLayout<timeval>.size)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, size)
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &patience, size)
        let message = wireString(request)
        guard join(descriptor), send(descriptor, message, message.count, Int32(MSG_NOSIGNAL)) == message.count,
            let head = receive(descriptor, 4)
        else { return nil }
        let length = head.reduce(0) { $0 << 8 | Int($1) }
        return length <= 1 << 20 ? receive(descriptor, length) : nil
    }

    private func join(_ descriptor: Int32) -> Bool {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let name = Array(path.utf8)
        guard name.count < MemoryLayout.size(ofValue: address.sun_path) else { return false }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: name) }
        return withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
            }
        }
    }

    private func receive(_ descriptor: Int32, _ count: Int) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: count)
        let got = recv(descriptor, &bytes, count, Int32(MSG_WAITALL))
        return got == count ? bytes : nil
    }
}
