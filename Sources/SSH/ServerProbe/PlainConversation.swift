import CLibSSH2
import Glibc

/// Bytes to and from a host that libssh2 has no part in yet. Used on its loop's thread.
final class PlainConversation {
    enum Reading {
        case bytes([UInt8])
        /// Nothing has come yet.
        case nothing
        case ended
    }

    private let stream: any SessionStream
    private let loop: SessionLoop
    private let meter: UnsafeMutablePointer<drover_meter>
    private var isReady = false
    private var awaited: (() -> Void)?

    init(over stream: any SessionStream, on loop: SessionLoop) {
        (self.stream, self.loop) = (stream, loop)
        meter = UnsafeMutablePointer<drover_meter>.allocate(capacity: 1)
        meter.initialize(to: drover_meter())
        stream.tunnel?.connect(meter)
        stream.begin { [weak self] _ in self?.becomeReady() }
    }

    deinit { meter.deallocate() }

    private func becomeReady() {
        isReady = true
        awaited?()
        awaited = nil
    }

    /// Calls `body` once there is something to read, or nothing more will come.
    func whenReady(_ body: @escaping () -> Void) {
        if isReady { body() } else { awaited = body }
    }

    func read() -> Reading {
        isReady = false
        var abstract: UnsafeMutableRawPointer? = UnsafeMutableRawPointer(meter)
        let base = loop.scratch.baseAddress
        let count = drover_receive(
            stream.descriptor, base, loop.scratch.count, Int32(MSG_DONTWAIT), &abstract)
        if count == Int(-EAGAIN) { return .nothing }
        guard count > 0 else { return .ended }
        return .bytes(Array(loop.scratch[..<count]))
    }

    /// Sends a few bytes, for which there is always room at the beginning.
    func send(_ bytes: [UInt8]) {
        var abstract: UnsafeMutableRawPointer? = UnsafeMutableRawPointer(meter)
        _ = drover_send(stream.descriptor, bytes, bytes.count, 0, &abstract)
    }

    /// Ends the connection. Safe to repeat.
    func end() {
        awaited = nil
        stream.end()
        stream.shutDown()
    }
}
