import CLibSSH2
import Glibc

/// One libssh2 session over what carries it. Every call happens on its loop's thread.
final class SessionHandle {
    let raw: OpaquePointer
    /// Stays open as long as libssh2 may use it.
    let stream: any SessionStream
    private let meter: UnsafeMutablePointer<drover_meter>
    /// libssh2 opens one channel of a session at a time; this is whose turn it is.
    weak var opener: AnyObject?
    /// Why nothing works on this session any more.
    private(set) var fatal: String?

    /// libssh2 is set up once for the process.
    private static let isReady = libssh2_init(0) == 0

    init?(over stream: any SessionStream) {
        guard Self.isReady else { return nil }
        let meter = UnsafeMutablePointer<drover_meter>.allocate(capacity: 1)
        meter.initialize(to: drover_meter())
        stream.tunnel?.connect(meter)
        guard let raw = drover_session(meter) else {
            meter.deallocate()
            return nil
        }
        (self.raw, self.stream, self.meter) = (raw, stream, meter)
        libssh2_session_set_blocking(raw, 0)
        libssh2_keepalive_config(raw, 1, 2)
    }

    deinit {
        // The stream is shut down by then, so that closing channels can't wait for the other end.
        var attempts = 0
        while libssh2_session_free(raw) == LIBSSH2_ERROR_EAGAIN, attempts < 64 { attempts += 1 }
        meter.deallocate()
    }

    /// Bytes that came and went so far.
    var received: UInt64 { meter.pointee.received }
    var sent: UInt64 { meter.pointee.sent }

    /// What the other end said first, as far as it is kept.
    var greeting: String {
        let count = min(Int(received), MemoryLayout.size(ofValue: meter.pointee.greeting))
        return withUnsafeBytes(of: meter.pointee.greeting) { String(decoding: $0.prefix(count), as: UTF8.self) }
    }

    /// What keyboard-interactive authentication answers to the next hidden question; must stay until it is through.
    var answer: UnsafePointer<CChar>? {
        get { meter.pointee.answer }
        set { meter.pointee.answer = newValue }
    }

    /// Whether a call's return value means that the connection has ended.
    static func meansCutOff(_ code: Int) -> Bool {
        [LIBSSH2_ERROR_SOCKET_SEND, LIBSSH2_ERROR_SOCKET_RECV, LIBSSH2_ERROR_SOCKET_DISCONNECT].contains(Int32(code))
    }

    /// What a call's return value means.
    func result(of code: Int) -> IOResult {
        guard code < 0 else { return .done(code) }
        if code == Int(LIBSSH2_ERROR_EAGAIN) {
            let isSending = libssh2_session_block_directions(raw) & LIBSSH2_SESSION_BLOCK_OUTBOUND != 0
            return isSending ? .sendBlocked : .waiting
        }
        // Whatever libssh2 makes of a connection that has ended, the end is the reason.
        guard fatal == nil else { return .waiting }
        let reason = lastError
        guard Self.fatalCodes.contains(Int32(code)) else { return .failed(reason) }
        // The session says so to all who wait on it.
        fatal = causeOfLoss ?? reason.lowercasedFirst
        return .waiting
    }

    func result(of code: Int32) -> IOResult { result(of: Int(code)) }

    /// The cause of an end in good order.
    static let endedByHost = "the host ended it"

    /// What the system, or the jump host, says about the end.
    var causeOfLoss: String? {
        if let cause = stream.causeOfEnd { return cause }
        if meter.pointee.error == EPIPE { return Self.endedByHost }
        if meter.pointee.error != 0 { return describe(errorNumber: meter.pointee.error) }
        return meter.pointee.is_ended != 0 ? Self.endedByHost : nil
    }

    /// Whether the system gave it up because the other end kept silent.
    var hasTimedOut: Bool { meter.pointee.error == ETIMEDOUT }

    /// What libssh2 says about the last failure.
    var lastError: String {
        var text: UnsafeMutablePointer<CChar>?
        let code = libssh2_session_last_error(raw, &text, nil, 0)
        guard let text, text.pointee != 0 else { return "libssh2 error \(code)" }
        return String(cString: text)
    }

    private static let fatalCodes: Set<Int32> = [
        LIBSSH2_ERROR_SOCKET_SEND, LIBSSH2_ERROR_SOCKET_RECV, LIBSSH2_ERROR_SOCKET_DISCONNECT,
        LIBSSH2_ERROR_SOCKET_NONE, LIBSSH2_ERROR_DECRYPT, LIBSSH2_ERROR_INVALID_MAC, LIBSSH2_ERROR_PROTO,
        LIBSSH2_ERROR_KEX_FAILURE, LIBSSH2_ERROR_KEY_EXCHANGE_FAILURE, LIBSSH2_ERROR_BAD_SOCKET,
        LIBSSH2_ERROR_BAD_USE, LIBSSH2_ERROR_ENCRYPT, LIBSSH2_ERROR_ALLOC,
    ]
}
