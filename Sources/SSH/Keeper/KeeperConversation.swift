import CLibSSH2
import Fleet
import Glibc
import Synchronization

/// A keeper's end of what one command says about one host. What the command began ends with the conversation.
actor KeeperConversation {
    private nonisolated let loop: SessionLoop
    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    private let port: FramePort
    private let connections: KeptConnections
    /// The process that speaks.
    private let process: pid_t
    private var opening: Task<Void, Never>?
    private var lease: KeptConnections.Lease?
    private var works: [Int: Task<Void, Never>] = [:]
    private var hasAsked = false
    private var isOver = false
    /// Whether everything that was begun had ended when the other end hung up.
    private var isSound = true
    private let pace = OutputPace()
    private let ended: @Sendable () -> Void

    /// - Parameter ended: Called once, when nothing is left of it.
    init(
        _ descriptor: Int32, with process: pid_t, over connections: KeptConnections, on loop: SessionLoop,
        ended: @escaping @Sendable () -> Void
    ) {
        self.loop = loop
        port = FramePort(descriptor, on: loop)
        (self.connections, self.process, self.ended) = (connections, process, ended)
    }

    func begin() {
        port.receive = { [weak self] frame in self?.assumeIsolated { $0.take(frame) } }
        // The port holds on to it until it is over, since nobody else does.
        port.ended = { self.assumeIsolated { $0.hangUp() } }
        port.wrote = { [pace] in pace.wrote($0) }
        port.begin()
        say(.here)
    }

    // MARK: Words

    private func say(_ answer: KeeperAnswer, _ bytes: [UInt8] = []) {
        // Names and numbers always encode.
        guard let frame = try? KeeperFrame(answer, bytes), frame.fits else { return hangUp() }
        pace.will(write: frame.head.count + bytes.count)
        port.send(frame)
    }

    private func take(_ frame: KeeperFrame) {
        guard let request = frame.decoded(KeeperRequest.self) else { return hangUp() }
        switch request {
        case .open(let words): isFirst { open(words) }
        case .list: isFirst { answer { .connections(await $0.list()) } }
        case .close(let hosts): isFirst { answer { .closed(await $0.close(hosts)) } }
        case .run(let number, let words): run(number, words, frame.bytes)
        case .upload(let number, let words): upload(number, words)
        case .cancel(let number):
            pace.release()
            works[number]?.cancel()
        }
    }

    private func isFirst(_ body: () -> Void) {
        guard !hasAsked else { return hangUp() }
        hasAsked = true
        body()
    }

    // MARK: Work

    private func answer(_ question: @escaping @Sendable (KeptConnections) async -> KeeperAnswer) {
        opening = Task {
            say(await question(connections))
            opening = nil
            endWhenIdle()
        }
    }

    private func open(_ words: KeeperRequest.Opening) {
        opening = Task {
            do throws(TransportError) {
                let lease = try await connections.lease(words)
                self.lease = lease
                pace.transport = lease.connection.transport
                say(.opened(LoginRecord(await lease.connection.transport.login, wasKept: lease.wasKept)))
            } catch {
                say(.refused(TransportErrorRecord(error)))
            }
            opening = nil
            endWhenIdle()
        }
    }

    private func run(_ number: Int, _ words: KeeperRequest.Running, _ bytes: [UInt8]) {
        guard let lease, works[number] == nil, (0...bytes.count).contains(words.scriptLength) else { return hangUp() }
        var command = RemoteCommand(
            shell: String(decoding: bytes.prefix(words.scriptLength), as: UTF8.self),
            privilege: words.privilege.privilege, input: Array(bytes.dropFirst(words.scriptLength)),
            deadline: words.deadline)
        command.isForAllToSee = words.isForAllToSee
        command.leavesNothing = words.leavesNothing
        let transport = lease.connection.transport
        work(number) { [command] () async throws(TransportError) in
            guard let limit = words.limit else {
                return try await transport.run(command) { self.hand(over: $1, of: $0, number) }
            }
            return try await transport.run(command, outputLimit: ByteCount(limit))
        }
    }

    private func upload(_ number: Int, _ words: KeeperRequest.Copying) {
        guard let lease, works[number] == nil else { return hangUp() }
        let transport = lease.connection.transport
        work(number) { [process] () async throws(TransportError) in
            let passed = { @Sendable in self.tell(.passed(number, sent: $0, size: $1)) }
            guard let file = await offTheLoop({ words.opened(by: process, passed: passed) }) else {
                throw TransportError(
                    .fileUnreadable, host: transport.host,
                    "cannot read \(words.name): the process that keeps connections can't open it",
                    hints: ["copy without it: set DROVER_CONNECTIONS=off"])
            }
            try await transport.upload(
                file, named: words.name, to: words.path, mode: words.mode, privilege: words.privilege.privilege)
            return CommandResult(status: 0)
        }
    }

    private func work(
        _ number: Int, _ body: @escaping @Sendable () async throws(TransportError) -> CommandResult
    ) {
        works[number] = Task {
            do throws(TransportError) {
                let result = try await body()
                say(
                    .ended(
                        number, status: result.status, outputLength: result.output.count, elapsed: result.elapsed),
                    result.output + result.errors)
            } catch {
                say(.failed(number, TransportErrorRecord(error)))
            }
            works[number] = nil
            endWhenIdle()
        }
    }

    /// Passes output on from the thread that read it; what is said after it comes after it.
    private nonisolated func hand(over bytes: [UInt8], of stream: CommandStream, _ number: Int) {
        tell(.wrote(number, isErrors: stream == .errors), bytes)
    }

    /// As ``say(_:_:)``, from any thread. On its own loop it says it at once: a command may go on there without a pause, and its
    /// end would be said before what it wrote.
    private nonisolated func tell(_ answer: KeeperAnswer, _ bytes: [UInt8] = []) {
        // Numbers always encode.
        guard let frame = try? KeeperFrame(answer, bytes) else { return }
        pace.will(write: frame.head.count + bytes.count)
        if loop.isCurrent {
            assumeIsolated { $0.port.send(frame) }
        } else {
            loop.post { self.assumeIsolated { $0.port.send(frame) } }
        }
    }

    // MARK: Ends

    /// The other end is gone, or talks nonsense: ends what it began, as a lost connection does.
    private func hangUp() {
        guard !isOver else { return }
        isOver = true
        isSound = works.isEmpty
        port.close()
        pace.end()
        opening?.cancel()
        for work in works.values { work.cancel() }
        endWhenIdle()
    }

    private func endWhenIdle() {
        guard isOver, opening == nil, works.isEmpty else { return }
        port.ended = {}
        let (lease, connections, isSound, ended) = (lease, connections, isSound, ended)
        self.lease = nil
        Task {
            if let lease { await connections.giveBack(lease, isSound: isSound) }
            ended()
        }
    }
}

extension KeeperRequest.Copying {
    /// The file that is open in a process of the same user, if it is that file; it may block.
    ///
    /// - Parameter passed: As of ``OpenFile``.
    func opened(by process: pid_t, passed: @escaping @Sendable (Int, Int) -> Void) -> OpenFile? {
        guard let file = OpenFile("/proc/\(process)/fd/\(descriptor)", passed: passed) else { return nil }
        var status = stat()
        guard fstat(file.descriptor, &status) == 0, UInt64(status.st_dev) == device, UInt64(status.st_ino) == inode
        else { return nil }
        return file
    }
}

/// Holds a host's output up while the command that wants it takes none, instead of filling memory.
final class OutputPace: Sendable {
    private struct State {
        var unwritten = 0
        var isHeld = false
        var isOver = false
        var transport: SSHTransport?
    }

    private let state = Mutex(State())
    private static let most = 1 << 20
    private static let few = 1 << 18

    /// What is held up.
    var transport: SSHTransport? {
        get { state.withLock { $0.transport } }
        set { state.withLock { $0.transport = newValue } }
    }

    func will(write count: Int) {
        state.withLock { state in
            state.unwritten += count
            guard state.unwritten > Self.most, !state.isHeld, !state.isOver else { return }
            state.isHeld = true
            state.transport?.hold(true)
        }
    }

    func wrote(_ count: Int) {
        state.withLock { state in
            state.unwritten -= count
            if state.unwritten < Self.few { Self.release(&state) }
        }
    }

    /// Lets the host go on.
    func release() { state.withLock { Self.release(&$0) } }

    /// Lets the host go on for ever.
    func end() {
        state.withLock { state in
            state.isOver = true
            Self.release(&state)
        }
    }

    private static func release(_ state: inout State) {
        guard state.isHeld else { return }
        state.isHeld = false
        state.transport?.hold(false)
    }
}
