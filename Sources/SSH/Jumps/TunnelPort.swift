import CLibSSH2
import Fleet

/// One tunnel as the session to the jump host sees it: a channel of kind direct-tcpip. Used on that session's loop.
final class TunnelPort {
    enum Opening: Sendable {
        case open
        /// The jump host refused, and why.
        case refused(String)
        case expired, cancelled
        case lost(String)

        /// Whether nobody said anything.
        var isSilence: Bool {
            switch self {
            case .expired, .cancelled: true
            case .open, .refused, .lost: false
            }
        }
    }

    private enum Phase { case queued, opening, open, closing, closed }
    /// A call that has to be repeated before any other, because half of its packet is sent.
    private enum Half { case opening, departing, arriving, closing }

    let tunnel: Tunnel
    private let handle: SessionHandle
    private let loop: SessionLoop
    private let address: String
    private let port: UInt16
    private var channel: OpaquePointer?
    private var phase = Phase.queued
    private var half: Half?
    private var isEnded = false
    private var waiting: CheckedContinuation<Opening, Never>?
    private static let readsInOneStep = 32

    init(
        _ tunnel: Tunnel, to address: String, _ port: UInt16, of handle: SessionHandle, on loop: SessionLoop
    ) {
        (self.tunnel, self.address, self.port, self.handle, self.loop) = (tunnel, address, port, handle, loop)
    }

    /// Tells `waiting` what comes of the opening.
    func begin(_ waiting: CheckedContinuation<Opening, Never>) { self.waiting = waiting }

    /// Whether the session can open nothing else before this is over.
    var isOpening: Bool { phase == .queued || phase == .opening }

    /// Ends the wait for the opening; libssh2 can't forget one that it has begun, so that goes on.
    func stopWaiting(_ reason: Opening) {
        settle(reason)
        tunnel.close()
    }

    /// Whether a step would come to anything, once somebody has read the session's socket.
    var isBusy: Bool { phase != .open || half != nil || tunnel.hasDepartures || hasArrivals }

    /// Goes as far as it can.
    ///
    /// - Parameter hasRead: Whether somebody has read this session's socket dry in this round. Who finds that nobody has
    ///   does it, for all.
    func step(_ hasRead: inout Bool) -> StepResult {
        if let half {
            let result = finish(half)
            if case .sendBlocked = result { return .sendBlocked }
            self.half = nil
        }
        switch phase {
        case .queued, .opening: return open(&hasRead)
        case .open: return carry(&hasRead)
        case .closing: return close()
        case .closed: return .finished
        }
    }

    private func finish(_ half: Half) -> IOResult {
        switch half {
        case .opening: ask()
        case .departing: depart() ?? .waiting
        case .arriving: arrive()
        case .closing: free()
        }
    }

    // MARK: Opening

    private func open(_ hasRead: inout Bool) -> StepResult {
        if phase == .queued {
            guard waiting != nil else { return finish() }
            guard handle.opener == nil else { return .waiting }
            handle.opener = self
            phase = .opening
        }
        if channel == nil, phase == .opening {
            hasRead = true
            switch ask() {
            case .sendBlocked: return block(.opening)
            case .waiting: return .waiting
            case .done, .ended: break
            case .failed(let reason):
                handle.opener = nil
                settle(.refused(reason))
                return finish()
            }
        }
        handle.opener = nil
        phase = .open
        settle(.open)
        return .progressed
    }

    private func ask() -> IOResult {
        if channel != nil { return .done(0) }
        channel = libssh2_channel_direct_tcpip_ex(handle.raw, address, Int32(port), "127.0.0.1", 0)
        return channel == nil ? handle.result(of: libssh2_session_last_errno(handle.raw)) : .done(0)
    }

    private func settle(_ opening: Opening) {
        waiting?.resume(returning: opening)
        waiting = nil
    }

    // MARK: Carrying

    private func carry(_ hasRead: inout Bool) -> StepResult {
        var hasMoved = false
        while let result = depart() {
            if case .sendBlocked = result { return block(.departing) }
            guard case .done(let count) = result, count > 0 else { break }
            hasMoved = true
        }
        if tunnel.isClosed {
            phase = .closing
            return close()
        }
        for _ in 0..<Self.readsInOneStep where !hasRead || hasArrivals {
            hasRead = true
            let result = arrive()
            if case .sendBlocked = result { return block(.arriving) }
            guard case .done = result else { break }
            hasMoved = true
        }
        return hasMoved ? .progressed : .waiting
    }

    private func depart() -> IOResult? {
        tunnel.depart { bytes in
            let base = bytes.bindMemory(to: CChar.self).baseAddress
            return handle.result(of: libssh2_channel_write_ex(channel, 0, base, bytes.count))
        }
    }

    /// Whether libssh2 holds bytes for us already, or has seen their end.
    private var hasArrivals: Bool {
        !isEnded && (libssh2_poll_channel_read(channel, 0) != 0 || libssh2_channel_eof(channel) == 1)
    }

    private func arrive() -> IOResult {
        let base = loop.scratch.bindMemory(to: CChar.self).baseAddress
        let code = libssh2_channel_read_ex(channel, 0, base, loop.scratch.count)
        if code > 0 { tunnel.arrive(UnsafeRawBufferPointer(rebasing: loop.scratch[..<code])) }
        guard code == 0 else { return handle.result(of: code) }
        if !isEnded, libssh2_channel_eof(channel) == 1 {
            isEnded = true
            tunnel.end()
        }
        return .ended
    }

    // MARK: Ends

    private func close() -> StepResult {
        switch free() {
        case .sendBlocked: return block(.closing)
        case .waiting: return .waiting
        case .done, .ended, .failed: return finish()
        }
    }

    private func free() -> IOResult {
        guard let channel else { return .done(0) }
        let result = handle.result(of: libssh2_channel_free(channel))
        switch result {
        case .waiting, .sendBlocked: return result
        case .done, .ended, .failed:
            self.channel = nil
            return .done(0)
        }
    }

    private func finish() -> StepResult {
        phase = .closed
        return .finished
    }

    private func block(_ half: Half) -> StepResult {
        self.half = half
        return .sendBlocked
    }

    /// The session to the jump host is gone, and with it everything it carried.
    func abort(_ reason: String) {
        phase = .closed
        settle(.lost(reason))
        tunnel.lose(reason)
    }
}

/// The tunnels over one session to a jump host. Used on its loop's thread.
final class TunnelHub: Pollable {
    private var ports: [TunnelPort] = []
    private var blocked: TunnelPort?

    /// How many there are.
    var count: Int { ports.count }

    /// Whether anything goes through.
    var carries: Bool { ports.contains { !$0.isOpening } }

    /// Whether another tunnel can be opened now.
    var canOpen: Bool { !ports.contains(where: \.isOpening) }

    func add(_ port: TunnelPort) { ports.append(port) }

    func step() -> StepResult {
        var hasMoved = false
        var hasRead = false
        if let port = blocked {
            if case .sendBlocked = port.step(&hasRead) { return .sendBlocked }
            blocked = nil
            hasMoved = true
        }
        // Of hundreds only a few have anything to do.
        for port in ports where !hasRead || port.isBusy {
            switch port.step(&hasRead) {
            case .sendBlocked:
                blocked = port
                return .sendBlocked
            case .progressed: hasMoved = true
            case .finished:
                ports.removeAll { $0 === port }
                hasMoved = true
            case .waiting: break
            }
        }
        if ports.isEmpty { return .finished }
        return hasMoved ? .progressed : .waiting
    }

    func abort(_ error: TransportError) {
        for port in ports { port.abort("jump host \(error.host): \(error.message)") }
        ports = []
        blocked = nil
    }
}
