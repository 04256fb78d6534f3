import Dispatch
import Foundation

/// Asks what listens on a port.
enum TCPPort {
    /// Whether something accepts connections within a second.
    static func isOpen(_ address: String, _ port: UInt16) async -> Bool {
        await offCaller { withConnection(address, port) { _ in true } ?? false }
    }

    /// The first line that the server says within a second, such as `SSH-2.0-OpenSSH_9.2p1`.
    static func banner(_ address: String, _ port: UInt16) async -> String? {
        await offCaller {
            withConnection(address, port) { descriptor in
                var bytes = [UInt8](repeating: 0, count: 255)
                let count = read(descriptor, &bytes, bytes.count)
                return count > 0 ? String(decoding: bytes.prefix(count), as: UTF8.self) : ""
            }
        }
    }

    /// Calls that wait in the kernel stay off the threads that run tasks.
    private static func offCaller<Answer: Sendable>(_ body: @escaping @Sendable () -> Answer) async -> Answer {
        await withCheckedContinuation { continuation in
            DispatchQueue.global().async { continuation.resume(returning: body()) }
        }
    }

    private static func withConnection<Answer>(
        _ address: String, _ port: UInt16, _ body: (Int32) -> Answer
    ) -> Answer? {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var limit = timeval(tv_sec: 1, tv_usec: 0)
        let limitSize = socklen_t(MemoryLayout<timeval>.size)
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, limitSize)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, limitSize)
        var target = sockaddr_in()
        target.sin_family = sa_family_t(AF_INET)
        target.sin_port = port.bigEndian
        guard inet_pton(AF_INET, address, &target.sin_addr) == 1 else { return nil }
        let status = withUnsafePointer(to: target) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        return status == 0 ? body(descriptor) : nil
    }
}
