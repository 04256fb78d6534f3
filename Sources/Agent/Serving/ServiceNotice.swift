import Glibc

/// What systemd wants to hear from a unit: that it is ready, and that it is still alive.
enum ServiceNotice {
    /// Says it where somebody listens.
    static func send(_ text: String) {
        guard let path = getenv("NOTIFY_SOCKET").map({ String(cString: $0) }), let first = path.utf8.first,
            first == 47 || first == 64, path.utf8.count < 108
        else { return }
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address) { raw in
            for (place, byte) in path.utf8.enumerated() { raw[2 + place] = place == 0 && byte == 64 ? 0 : byte }
        }
        let size = socklen_t(2 + path.utf8.count)
        withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { to in
                _ = sendto(
                    descriptor, text, text.utf8.count, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT), to, size)
            }
        }
    }
}
