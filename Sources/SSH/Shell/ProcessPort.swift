import CLibSSH2
import Dispatch
import Fleet
import Glibc

/// A shell's streams over pipes to a process on this machine. Used on one loop's thread.
final class ProcessPort: ShellPort {
    /// One end of a pipe that the loop watches.
    private struct End {
        var descriptor: Int32
        var watch: Watch?
    }

    private let line: String
    private let loop: SessionLoop
    private var process: pid_t = 0
    private var input: End?
    private var output: End?
    private var errors: End?
    private var isReaping = false
    /// Whether nothing is read.
    private var isHeld = false
    private var ended: ShellExit?
    /// Tells the owner that something may be ready.
    var wake: () -> Void = {}
    private static let reapers = DispatchQueue(label: "drover.reapers", attributes: .concurrent)
    /// Whoever writes to a process that has ended is told so, and not ended by a signal.
    private static let ignoresBrokenPipes: Void = { _ = signal(SIGPIPE, SIG_IGN) }()

    /// A process that will run `line` as `sh -c` does, in a session of its own.
    init(running line: String, on loop: SessionLoop) {
        (self.line, self.loop) = (line, loop)
    }

    deinit {
        for end in [input, output, errors].compactMap({ $0 }) { Glibc.close(end.descriptor) }
    }

    func start() -> IOResult {
        guard process == 0 else { return .done(0) }
        _ = Self.ignoresBrokenPipes
        guard let pipes = ProcessPipes() else { return .failed("no pipe: \(describe(errorNumber: errno))") }
        let code = pipes.spawn(["/bin/sh", "-c", line], &process)
        pipes.closeFarEnds()
        guard code == 0 else {
            process = 0
            pipes.closeNearEnds()
            return .failed("cannot start /bin/sh: \(describe(errorNumber: code))")
        }
        input = watched(pipes.input.near, for: [])
        output = watched(pipes.output.near, for: .reading)
        errors = watched(pipes.errors.near, for: .reading)
        return .done(0)
    }

    private func watched(_ descriptor: Int32, for interest: Readiness) -> End {
        let watch = loop.watch(descriptor, for: interest) { [weak self] readiness in
            guard let self else { return }
            if readiness.contains(.writing) || readiness.contains(.broken) {
                self.stopWatchingInput(descriptor, readiness)
            }
            self.wake()
        }
        return End(descriptor: descriptor, watch: watch)
    }

    /// An empty pipe is always ready for writing: it is watched only while it is full.
    private func stopWatchingInput(_ descriptor: Int32, _ readiness: Readiness) {
        guard let input, input.descriptor == descriptor, let watch = input.watch else { return }
        if readiness.contains(.broken) {
            loop.end(watch)
            self.input?.watch = nil
        } else {
            loop.adjust(watch, to: [])
        }
    }

    func write(_ bytes: UnsafeRawBufferPointer) -> IOResult {
        guard let input else { return .ended }
        let count = Glibc.write(input.descriptor, bytes.baseAddress, bytes.count)
        if count >= 0 { return .done(count) }
        guard errno == EAGAIN else { return .ended }
        if let watch = input.watch { loop.adjust(watch, to: .writing) }
        return .waiting
    }

    func read(_ stream: ShellStream, into buffer: UnsafeMutableRawBufferPointer) -> IOResult {
        guard let end = stream == .output ? output : errors else { return .ended }
        if isHeld { return .waiting }
        let count = Glibc.read(end.descriptor, buffer.baseAddress, buffer.count)
        if count > 0 { return .done(count) }
        if count < 0, errno == EAGAIN || errno == EINTR { return .waiting }
        if stream == .output { shut(&output) } else { shut(&errors) }
        return .ended
    }

    /// Reads nothing any more, or goes on with that. A pipe that nobody reads is not watched: its end would be told over
    /// and over.
    func hold(_ isHeld: Bool) {
        guard isHeld != self.isHeld else { return }
        self.isHeld = isHeld
        for end in [\ProcessPort.output, \ProcessPort.errors] {
            guard let open = self[keyPath: end] else { continue }
            if isHeld {
                if let watch = open.watch { loop.end(watch) }
                self[keyPath: end]?.watch = nil
            } else {
                self[keyPath: end] = watched(open.descriptor, for: .reading)
            }
        }
    }

    private func shut(_ end: inout End?) {
        guard let open = end else { return }
        if let watch = open.watch { loop.end(watch) }
        Glibc.close(open.descriptor)
        end = nil
    }

    func exit(_ exit: inout ShellExit) -> IOResult {
        guard process != 0 else { return .done(0) }
        if let ended {
            exit = ended
            return .done(0)
        }
        shut(&input)
        reap()
        return .waiting
    }

    func close() -> IOResult {
        shut(&input)
        shut(&output)
        shut(&errors)
        reap()
        return .done(0)
    }

    /// Waits for the process on a thread that may block.
    private func reap() {
        guard process != 0, !isReaping else { return }
        isReaping = true
        let told = loop.trigger { [weak self] in self?.wake() }
        let status = ExitBox()
        let keep = loop.trigger { [weak self] in self?.ended = ShellExit(status: status.value) }
        let (process, loop) = (process, loop)
        Self.reapers.async {
            status.wait(for: process)
            loop.fire(keep)
            loop.fire(told)
        }
    }
}

/// A process's exit status on its way from the thread that waited for it.
private final class ExitBox: @unchecked Sendable {
    // Written once, before the loop is told; read only after.
    private(set) var value: Int32 = -1

    func wait(for process: pid_t) {
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0 && errno == EINTR {}
        let signal = status & 0x7f
        value = signal == 0 ? status >> 8 & 0xff : 128 + signal
    }
}
