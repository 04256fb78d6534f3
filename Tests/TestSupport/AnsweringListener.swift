import Foundation
import Synchronization

/// A TCP port on loopback that reads one request, gives the same answer to whoever asks, and hangs up.
public final class AnsweringListener: Sendable {
    private let descriptor: Int32
    private let heard = Mutex("")
    /// The port, chosen by the system.
    public let port: Int

    /// Listens on a free port of 127.0.0.1, and answers `answer`.
    public init(_ answer: String) throws {
        (descriptor, port) = try Self.listen()
        let (descriptor, bytes) = (descriptor, Array(answer.utf8))
        Thread.detachNewThread { [weak self] in
            while case let connection = accept(descriptor, nil, nil), connection >= 0 {
                let request = Self.request(from: connection)
                self?.heard.withLock { $0 = request }
                _ = bytes.withUnsafeBytes { send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
                close(connection)
            }
            // Not closed by whoever lets go of the listener: another's may have the number by then.
            close(descriptor)
        }
    }

    /// The last request, as it came.
    public func request() -> String { heard.withLock { $0 } }

    /// A port that nobody listens on, and that the system gives to nobody who asks for any.
    public static func quietPort() throws -> Int {
        for port in (15_000..<32_000).shuffled() {
            guard let (descriptor, _) = try? listen(on: UInt16(port)) else { continue }  // Somebody has it.
            close(descriptor)
            return port
        }
        throw UnexpectedEnd(description: "no port is free")
    }

    private static func request(from connection: Int32) -> String {
        var text = ""
        var part = [UInt8](repeating: 0, count: 4096)
        while !text.contains("\r\n\r\n"), case let count = recv(connection, &part, part.count, 0), count > 0 {
            text += String(decoding: part[..<count], as: UTF8.self)
        }
        return text
    }

    private static func listen(on port: UInt16 = 0) throws -> (descriptor: Int32, port: Int) {
        let listening = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listening, $0, length) == 0 && Foundation.listen(listening, 64) == 0
                    && getsockname(listening, $0, &length) == 0
            }
        }
        guard bound else { throw UnexpectedEnd(description: "no free port: errno \(errno)") }
        return (listening, Int(UInt16(bigEndian: address.sin_port)))
    }

    deinit { shutdown(descriptor, Int32(SHUT_RDWR)) }
}
