import Foundation
import Synchronization
import TestSupport
import Testing

/// An agent on a free port of 127.0.0.1, which says one line to whoever connects, and hangs up.
final class AgentStandIn: Sendable {
    private let descriptor: Int32
    private let line: Mutex<String>
    let port: Int

    /// Says `line` from the beginning.
    init(saying line: String) throws {
        (descriptor, port) = try Self.listen()
        self.line = Mutex(line)
        let descriptor = descriptor
        Thread.detachNewThread { [weak self] in
            while case let connection = accept(descriptor, nil, nil), connection >= 0 {
                let bytes = Array(((self?.line.withLock { $0 } ?? "") + "\n").utf8)
                _ = bytes.withUnsafeBytes { send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
                close(connection)
            }
            close(descriptor)
        }
    }

    /// Says `line` from now on.
    func say(_ line: String) { self.line.withLock { $0 = line } }

    private static func listen() throws -> (descriptor: Int32, port: Int) {
        let listening = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listening, $0, length) == 0 && Foundation.listen(listening, 64) == 0
                    && getsockname(listening, $0, &length) == 0
            }
        }
        try #require(bound)
        return (listening, Int(UInt16(bigEndian: address.sin_port)))
    }

    deinit { shutdown(descriptor, Int32(SHUT_RDWR)) }
}
