import CLibSSH2
import Glibc

/// A TCP socket that never blocks, and goes away with the last who holds it. Used on one loop's thread.
final class Socket: SessionStream {
    let descriptor: Int32
    let tunnel: Tunnel? = nil
    let causeOfEnd: String? = nil
    /// What it is, or is to be, connected to.
    private(set) var address: SocketAddress?
    private let loop: SessionLoop
    private var watch: Watch?

    /// - Returns: `nil` when no descriptor is left; `errno` says why.
    init?(family: Int32, on loop: SessionLoop) {
        self.loop = loop
        let type = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        descriptor = socket(family, type, 0)
        guard descriptor >= 0 else { return nil }
        set(Int32(IPPROTO_TCP), TCP_NODELAY, 1)
        set(SOL_SOCKET, SO_KEEPALIVE, 1)
    }

    /// Has the system end the connection when the other end does not take what is sent for so long; not while connecting, which
    /// has a time of its own.
    func limitSilence(to time: Duration) {
        set(Int32(IPPROTO_TCP), TCP_USER_TIMEOUT, Int32(clamping: time.components.seconds * 1000))
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    private func set(_ level: Int32, _ option: Int32, _ value: Int32) {
        var value = value
        setsockopt(descriptor, level, option, &value, socklen_t(MemoryLayout<Int32>.size))
    }

    /// Begins to connect. The socket is ready for writing once that is decided.
    /// - Returns: 0, or the error's number.
    func beginConnecting(to address: SocketAddress) -> Int32 {
        self.address = address
        let result = address.withPointer { connect(descriptor, $0, $1) }
        return result == 0 || errno == EINPROGRESS ? 0 : errno
    }

    /// The error that connecting ended with; 0 for none.
    var error: Int32 {
        var code: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &size)
        return code
    }

    func begin(_ isReady: @escaping (Readiness) -> Void) {
        watch = loop.watch(descriptor, for: .reading, isReady)
    }

    func adjust(to interest: Readiness) {
        if let watch { loop.adjust(watch, to: interest) }
    }

    func end() {
        if let watch { loop.end(watch) }
        watch = nil
    }

    func shutDown() { shutdown(descriptor, Int32(SHUT_RDWR)) }
}

/// The system's words for an error's number.
func describe(errorNumber: Int32) -> String {
    String(cString: strerror(errorNumber)).lowercased()
}
