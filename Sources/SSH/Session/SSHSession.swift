import CLibSSH2
import Fleet
import Glibc

/// One connection to one host. Everything it does, libssh2's calls above all, happens on its loop's thread.
actor SSHSession {
    nonisolated let loop: SessionLoop
    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    let endpoint: Endpoint
    private let settings: SSHSettings
    private var handle: SessionHandle?
    private var socket: Socket?
    private var watch: Watch?
    private var interest: Readiness = []
    private var steppers: [any Stepper] = []
    private var blocked: (any Stepper)?
    private var isDriving = false
    private var pulseTimer: TriggerID?
    private var lastLife = ContinuousClock.now
    private var lifeSeen: (received: UInt64, sent: UInt64) = (0, 0)
    private var pool: ShellPool?
    /// What the host let us in with: a key's label, or `password`.
    var acceptedLogin: String?
    /// Why the connection is gone.
    private(set) var loss: TransportError?
    private static let roundsInOneDrive = 4

    init(to endpoint: Endpoint, settings: SSHSettings, on loop: SessionLoop) {
        self.endpoint = endpoint
        self.settings = settings
        self.loop = loop
    }

    isolated deinit { disconnect() }

    /// Whether it can still carry commands.
    var isAlive: Bool { handle != nil && loss == nil }

    func failure(_ code: TransportError.Code, _ message: String, hints: [String] = []) -> TransportError {
        TransportError(code, host: endpoint.host, message, hints: hints)
    }

    // MARK: Connecting

    /// Connects, checks the host's key and logs in, within the endpoint's time for each.
    func connect(_ surroundings: Surroundings) async throws(TransportError) {
        let canceller = loop.trigger { [weak self] in self?.assumeIsolated { $0.cancelConnecting() } }
        let result: Result<Void, TransportError> = await withTaskCancellationHandler {
            do throws(TransportError) {
                try await establish(surroundings)
                return .success(())
            } catch {
                return .failure(error)
            }
        } onCancel: { [loop] in
            loop.fire(canceller)
        }
        loop.drop(canceller)
        if case .failure = result { disconnect() }
        try result.get()
    }

    private func establish(_ surroundings: Surroundings) async throws(TransportError) {
        let addresses = try await addresses(surroundings.resolver)
        guard let permit = await surroundings.handshakes.acquire() else { throw failure(.cancelled, "cancelled") }
        // A host that makes us wait gives its place to others; it goes on beside them.
        let patience = loop.after(settings.handshakePatience) { permit.release() }
        defer {
            loop.drop(patience)
            permit.release()
        }
        try await open(addresses)
        let known = try await surroundings.hostKeys.known(for: endpoint)
        try await shakeHands(preferring: known.algorithms)
        try check(known)
        try await logIn(surroundings.identities)
        beginPulse()
    }

    private func addresses(_ resolver: Resolver) async throws(TransportError) -> [SocketAddress] {
        switch await resolver.addresses(of: endpoint.address, port: endpoint.port) {
        case .addresses(let addresses): return addresses
        case .failure(let reason):
            throw failure(
                .unreachable, "cannot resolve '\(endpoint.address)': \(reason.lowercased())",
                hints: ["set ansible_host to an address, or check the name and the resolver"])
        }
    }

    private func open(_ addresses: [SocketAddress]) async throws(TransportError) {
        var reasons: [String] = []
        for address in addresses {
            if let loss { throw loss }
            guard let socket = Socket(family: address.family, patience: settings.silenceLimit) else {
                throw failure(.unreachable, "no socket: \(describe(errorNumber: errno))")
            }
            var code = socket.beginConnecting(to: address)
            if code == 0 {
                self.socket = socket
                code = await waitUntilWritable(socket) ? socket.error : ETIMEDOUT
            }
            if let loss { throw loss }
            if code == 0 { return }
            let patience = describe(endpoint.connectTimeout)
            reasons.append(
                code == ETIMEDOUT
                    ? "no answer from \(address) within \(patience)" : "\(address): \(describe(errorNumber: code))")
            self.socket = nil
        }
        throw failure(
            .unreachable, reasons.joined(separator: "; "),
            hints: [
                "is the host up, and does its sshd listen there? try: ssh -v -p \(endpoint.port) \(endpoint.address)"
            ])
    }

    private func waitUntilWritable(_ socket: Socket) async -> Bool {
        var watch: Watch?
        var timer: TriggerID?
        let isReady = await withCheckedContinuation { (continuation: CheckedContinuation<Bool, Never>) in
            var waiting: CheckedContinuation<Bool, Never>? = continuation
            let settle = { (isReady: Bool) in
                waiting?.resume(returning: isReady)
                waiting = nil
            }
            watch = loop.watch(socket.descriptor, for: .writing) { _ in settle(true) }
            timer = loop.after(endpoint.connectTimeout) { settle(false) }
            connectingEnds = { settle(false) }
        }
        connectingEnds = nil
        if let watch { loop.end(watch) }
        loop.drop(timer)
        return isReady
    }

    private var connectingEnds: (() -> Void)?

    private func cancelConnecting() {
        lose(failure(.cancelled, "cancelled while connecting"))
        connectingEnds?()
    }

    private func shakeHands(preferring algorithms: [HostKeyAlgorithm]) async throws(TransportError) {
        guard let socket, let handle = SessionHandle(over: socket) else {
            throw failure(.unreachable, "libssh2 has no memory left")
        }
        self.handle = handle
        interest = .reading
        watch = loop.watch(socket.descriptor, for: .reading) { [weak self] readiness in
            self?.assumeIsolated { $0.socketIsReady(readiness) }
        }
        let names = HostKeyAlgorithm.preference(knowing: algorithms)
        libssh2_session_method_pref(handle.raw, LIBSSH2_METHOD_HOSTKEY, names)
        let descriptor = socket.descriptor
        let code = try await call("the SSH handshake") { Int(libssh2_session_handshake(handle.raw, descriptor)) }
        guard code != 0 else { return }
        throw handshakeFailure(Int32(code), handle.lastError)
    }

    private func handshakeFailure(_ code: Int32, _ reason: String) -> TransportError {
        switch code {
        case LIBSSH2_ERROR_KEX_FAILURE, LIBSSH2_ERROR_METHOD_NONE:
            failure(
                .unsupported, "no algorithm in common with the host's sshd: \(reason.lowercasedFirst)",
                hints: [
                    "libssh2 1.10 needs an ed25519 or ECDSA host key and curve25519 or ECDH key exchange on the host"
                ])
        case LIBSSH2_ERROR_SOCKET_DISCONNECT, LIBSSH2_ERROR_SOCKET_RECV, LIBSSH2_ERROR_BANNER_RECV,
            LIBSSH2_ERROR_SOCKET_SEND:
            failure(
                .unreachable, "the host closed the connection during the SSH handshake",
                hints: ["sshd may be refusing (MaxStartups, a firewall, hosts.deny), or the port is not sshd's"])
        default:
            failure(.unreachable, "SSH handshake failed: \(reason.lowercasedFirst)")
        }
    }

    /// The host's key, as it proved to have.
    var hostKey: HostKey? {
        guard let handle else { return nil }
        var length = 0
        var type: Int32 = 0
        guard let bytes = libssh2_session_hostkey(handle.raw, &length, &type) else { return nil }
        return HostKey(blob: UnsafeRawBufferPointer(start: bytes, count: length).map { $0 })
    }

    private func check(_ known: KnownHosts.Matches) throws(TransportError) {
        guard endpoint.checksHostKey else { return }
        guard let key = hostKey else { throw failure(.hostKeyUnknown, "the host showed no key that can be read") }
        if let refusal = known.refusal(of: key, by: endpoint) { throw refusal }
    }

    /// Asks for the host's key and no more: for ``HostKeyScanner``.
    func scan(_ algorithm: HostKeyAlgorithm, _ surroundings: Surroundings) async throws(TransportError) -> HostKey? {
        defer { disconnect() }
        let addresses = try await addresses(surroundings.resolver)
        guard let permit = await surroundings.handshakes.acquire() else { throw failure(.cancelled, "cancelled") }
        defer { permit.release() }
        try await open(addresses)
        try await shakeHands(preferring: [algorithm])
        return hostKey.flatMap { $0.algorithm == algorithm ? $0 : nil }
    }

    // MARK: Calls

    /// Repeats a libssh2 call until it is through, for at most the endpoint's time for one part of connecting.
    /// - Returns: What the call returned.
    func call(_ purpose: String, _ body: @escaping () -> Int) async throws(TransportError) -> Int {
        if let loss { throw loss }
        guard let handle else { throw failure(.connectionLost, "not connected") }
        var timer: TriggerID?
        let outcome: CallStepper.Outcome = await withCheckedContinuation { continuation in
            let stepper = CallStepper(handle, body, continuation)
            timer = loop.after(endpoint.connectTimeout) { stepper.expire() }
            steppers.append(stepper)
            drive()
        }
        loop.drop(timer)
        switch outcome {
        case .code(let code): return code
        case .lost(let error): throw error
        case .expired:
            throw failure(
                .unreachable, "no answer within \(describe(endpoint.connectTimeout)) during \(purpose)",
                hints: ["the host accepts connections but its sshd does not answer: is it overloaded or frozen?"])
        }
    }

    /// The connection's handle, for calls.
    func liveHandle() throws(TransportError) -> SessionHandle {
        if let loss { throw loss }
        guard let handle else { throw failure(.connectionLost, "not connected") }
        return handle
    }

    // MARK: Driving

    private func socketIsReady(_ readiness: Readiness) {
        drive()
        if readiness.contains(.broken), steppers.isEmpty {
            lose(failure(.connectionLost, "the host ended the connection"))
        }
    }

    /// Lets everything go forward as far as it can now.
    private func drive() {
        guard let handle, loss == nil, !isDriving else { return }
        isDriving = true
        defer { isDriving = false }
        for round in 1...Self.roundsInOneDrive {
            let before = handle.received
            guard let hasProgressed = stepAll() else { break }
            // Whoever read from the socket may have taken in what another one, or its own other stream, waits for.
            guard hasProgressed || handle.received != before else { break }
            if round == Self.roundsInOneDrive { loop.post { [weak self] in self?.assumeIsolated { $0.drive() } } }
        }
        if let reason = handle.fatal {
            // While connecting, the call that failed says it better.
            if pulseTimer != nil || !steppers.isEmpty {
                lose(failure(.connectionLost, "connection lost: \(reason)"))
            }
        } else {
            watchWhatMatters()
        }
    }

    /// - Returns: Whether anything progressed; `nil` when a packet is half sent.
    private func stepAll() -> Bool? {
        var hasProgressed = false
        let order = blocked.map { [$0] } ?? steppers
        for stepper in order {
            let result = stepper.step()
            if case .sendBlocked = result {
                blocked = stepper
                return nil
            }
            if blocked != nil {
                blocked = nil
                hasProgressed = true
            }
            if case .progressed = result { hasProgressed = true }
            if case .finished = result {
                steppers.removeAll { $0 === stepper }
                hasProgressed = true
            }
        }
        return hasProgressed
    }

    private func watchWhatMatters() {
        guard let watch else { return }
        // While a packet is half sent nothing is read: watching for it would wake the loop again and again for nothing.
        let wanted: Readiness = blocked != nil ? .writing : steppers.isEmpty ? [] : .reading
        guard wanted != interest else { return }
        interest = wanted
        loop.adjust(watch, to: wanted)
    }

    // MARK: Signs of life

    private func beginPulse() {
        lastLife = .now
        schedulePulse()
    }

    private func schedulePulse() {
        let interval = settings.silenceLimit / 5
        let due = ContinuousClock.now + interval
        pulseTimer = loop.after(interval) { [weak self] in self?.assumeIsolated { $0.pulse(due: due) } }
    }

    private func pulse(due: ContinuousClock.Instant) {
        guard let handle, loss == nil else { return }
        let now = ContinuousClock.now
        // Whoever was stopped, or held up by the reader of its output, has heard nothing because it didn't listen.
        if now - due > settings.silenceLimit / 5 { lastLife = now }
        if (handle.received, handle.sent) != lifeSeen { lastLife = now }
        guard now - lastLife < settings.silenceLimit else {
            return lose(
                failure(.connectionLost, "connection lost: no sign of life for \(describe(settings.silenceLimit))"))
        }
        // libssh2 must not begin a packet while another is half sent.
        if blocked == nil {
            var next: Int32 = 0
            libssh2_keepalive_send(handle.raw, &next)
        }
        lifeSeen = (handle.received, handle.sent)
        schedulePulse()
    }

    // MARK: Commands

    /// Runs a command in the privilege's shell.
    func run(
        _ command: RemoteCommand, limit: ByteCount, sink: OutputSink? = nil
    ) async throws(TransportError) -> CommandResult {
        try await shells().run(command, limit: limit, sink: sink).get()
    }

    /// Copies a file through a shell of its own.
    func upload(_ upload: Upload, resuming: Bool) async throws(TransportError) {
        try await upload.perform(with: shells(), host: endpoint.host, resuming: resuming)
    }

    private func shells() throws(TransportError) -> ShellPool {
        if let loss { throw loss }
        if let pool { return pool }
        guard handle != nil else { throw failure(.connectionLost, "not connected") }
        let pool = ShellPool(endpoint) { [unowned self] in self.openShell($0, first: $1) }
        self.pool = pool
        return pool
    }

    private func openShell(_ privilege: Privilege, first: String?) -> Shell {
        guard let handle else { preconditionFailure("a pool of shells exists only while connected") }
        let launch = ShellLaunch(privilege, on: endpoint, first: first)
        let shell = Shell(launch, over: ChannelPort(handle, running: launch.line), on: loop)
        shell.wake = { [weak self] in self?.assumeIsolated { $0.drive() } }
        steppers.append(shell)
        return shell
    }

    // MARK: Ends

    /// Ends the connection. Safe to repeat.
    func close() {
        lose(failure(.connectionLost, "the connection was closed"))
    }

    private func lose(_ error: TransportError) {
        guard loss == nil else { return }
        loss = error
        let orphans = steppers
        disconnect()
        for orphan in orphans { orphan.abort(error) }
    }

    private func disconnect() {
        if let watch { loop.end(watch) }
        watch = nil
        loop.drop(pulseTimer)
        pulseTimer = nil
        if let handle, blocked == nil, handle.fatal == nil {
            libssh2_session_disconnect_ex(handle.raw, SSH_DISCONNECT_BY_APPLICATION, "done", "")
        }
        socket?.shutDown()
        steppers = []
        blocked = nil
        pool = nil
        handle = nil
        socket = nil
    }
}

extension Endpoint {
    /// Whom we log in as.
    var loginUser: String { user ?? Surroundings.currentUser }
}

extension String {
    /// Words of libssh2 begin with a capital; messages here don't.
    var lowercasedFirst: String { prefix(1).lowercased() + dropFirst() }
}
