import Foundation
import Synchronization

/// Connections to a port of loopback that say nothing and stay, as those of somebody who never logs in.
public final class HeldConnections: Sendable {
    private let descriptors: Mutex<[Int32]>

    /// Connects `count` times, and waits until the server has greeted each.
    public init(_ count: Int, to port: UInt16) throws {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var held: [Int32] = []
        while held.count < count {
            let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
            let isConnected = withUnsafePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
                }
            }
            guard isConnected else { throw UnexpectedEnd(description: "cannot connect: errno \(errno)") }
            var greeting = [UInt8](repeating: 0, count: 4)
            // A server may turn one away that comes too soon after another.
            if recv(descriptor, &greeting, 4, Int32(MSG_WAITALL)) == 4, greeting == Array("SSH-".utf8) {
                held.append(descriptor)
            } else {
                close(descriptor)
            }
        }
        descriptors = Mutex(held)
    }

    /// Ends all of them. Safe to repeat.
    public func release() {
        descriptors.withLock { held in
            for descriptor in held { close(descriptor) }
            held = []
        }
    }

    deinit { release() }
}
