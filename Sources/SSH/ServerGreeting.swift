import CLibSSH2
import Dispatch
public import Fleet
import Glibc

/// What an SSH server says to everybody, before any key is agreed on or anybody has logged in.
public struct ServerGreeting: Sendable {
    /// The address that answered, with its port.
    public let address: String
    /// The server's first line, such as `SSH-2.0-OpenSSH_9.2p1`.
    public let banner: String
    /// The algorithms that it offers.
    public let offer: AlgorithmOffer

    /// How far a server was asked when it failed.
    public enum Stage: Sendable, CaseIterable {
        /// Its name was looked up.
        case name
        /// Its port was connected to.
        case port
        /// Its first line was waited for.
        case banner
        /// Its algorithms were waited for.
        case algorithms
    }

    /// Why there is no greeting.
    public struct Fault: Error {
        /// How far it went.
        public let stage: Stage
        /// What went wrong.
        public let error: TransportError
    }

    private static let queue = DispatchQueue(label: "drover.greetings", attributes: .concurrent)

    /// Asks an endpoint, whatever it may be reached through; the connection is closed again. Callers bound how many ask at
    /// once: each blocks a thread for at most three times the endpoint's time for connecting.
    public static func ask(_ endpoint: Endpoint) async throws(Fault) -> ServerGreeting {
        let addresses: [SocketAddress]
        switch await Resolver().addresses(of: endpoint.address, port: endpoint.port) {
        case .addresses(let found): addresses = found
        case .failure(let reason):
            throw Fault(
                stage: .name,
                error: TransportError(
                    .unreachable, host: endpoint.host, "cannot resolve '\(endpoint.address)': \(reason.lowercased())",
                    hints: ["set ansible_host to an address, or check the name and the resolver"]))
        }
        let result: Result<ServerGreeting, Fault> = await withCheckedContinuation { continuation in
            queue.async {
                do throws(Fault) {
                    continuation.resume(returning: .success(try GreetingReader(endpoint).greet(addresses)))
                } catch {
                    continuation.resume(returning: .failure(error))
                }
            }
        }
        return try result.get()
    }
}

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

/// One conversation with a server, on a thread that may block.
private struct GreetingReader {
    private let endpoint: Endpoint
    private static let longestPrelude = 16384
    private static let longestPacket = 65536

    init(_ endpoint: Endpoint) { self.endpoint = endpoint }

    func greet(_ addresses: [SocketAddress]) throws(ServerGreeting.Fault) -> ServerGreeting {
        let (socket, address) = try connect(addresses)
        var rest: [UInt8] = []
        let banner = try banner(socket, &rest)
        let hello = Array("SSH-2.0-Drover\r\n".utf8)
        send(socket.descriptor, hello, hello.count, Int32(MSG_NOSIGNAL))
        guard let offer = AlgorithmOffer(payload: try packet(socket, &rest)) else {
            throw fault(.algorithms, "the server does not say which algorithms it has")
        }
        if let handle = SessionHandle(over: socket) { try check(offer, AlgorithmOffer(of: handle.raw)) }
        return ServerGreeting(address: address, banner: banner, offer: offer)
    }

    private func check(_ offer: AlgorithmOffer, _ ours: AlgorithmOffer) throws(ServerGreeting.Fault) {
        guard let gap = offer.gaps(to: ours).first else { return }
        var hint = "libssh2 1.10 needs a \(gap.part) that is not among them: enable one in the host's sshd_config"
        if gap.part == "host key", gap.offered.allSatisfy({ $0.contains("rsa") }) {
            hint = """
                libssh2 1.10 knows RSA host keys only with SHA-1 (ssh-rsa), which today's sshd does not offer: make an ed25519 \
                key there with ssh-keygen -A, and restart sshd
                """
        }
        let offered = gap.offered.joined(separator: ", ")
        throw fault(.algorithms, "no \(gap.part) algorithm in common; the host offers \(offered)", hint)
    }

    private func connect(_ addresses: [SocketAddress]) throws(ServerGreeting.Fault) -> (Socket, String) {
        var reasons: [String] = []
        for address in addresses {
            let patience = endpoint.connectTimeout
            guard let socket = Socket(family: address.family, patience: patience, on: LoopGroup.shared.next()) else {
                continue
            }
            var code = socket.beginConnecting(to: address)
            if code == 0 { code = wait(socket, POLLOUT) ? socket.error : ETIMEDOUT }
            if code == 0 { return (socket, address.description) }
            reasons.append(
                code == ETIMEDOUT
                    ? "no answer from \(address) within \(describe(patience))"
                    : "\(address): \(describe(errorNumber: code))")
        }
        throw fault(
            .port, reasons.joined(separator: "; "),
            "is the host up, does its sshd listen on port \(endpoint.port), and does no firewall drop it?")
    }

    /// The first line that begins with `SSH-`; a server may say other things before.
    private func banner(_ socket: Socket, _ rest: inout [UInt8]) throws(ServerGreeting.Fault) -> String {
        while true {
            while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
                let line = String(decoding: rest[..<end], as: UTF8.self)
                rest.removeSubrange(...end)
                if line.hasPrefix("SSH-") { return line.last == "\r" ? String(line.dropLast()) : line }
            }
            guard rest.count < Self.longestPrelude else { throw fault(.banner, "what listens there is no SSH server") }
            guard receive(socket, &rest) else {
                throw fault(
                    .banner,
                    "the port is open, but no SSH server greets there within \(describe(endpoint.connectTimeout))",
                    "is sshd frozen, overloaded or refusing (MaxStartups), or is this another service's port?")
            }
        }
    }

    /// The payload of the server's first packet.
    private func packet(_ socket: Socket, _ rest: inout [UInt8]) throws(ServerGreeting.Fault) -> [UInt8] {
        while true {
            var reader = WireReader(rest)
            if let length = reader.number() {
                guard (2...Self.longestPacket).contains(length) else { break }
                if rest.count >= 4 + length {
                    let padding = Int(rest[4])
                    guard padding < length else { break }
                    return Array(rest[5..<(4 + length - padding)])
                }
            }
            guard receive(socket, &rest) else { break }
        }
        throw fault(
            .algorithms, "the server greets, but then says nothing that can be read",
            "sshd may be refusing: see MaxStartups and PerSourcePenalties in sshd_config, and the host's log")
    }

    /// Waits for more bytes. - Returns: Whether some came.
    private func receive(_ socket: Socket, _ rest: inout [UInt8]) -> Bool {
        guard wait(socket, POLLIN) else { return false }
        var buffer = [UInt8](repeating: 0, count: 8192)
        let count = recv(socket.descriptor, &buffer, buffer.count, 0)
        guard count > 0 else { return false }
        rest.append(contentsOf: buffer.prefix(count))
        return true
    }

    private func wait(_ socket: Socket, _ event: Int32) -> Bool {
        var entry = pollfd(fd: socket.descriptor, events: Int16(event), revents: 0)
        let patience = endpoint.connectTimeout.components.seconds * 1000
        return poll(&entry, 1, Int32(clamping: patience)) == 1
    }

    private func fault(_ stage: ServerGreeting.Stage, _ message: String, _ hint: String? = nil) -> ServerGreeting.Fault
    {
        ServerGreeting.Fault(
            stage: stage,
            error: TransportError(
                .unreachable, host: endpoint.host, message, hints: hint.map { [$0] } ?? []))
    }
}
