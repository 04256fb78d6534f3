import Glibc

/// What a connection is there for.
enum Service: Sendable {
    /// `/metrics` and `/healthz`.
    case page
    /// A balancer that asks for the weight.
    case check
}

/// A socket that waits for connections.
final class Listener {
    let service: Service
    let descriptor: Int32

    /// Listens at once, also where the address comes to the machine later.
    init(_ address: NetworkAddress, port: UInt16, for service: Service) throws(SystemError) {
        self.service = service
        let family = address.isIPv6 ? AF_INET6 : AF_INET
        descriptor = socket(family, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { throw SystemError("socket") }
        Self.neverWait(descriptor)
        var yes: Int32 = 1
        let size = socklen_t(MemoryLayout<Int32>.size)
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, size)
        if address.isIPv6 {
            setsockopt(descriptor, Int32(IPPROTO_IPV6), IPV6_V6ONLY, &yes, size)
        } else {
            setsockopt(descriptor, Int32(IPPROTO_IP), IP_FREEBIND, &yes, size)
        }
        let bound = address.withSocketAddress(port: port) { bind(descriptor, $0, $1) }
        guard bound == 0, listen(descriptor, 64) == 0 else {
            let error = SystemError("port \(port)")
            close(descriptor)
            throw error
        }
    }

    deinit { close(descriptor) }

    private static func neverWait(_ descriptor: Int32) {
        _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
    }

    /// The port that it got, where 0 was asked for.
    var port: UInt16 {
        var storage = sockaddr_storage()
        var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let code = withUnsafeMutablePointer(to: &storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &size) }
        }
        return code == 0 ? withUnsafeBytes(of: &storage) { UInt16($0[2]) << 8 | UInt16($0[3]) } : 0
    }

    /// The next connection; `nil` where none waits.
    func accept() -> (descriptor: Int32, address: NetworkAddress?)? {
        var storage = sockaddr_storage()
        var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let connection = withUnsafeMutablePointer(to: &storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.accept(descriptor, $0, &size)
            }
        }
        guard connection >= 0 else { return nil }
        Self.neverWait(connection)
        return (connection, NetworkAddress(&storage))
    }
}
