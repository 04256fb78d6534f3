import Fleet

/// A shell's streams through a client of a master.
final class ClientPort: ShellPort {
    private let port: ProcessPort
    private let loop: SessionLoop
    /// Whether it is known by now that the client's end is not the connection's.
    private enum Doubt { case none, open(TriggerID), settled }

    private var doubt = Doubt.none
    private(set) var isClosed = false
    /// Tells the owner that something may be ready.
    var wake: () -> Void = {}
    /// What `ssh` ends with when it has no status of the host's shell: that was killed, or the connection is lost.
    private static let noStatus: Int32 = 255
    /// How long the master may take to say that the connection is lost; clients may know it before.
    private static let patience: Duration = .milliseconds(500)

    init(_ port: ProcessPort, on loop: SessionLoop) {
        (self.port, self.loop) = (port, loop)
        port.wake = { [weak self] in self?.wake() }
    }

    func start() -> IOResult { port.start() }

    func write(_ bytes: UnsafeRawBufferPointer) -> IOResult { port.write(bytes) }

    func read(_ stream: ShellStream, into buffer: UnsafeMutableRawBufferPointer) -> IOResult {
        port.read(stream, into: buffer)
    }

    /// Takes nothing any more, or goes on with that.
    func hold(_ isHeld: Bool) { port.hold(isHeld) }

    func exit(_ exit: inout ShellExit) -> IOResult {
        let result = port.exit(&exit)
        guard case .done = result, exit.status == Self.noStatus else { return result }
        exit.status = nil
        switch doubt {
        case .none:
            doubt = .open(
                loop.after(Self.patience) { [weak self] in
                    self?.doubt = .settled
                    self?.wake()
                })
            return .waiting
        case .open: return .waiting
        case .settled: return .done(0)
        }
    }

    func close() -> IOResult {
        isClosed = true
        if case .open(let timer) = doubt { loop.drop(timer) }
        return port.close()
    }
}
