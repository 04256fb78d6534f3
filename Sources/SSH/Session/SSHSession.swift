import CLibSSH2
import Fleet
import Glibc
import Synchronization

/// One connection to one host. Everything it does, libssh2's calls above all, happens on its loop's thread.
actor SSHSession {
    nonisolated let loop: SessionLoop
    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    let endpoint: Endpoint
    let settings: SSHSettings
    private var handle: SessionHandle?
    /// What its bytes go through.
    private var carrier: (any Carrier)?
    private var interest: Readiness = []
    private var steppers: [any Stepper] = []
    private var blocked: (any Stepper)?
    private var isDriving = false
    private nonisolated let isWoken = Atomic<Bool>(false)
    private var pulseTimer: TriggerID?
    private var lastLife = ContinuousClock.now
    private var lifeSeen: (received: UInt64, sent: UInt64) = (0, 0)
    private var pool: ShellPool?
    /// What the host let us in with: a key's label, or `password`.
    var acceptedLogin: String?
    private var tunnels: TunnelHub?
    /// How the host ended the connection during the handshake, if it did.
    var earlyEnd: EarlyEnd?
    /// Ends the wait for a TCP connection.
    var connectingEnds: (() -> Void)?
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

    /// Gives the session what carries it; libssh2 may be called from now on.
    func begin(over carrier: any Carrier) throws(TransportError) -> SessionHandle {
        self.carrier = carrier
        guard let handle = SessionHandle(over: carrier) else {
            throw failure(.unreachable, "libssh2 has no memory left")
        }
        self.handle = handle
        interest = .reading
        carrier.begin { [weak self] readiness in self?.assumeIsolated { $0.carrierIsReady(readiness) } }
        return handle
    }

    private func carrierIsReady(_ readiness: Readiness) {
        drive()
        guard readiness.contains(.broken) else { return }
        if let cause = carrier?.causeOfEnd { return lose(failure(.connectionLost, cause)) }
        if steppers.isEmpty { lose(failure(.connectionLost, "the host ended the connection")) }
    }

    /// Lets everything go forward soon; from any thread.
    nonisolated func wake() {
        guard !isWoken.exchange(true, ordering: .acquiringAndReleasing) else { return }
        loop.post { [weak self] in
            guard let self else { return }
            self.isWoken.store(false, ordering: .releasing)
            self.assumeIsolated { $0.drive() }
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
                lose(failure(.connectionLost, carrier?.causeOfEnd ?? "connection lost: \(reason)"))
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
        guard let carrier else { return }
        // While a packet is half sent nothing is read: watching for it would wake the loop again and again for nothing.
        let wanted: Readiness = blocked != nil ? .writing : steppers.isEmpty ? [] : .reading
        guard wanted != interest else { return }
        interest = wanted
        carrier.adjust(to: wanted)
    }

    // MARK: Signs of life

    func beginPulse() {
        lastLife = .now
        schedulePulse()
    }

    /// A jump host that falls silent is found before the sessions that go through it are given up.
    private var silenceLimit: Duration {
        settings.silenceLimit + settings.silenceLimit / 5 * (2 * endpoint.jumps.count)
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
        // Where nobody waits, nobody listens either. What sessions inside this one send is no sign of life of its host.
        let isSending = tunnels == nil && handle.sent != lifeSeen.sent
        if steppers.isEmpty || isSending || handle.received != lifeSeen.received { lastLife = now }
        guard now - lastLife < silenceLimit else {
            return lose(
                failure(.connectionLost, "connection lost: no sign of life for \(describe(silenceLimit))"))
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
        let pool = ShellPool(endpoint) { [unowned self] privilege, first throws(TransportError) in
            try self.openShell(privilege, first: first)
        }
        self.pool = pool
        return pool
    }

    /// - Throws: When the connection has ended, which may be long after the pool of shells was asked for one.
    private func openShell(_ privilege: Privilege, first: String?) throws(TransportError) -> Shell {
        let handle = try liveHandle()
        let launch = ShellLaunch(privilege, on: endpoint, first: first)
        let shell = Shell(launch, over: ChannelPort(handle, running: launch.line), on: loop)
        shell.wake = { [weak self] in self?.assumeIsolated { $0.drive() } }
        steppers.append(shell)
        return shell
    }

    // MARK: Tunnels

    /// Whether a tunnel can be opened now: libssh2 opens one channel of a session at a time, and sshd only so many.
    var canOpenTunnel: Bool {
        guard isAlive, let tunnels else { return isAlive }
        return tunnels.canOpen && tunnels.count < settings.tunnelsThroughOneSession
    }

    /// Whether anything goes through its tunnels.
    var carriesTunnels: Bool { isAlive && tunnels?.carries == true }

    /// Opens a tunnel from this host to `address`, as it knows that address.
    ///
    /// An opening that nobody waits for any more goes on: until the host answers it, nothing else can be opened.
    func open(
        _ tunnel: Tunnel, to address: String, port: UInt16, within patience: Duration
    ) async throws(TransportError) -> TunnelPort.Opening {
        let port = TunnelPort(tunnel, to: address, port, of: try liveHandle(), on: loop)
        tunnel.wakeOuter { [weak self] in self?.wake() }
        let canceller = loop.trigger { port.stopWaiting(.cancelled) }
        let timer = loop.after(patience) { port.stopWaiting(.expired) }
        let opening = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                port.begin(continuation)
                add(port)
            }
        } onCancel: { [loop] in
            loop.fire(canceller)
        }
        loop.drop(canceller)
        loop.drop(timer)
        return opening
    }

    private func add(_ port: TunnelPort) {
        let hub = tunnels ?? TunnelHub()
        tunnels = hub
        hub.add(port)
        if !steppers.contains(where: { $0 === hub }) { steppers.append(hub) }
        drive()
    }

    // MARK: Ends

    /// Ends the connection. Safe to repeat.
    func close() {
        lose(failure(.connectionLost, "the connection was closed"))
    }

    func lose(_ error: TransportError) {
        guard loss == nil else { return }
        loss = error
        let orphans = steppers
        disconnect()
        for orphan in orphans { orphan.abort(error) }
    }

    func disconnect() {
        carrier?.end()
        loop.drop(pulseTimer)
        pulseTimer = nil
        if let handle, blocked == nil, handle.fatal == nil {
            libssh2_session_disconnect_ex(handle.raw, SSH_DISCONNECT_BY_APPLICATION, "done", "")
        }
        carrier?.shutDown()
        steppers = []
        blocked = nil
        pool = nil
        tunnels = nil
        handle = nil
        carrier = nil
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
