import CLibSSH2
import Fleet

/// A shell's streams over a channel of an SSH session.
final class ChannelPort: ShellPort {
    private enum Phase { case idle, opening, starting, started }

    private let session: SessionHandle
    private let line: String
    private var channel: OpaquePointer?
    private var phase = Phase.idle
    private var isStartConfirmed = false
    /// How much the host may send ahead of what we have read.
    private static let window: UInt32 = 2 * 1024 * 1024
    private static let packet: UInt32 = 32768

    /// A channel that will run `line`.
    init(_ session: SessionHandle, running line: String) {
        (self.session, self.line) = (session, line)
    }

    func start() -> IOResult {
        switch phase {
        case .idle:
            guard session.opener == nil else { return .waiting }
            session.opener = self
            phase = .opening
            return start()
        case .opening:
            let result = open()
            guard case .done = result else { return result }
            phase = .starting
            return start()
        case .starting: return confirmStart()
        case .started: return .done(0)
        }
    }

    private func open() -> IOResult {
        channel = libssh2_channel_open_ex(session.raw, "session", 7, Self.window, Self.packet, nil, 0)
        guard channel == nil else {
            session.opener = nil
            return .done(0)
        }
        let result = session.result(of: libssh2_session_last_errno(session.raw))
        guard case .failed(let reason) = result else { return result }
        session.opener = nil
        return .failed("the host opened no channel: \(reason.lowercasedFirst)")
    }

    /// Asks for the program. Once the asking is on its way, what the program reads can follow at once.
    private func confirmStart() -> IOResult {
        let code = libssh2_channel_process_startup(channel, "exec", 4, line, UInt32(line.utf8.count))
        switch session.result(of: code) {
        case .done, .ended:
            (phase, isStartConfirmed) = (.started, true)
            return .done(0)
        case .waiting:
            phase = .started
            return .done(0)
        case .sendBlocked: return .sendBlocked
        case .failed(let reason): return .failed("the host refused to run a program: \(reason)")
        }
    }

    func write(_ bytes: UnsafeRawBufferPointer) -> IOResult {
        let base = bytes.bindMemory(to: CChar.self).baseAddress
        return session.result(of: libssh2_channel_write_ex(channel, 0, base, bytes.count))
    }

    func read(_ stream: ShellStream, into buffer: UnsafeMutableRawBufferPointer) -> IOResult {
        if !isStartConfirmed {
            let result = confirmStart()
            guard isStartConfirmed else {
                if case .done = result { return .waiting }
                return result
            }
        }
        let base = buffer.bindMemory(to: CChar.self).baseAddress
        let code = libssh2_channel_read_ex(channel, stream == .output ? 0 : 1, base, buffer.count)
        return code == 0 ? .ended : session.result(of: code)
    }

    func exit(_ exit: inout ShellExit) -> IOResult {
        guard isStartConfirmed else { return .done(0) }
        let result = session.result(of: libssh2_channel_wait_closed(channel))
        guard case .done = result else { return result }
        var name: UnsafeMutablePointer<CChar>?
        libssh2_channel_get_exit_signal(channel, &name, nil, nil, nil, nil, nil)
        if let name {
            exit.status = signalNumbers[String(cString: name)].map { 128 + $0 }
            libssh2_free(session.raw, name)
        } else {
            exit.status = libssh2_channel_get_exit_status(channel)
        }
        return result
    }

    func close() -> IOResult {
        if session.opener === self {
            // libssh2 can't forget a channel that is half open: nobody else could open one.
            let result = open()
            guard case .done = result else { return result }
        }
        guard let channel else { return .done(0) }
        let result = session.result(of: libssh2_channel_free(channel))
        switch result {
        case .waiting, .sendBlocked: return result
        case .done, .ended, .failed:
            self.channel = nil
            return .done(0)
        }
    }
}

/// Signals by the names that SSH gives them (RFC 4254, section 6.10).
private let signalNumbers: [String: Int32] = [
    "ABRT": 6, "ALRM": 14, "FPE": 8, "HUP": 1, "ILL": 4, "INT": 2, "KILL": 9, "PIPE": 13, "QUIT": 3, "SEGV": 11,
    "TERM": 15, "USR1": 10, "USR2": 12,
]
