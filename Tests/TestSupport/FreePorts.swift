import Foundation

/// TCP ports of 127.0.0.1 for servers that are told theirs.
public enum FreePorts {
    /// Below what connections get as their own: one that is let go is not taken by the next connection of a busy machine.
    private static let range = 10_000..<32_768

    /// `count` ports that nobody has; they are held together, so that they differ.
    /// - Throws: ``UnexpectedEnd`` where a thousand tries found none.
    public static func take(_ count: Int) throws -> [Int] {
        var held: [(port: Int, descriptor: Int32)] = []
        defer { held.forEach { close($0.descriptor) } }
        for _ in 0..<1000 where held.count < count {
            let port = Int.random(in: range)
            if let descriptor = hold(port) { held.append((port, descriptor)) }
        }
        guard held.count == count else { throw UnexpectedEnd(description: "no free port") }
        return held.map(\.port)
    }

    private static func hold(_ port: Int) -> Int32? {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let isBound = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        guard isBound else {
            close(descriptor)
            return nil
        }
        return descriptor
    }
}
