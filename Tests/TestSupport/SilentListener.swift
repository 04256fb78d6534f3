import Foundation

/// A TCP port on loopback that accepts connections and says nothing, and can tell whether anyone has connected.
public final class SilentListener: Sendable {
    private let descriptor: Int32
    /// The port, chosen by the system.
    public let port: Int

    /// Listens on a free port of 127.0.0.1.
    public init() throws {
        let listening = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listening, $0, length) == 0 && listen(listening, 64) == 0
                    && getsockname(listening, $0, &length) == 0
            }
        }
        guard bound else { throw UnexpectedEnd(description: "no free port: errno \(errno)") }
        descriptor = listening
        port = Int(UInt16(bigEndian: address.sin_port))
    }

    /// Whether anyone has connected since the last time this was asked.
    public func wasConnectedTo() -> Bool {
        let connection = accept(descriptor, nil, nil)
        if connection >= 0 { close(connection) }
        return connection >= 0
    }

    deinit { close(descriptor) }
}
