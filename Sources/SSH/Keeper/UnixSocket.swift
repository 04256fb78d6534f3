import CLibSSH2
import Glibc

/// The sockets that commands and a keeper talk through.
enum UnixSocket {
    /// Who is at the other end.
    struct Peer {
        let process: pid_t
        let user: uid_t
    }

    /// How many may wait to be heard.
    private static let backlog: Int32 = 1024

    /// A socket that listens at `path`, for this user alone.
    /// - Returns: `nil` when there can be none; `errno` says why.
    static func listening(at path: String) -> Int32? {
        open { descriptor in
            guard withAddress(of: path, { bind(descriptor, $0, $1) }) == 0 else { return false }
            return chmod(path, 0o600) == 0 && listen(descriptor, backlog) == 0
        }
    }

    /// A socket that is connected to who listens at `path`.
    /// - Returns: `nil` when there is none; `errno` says why.
    static func connected(to path: String) -> Int32? {
        open { descriptor in withAddress(of: path) { connect(descriptor, $0, $1) } == 0 }
    }

    /// The next who connected; `nil` when nobody is left, or no descriptor, as `errno` says.
    static func accepted(by listener: Int32) -> Int32? {
        let flags = Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        let descriptor = accept4(listener, nil, nil, flags)
        return descriptor >= 0 ? descriptor : nil
    }

    /// Who is at the other end; of a socket that is connected to a listener, who made that.
    static func peer(of descriptor: Int32) -> Peer? {
        var peer = drover_peer()
        guard drover_peer_of(descriptor, &peer) == 0 else { return nil }
        return Peer(process: peer.process, user: peer.user)
    }

    /// Where a listener listens.
    static func path(of listener: Int32) -> String? {
        var address = sockaddr_un()
        var length = socklen_t(MemoryLayout<sockaddr_un>.size)
        let code = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(listener, $0, &length) }
        }
        guard code == 0, address.sun_family == sa_family_t(AF_UNIX) else { return nil }
        let path = withUnsafeBytes(of: address.sun_path) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        return path.isEmpty ? nil : path
    }

    private static func open(_ use: (Int32) -> Bool) -> Int32? {
        let type = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        let descriptor = socket(AF_UNIX, type, 0)
        guard descriptor >= 0 else { return nil }
        if use(descriptor) { return descriptor }
        let reason = errno
        close(descriptor)
        errno = reason
        return nil
    }

    private static func withAddress(of path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        guard path.utf8.count < MemoryLayout.size(ofValue: address.sun_path) else {
            errno = ENAMETOOLONG
            return -1
        }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        return withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
    }
}
