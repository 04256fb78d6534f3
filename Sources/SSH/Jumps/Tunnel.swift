import CLibSSH2
import Glibc
import Synchronization

/// The bytes on their way between a session and the session to a jump host that carries it.
///
/// The two may be on different loops: each touches only its own libssh2 session, and both touch what is in here.
final class Tunnel: Sendable {
    private struct State {
        /// From the jump host. What the inner session's host may send before it hears of us bounds it.
        var arrivals = ByteQueue()
        /// For the jump host.
        var departures = ByteQueue()
        /// Whether the host has said that nothing more comes.
        var isEnded = false
        /// Why the tunnel is gone.
        var loss: String?
        /// Whether the inner session wants no more of it.
        var isClosed = false
        var wakeInner: (@Sendable () -> Void)?
        var wakeOuter: (@Sendable () -> Void)?
    }

    /// How much waits for the jump host's session before the inner one has to.
    private static let most = 65536
    /// What libssh2 takes for the inner session's socket.
    let descriptor: Int32
    private let state = Mutex(State())

    /// - Parameter descriptor: Of something that never blocks, and stays open for as long as the process runs.
    init(descriptor: Int32) { self.descriptor = descriptor }

    // MARK: The inner session's side

    /// Lets a session that counts its bytes in `meter` go through here. The session must keep the tunnel.
    func connect(_ meter: UnsafeMutablePointer<drover_meter>) {
        meter.pointee.tunnel = Unmanaged.passUnretained(self).toOpaque()
        meter.pointee.take = { tunnel, buffer, length in
            guard let tunnel, let buffer else { return Int(-EINVAL) }
            return Unmanaged<Tunnel>.fromOpaque(tunnel).takeUnretainedValue()
                .take(into: UnsafeMutableRawBufferPointer(start: buffer, count: length))
        }
        meter.pointee.give = { tunnel, bytes, length in
            guard let tunnel, let bytes else { return Int(-EINVAL) }
            return Unmanaged<Tunnel>.fromOpaque(tunnel).takeUnretainedValue()
                .give(UnsafeRawBufferPointer(start: bytes, count: length))
        }
    }

    private func take(into buffer: UnsafeMutableRawBufferPointer) -> Int {
        state.withLock { state in
            if state.arrivals.count > 0 { return state.arrivals.take(into: buffer) }
            if state.loss != nil { return Int(-ECONNRESET) }
            return state.isEnded ? 0 : Int(-EAGAIN)
        }
    }

    private func give(_ bytes: UnsafeRawBufferPointer) -> Int {
        let (count, wake) = state.withLock { state -> (Int, (@Sendable () -> Void)?) in
            guard state.loss == nil, !state.isClosed else { return (Int(-EPIPE), nil) }
            let count = min(bytes.count, Self.most - state.departures.count)
            guard count > 0 else { return (Int(-EAGAIN), nil) }
            state.departures.append(UnsafeRawBufferPointer(rebasing: bytes[..<count]))
            return (count, state.wakeOuter)
        }
        wake?()
        return count
    }

    /// Says whom to wake when something has arrived, left or ended.
    func wakeInner(by wake: (@Sendable () -> Void)?) { state.withLock { $0.wakeInner = wake } }

    /// Why the tunnel is gone.
    var loss: String? { state.withLock { $0.loss } }

    /// The inner session wants no more of it.
    func close() {
        let wake = state.withLock { state in
            state.isClosed = true
            state.wakeInner = nil
            return state.wakeOuter
        }
        wake?()
    }

    // MARK: The side of the session to the jump host

    func wakeOuter(by wake: @escaping @Sendable () -> Void) { state.withLock { $0.wakeOuter = wake } }

    var isClosed: Bool { state.withLock { $0.isClosed } }

    /// Whether the inner session has left something to do.
    var hasDepartures: Bool { state.withLock { $0.departures.count > 0 || $0.isClosed } }

    /// Lets `send` have what waits for the jump host; it says how many bytes it took.
    func depart(_ send: (UnsafeRawBufferPointer) -> IOResult) -> IOResult? {
        // The bytes stay where they are meanwhile: libssh2 wants the same ones again after a half sent packet.
        let bytes = state.withLock { $0.departures.first(32768) }
        guard !bytes.isEmpty else { return nil }
        let result = bytes.withUnsafeBytes { send($0) }
        if case .done(let count) = result {
            let wake = state.withLock { state in
                state.departures.drop(count)
                return state.wakeInner
            }
            wake?()
        }
        return result
    }

    func arrive(_ bytes: UnsafeRawBufferPointer) { change { $0.arrivals.append(bytes) } }

    /// The host has said that nothing more comes.
    func end() { change { $0.isEnded = true } }

    /// The tunnel is gone, for `reason`.
    func lose(_ reason: String) { change { $0.loss = $0.loss ?? reason } }

    private func change(_ body: (inout State) -> Void) {
        let wake = state.withLock { state in
            body(&state)
            return state.wakeInner
        }
        wake?()
    }
}

/// Bytes that are appended at one end and taken at the other.
struct ByteQueue {
    private var bytes: [UInt8] = []
    private var start = 0

    var count: Int { bytes.count - start }

    mutating func append(_ new: UnsafeRawBufferPointer) { bytes.append(contentsOf: new) }

    func first(_ most: Int) -> [UInt8] { Array(bytes[start..<min(bytes.count, start + most)]) }

    mutating func take(into buffer: UnsafeMutableRawBufferPointer) -> Int {
        let taken = min(count, buffer.count)
        bytes.withUnsafeBytes { bytes in
            buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[start..<(start + taken)]))
        }
        drop(taken)
        return taken
    }

    mutating func drop(_ count: Int) {
        start += count
        if start == bytes.count {
            bytes.removeAll(keepingCapacity: bytes.capacity <= 4096)
            start = 0
        } else if start > 65536 {
            bytes.removeFirst(start)
            start = 0
        }
    }
}

/// A tunnel as the session inside it sees it.
final class TunnelStream: SessionStream {
    let tunnel: Tunnel?
    let descriptor: Int32
    private let through: Tunnel
    private let loop: SessionLoop
    private var isReady: ((Readiness) -> Void)?
    private var trigger: TriggerID?

    init(_ tunnel: Tunnel, on loop: SessionLoop) {
        (self.tunnel, through, self.loop) = (tunnel, tunnel, loop)
        descriptor = tunnel.descriptor
    }

    var causeOfEnd: String? { through.loss }

    func begin(_ isReady: @escaping (Readiness) -> Void) {
        self.isReady = isReady
        arm()
    }

    /// A trigger goes off once, so that any number of arrivals before the session looks are one call.
    private func arm() {
        let id = loop.trigger { [weak self] in
            guard let self, let isReady = self.isReady else { return }
            self.arm()
            isReady(self.through.loss == nil ? .reading : .broken)
        }
        trigger = id
        through.wakeInner { [loop] in loop.fire(id) }
    }

    /// What arrives is always told: the session reads as far as it can each time.
    func adjust(to interest: Readiness) {}

    func end() {
        loop.drop(trigger)
        isReady = nil
    }

    func shutDown() { through.close() }
}
