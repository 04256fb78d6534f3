import Foundation

/// Loopback TCP with plain sockets: enough HTTP to see what a balancer does with one request.
enum Loopback {
    fileprivate static func loopback(port: Int) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return address
    }
}

/// One connection to a port of this machine.
final class Client: Sendable {
    private let descriptor: Int32

    init(port: Int) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = Loopback.loopback(port: port)
        let isConnected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        guard isConnected else { throw CocoaError(.fileReadUnknown) }
    }

    deinit { close(descriptor) }

    func send(_ text: String) {
        let bytes = Array(text.utf8)
        _ = bytes.withUnsafeBytes {
            Foundation.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
        }
    }

    /// Everything up to the end of the connection, read on a thread that may block.
    func answer() async -> String {
        await withCheckedContinuation { continuation in
            DispatchQueue.global().async { [self] in
                var bytes: [UInt8] = []
                var buffer = [UInt8](repeating: 0, count: 4096)
                while case let count = recv(descriptor, &buffer, buffer.count, 0), count > 0 {
                    bytes += buffer[..<count]
                }
                continuation.resume(returning: String(decoding: bytes, as: UTF8.self))
            }
        }
    }

    /// Status and body of one GET.
    static func get(port: Int, cookie: String? = nil) async throws -> (status: String, body: String) {
        let client = try Client(port: port)
        let header = cookie.map { "Cookie: \($0)\r\n" } ?? ""
        client.send("GET / HTTP/1.1\r\nHost: test\r\n\(header)Connection: close\r\n\r\n")
        let answer = await client.answer()
        let status = answer.split(separator: " ").dropFirst().first.map(String.init) ?? "none"
        return (status, answer.components(separatedBy: "\r\n\r\n").last ?? "")
    }
}
