import CLibSSH2
import Dispatch
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
    private var ended: ShellExit?
    /// Tells the owner that something may be ready.
    var wake: () -> Void = {}
    private static let reapers = DispatchQueue(label: "drover.reapers", attributes: .concurrent)

    /// A process that will run `line` as `sh -c` does, in a session of its own.
    init(running line: String, on loop: SessionLoop) {
        (self.line, self.loop) = (line, loop)
    }

    deinit {
        for end in [input, output, errors].compactMap({ $0 }) { Glibc.close(end.descriptor) }
    }

    func start() -> Attempt {
        guard process == 0 else { return .done(0) }
        guard let pipes = Pipes() else { return .failed("no pipe: \(describe(errorNumber: errno))") }
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

    func write(_ bytes: UnsafeRawBufferPointer) -> Attempt {
        guard let input else { return .ended }
        let count = Glibc.write(input.descriptor, bytes.baseAddress, bytes.count)
        if count >= 0 { return .done(count) }
        guard errno == EAGAIN else { return .ended }
        if let watch = input.watch { loop.adjust(watch, to: .writing) }
        return .waiting
    }

    func read(_ stream: ShellStream, into buffer: UnsafeMutableRawBufferPointer) -> Attempt {
        guard let end = stream == .output ? output : errors else { return .ended }
        let count = Glibc.read(end.descriptor, buffer.baseAddress, buffer.count)
        if count > 0 { return .done(count) }
        if count < 0, errno == EAGAIN || errno == EINTR { return .waiting }
        if stream == .output { shut(&output) } else { shut(&errors) }
        return .ended
    }

    private func shut(_ end: inout End?) {
        guard let open = end else { return }
        if let watch = open.watch { loop.end(watch) }
        Glibc.close(open.descriptor)
        end = nil
    }

    func exit(_ exit: inout ShellExit) -> Attempt {
        guard process != 0 else { return .done(0) }
        if let ended {
            exit = ended
            return .done(0)
        }
        shut(&input)
        reap()
        return .waiting
    }

    func close() -> Attempt {
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

/// Pipes for a process's three streams.
private struct Pipes {
    struct Pipe {
        var near: Int32
        var far: Int32
    }

    let input: Pipe
    let output: Pipe
    let errors: Pipe

    /// - Returns: `nil` when no descriptor is left.
    init?() {
        guard let input = Self.pipe() else { return nil }
        guard let output = Self.pipe() else {
            Self.close([input.near, input.far])
            return nil
        }
        guard let errors = Self.pipe() else {
            Self.close([input.near, input.far, output.near, output.far])
            return nil
        }
        self.input = Pipe(near: input.far, far: input.near)
        (self.output, self.errors) = (output, errors)
        for descriptor in [self.input.near, output.near, errors.near] {
            _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
        }
    }

    /// The reading end as `near`, the writing end as `far`.
    private static func pipe() -> Pipe? {
        var ends: [Int32] = [0, 0]
        return pipe2(&ends, O_CLOEXEC) == 0 ? Pipe(near: ends[0], far: ends[1]) : nil
    }

    private static func close(_ descriptors: [Int32]) {
        for descriptor in descriptors { Glibc.close(descriptor) }
    }

    func closeFarEnds() { Self.close([input.far, output.far, errors.far]) }

    func closeNearEnds() { Self.close([input.near, output.near, errors.near]) }

    /// Starts a program on the far ends, in a session of its own and with no signal ignored.
    /// - Returns: 0, or the error's number.
    func spawn(_ words: [String], _ process: inout pid_t) -> Int32 {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, input.far, 0)
        posix_spawn_file_actions_adddup2(&actions, output.far, 1)
        posix_spawn_file_actions_adddup2(&actions, errors.far, 2)
        posix_spawn_file_actions_addclosefrom_np(&actions, 3)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        let flags = drover_spawn_setsid | Int16(POSIX_SPAWN_SETSIGDEF) | Int16(POSIX_SPAWN_SETSIGMASK)
        posix_spawnattr_setflags(&attributes, flags)
        let arguments = words.map { strdup($0) } + [nil]
        defer { for argument in arguments { free(argument) } }
        return posix_spawn(&process, words[0], &actions, &attributes, arguments, environ)
    }
}
