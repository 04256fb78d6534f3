import Glibc

/// One end of a socket that frames go over. Used on one loop's thread.
final class FramePort {
    private let descriptor: Int32
    private let loop: SessionLoop
    private var watch: Watch?
    private var reader = FrameReader()
    private var queue = WriteQueue()
    /// Whether frames still come and go.
    private(set) var isOpen = true
    /// Is given each frame that comes.
    var receive: (KeeperFrame) -> Void = { _ in }
    /// Called once, when the other end is gone or says what is no frame; not after ``close()``.
    var ended: () -> Void = {}
    /// Is told how many bytes the other end, or the system for it, has taken.
    var wrote: (Int) -> Void = { _ in }
    private static let readsAtOnce = 16

    /// - Parameter descriptor: A socket that never blocks; closed with the port.
    init(_ descriptor: Int32, on loop: SessionLoop) { (self.descriptor, self.loop) = (descriptor, loop) }

    deinit { if isOpen { Glibc.close(descriptor) } }

    /// Begins to listen.
    func begin() {
        guard isOpen, watch == nil else { return }
        watch = loop.watch(descriptor, for: .reading) { [weak self] readiness in self?.isReady(readiness) }
    }

    /// Says something, as soon as the other end takes it.
    func send(_ frame: KeeperFrame) {
        guard isOpen else { return }
        queue.append(.bytes(frame.head))
        queue.append(.bytes(frame.bytes))
        flush()
    }

    /// Ends the conversation. Safe to repeat.
    func close() {
        guard isOpen else { return }
        isOpen = false
        if let watch { loop.end(watch) }
        watch = nil
        Glibc.close(descriptor)
    }

    private func isReady(_ readiness: Readiness) {
        if readiness.contains(.writing) { flush() }
        if readiness != .writing { readAll() }
    }

    private func readAll() {
        for _ in 0..<Self.readsAtOnce where isOpen {
            let count = recv(descriptor, loop.scratch.baseAddress, loop.scratch.count, 0)
            if count < 0, errno == EINTR { continue }
            if count < 0, errno == EAGAIN { return }
            guard count > 0 else { return end() }
            reader.feed(UnsafeRawBufferPointer(rebasing: loop.scratch[..<count]))
            hear()
        }
    }

    private func hear() {
        do throws(FrameReader.Damaged) {
            while isOpen, let frame = try reader.next() { receive(frame) }
        } catch {
            end()
        }
    }

    private func flush() {
        do throws(OpenFile.Shrunk) {
            while isOpen {
                let count = try queue.withNext {
                    Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
                }
                guard let count else { break }
                if count < 0, errno == EINTR { continue }
                if count < 0, errno == EAGAIN { break }
                guard count > 0 else { return end() }
                queue.consume(count)
                wrote(count)
            }
        } catch {
            // There are no files in it.
            return end()
        }
        if isOpen, let watch { loop.adjust(watch, to: queue.isEmpty ? .reading : [.reading, .writing]) }
    }

    private func end() {
        guard isOpen else { return }
        close()
        ended()
    }
}
