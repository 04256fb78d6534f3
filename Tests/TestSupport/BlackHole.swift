import Foundation

/// A TCP port on every address of loopback that answers nothing to who connects, as an address does that a firewall swallows.
///
/// Its queue is full: the system drops what else comes.
public final class BlackHole: Sendable {
    private let descriptors: [Int32]
    /// The port, chosen by the system.
    public let port: UInt16

    /// Listens on a free port, and fills its queue.
    public init() throws {
        let listening = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        var fillers: [Int32] = []
        let bound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { name in
                guard bind(listening, name, length) == 0, listen(listening, 0) == 0,
                    getsockname(listening, name, &length) == 0
                else { return false }
                for _ in 0..<4 {
                    let filler = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
                    _ = connect(filler, name, length)
                    fillers.append(filler)
                }
                return true
            }
        }
        guard bound else { throw UnexpectedEnd(description: "no free port: errno \(errno)") }
        descriptors = [listening] + fillers
        port = UInt16(bigEndian: address.sin_port)
    }

    deinit { for descriptor in descriptors { close(descriptor) } }
}
