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
    private var stream: (any SessionStream)?
    private var interest: Readiness = []
    private let queue = PollQueue()
    private var isDriving = false
    /// Whether nothing is taken from the host.
    private var isHeld = false
    private nonisolated let isWoken = Atomic<Bool>(false)
    private var pulse: SessionPulse?
    private var pulseTimer: TriggerID?
    /// Its shells, once one was needed.
    var pool: ShellPool?
    /// What the host let us in with: a key's label, or `password`.
    var acceptedLogin: String?
    /// How far logging in is, this connection's predecessors included.
    var progress = LoginProgress()
    /// The tunnels through it, once there was one.
    var tunnels: TunnelHub?
    /// How the host ended the connection during the handshake, if it did.
    var earlyEnd: EarlyEnd?
    /// Its place before the host's sshd, while it is logging in.
    var door: HandshakeSlot?
    /// Ends the wait for a TCP connection.
    var connectingEnds: (() -> Void)?
    /// Why the connection is gone.
    private(set) var loss: TransportError?
    /// Told when the host falls silent.
    var silences: Silences?
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
        let outcome: PendingCall.Outcome = await withCheckedContinuation { continuation in
            let call = PendingCall(handle, body, continuation)
            timer = loop.after(endpoint.connectTimeout) { call.expire() }
            queue.add(call)
            drive()
        }
        loop.drop(timer)
        switch outcome {
        case .code(let code): return code
        case .lost(let error): throw error
        case .expired: throw noAnswer(purpose)
        }
    }

    /// The host was silent for as long as a part of connecting may take.
    func noAnswer(_ purpose: String) -> TransportError {
        failure(
            .unreachable, "no answer within \(describe(endpoint.connectTimeout)) during \(purpose)",
            hints: ["the host accepts connections but its sshd does not answer: is it overloaded or frozen?"])
    }

    /// The connection's handle, for calls.
    func liveHandle() throws(TransportError) -> SessionHandle {
        if let loss { throw loss }
        guard let handle else { throw failure(.connectionLost, "not connected") }
        return handle
    }

    // MARK: Driving

    /// Gives the session what carries it; libssh2 may be called from now on.
    func begin(_ handle: SessionHandle, over stream: any SessionStream) {
        (self.handle, self.stream) = (handle, stream)
        interest = .reading
        stream.begin { [weak self] readiness in self?.assumeIsolated { $0.streamIsReady(readiness) } }
    }

    private func streamIsReady(_ readiness: Readiness) {
        if readiness.contains(.broken) { isHeld = false }
        drive()
        guard readiness.contains(.broken) else { return }
        if let cause = stream?.causeOfEnd { return lose(failure(.connectionLost, cause)) }
        if queue.isEmpty { lose(failure(.connectionLost, "the host ended the connection")) }
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
    func drive() {
        guard let handle, loss == nil, !isDriving, !isHeld else { return }
        isDriving = true
        defer { isDriving = false }
        for round in 1...Self.roundsInOneDrive {
            let before = handle.received
            guard let hasProgressed = queue.step() else { break }
            // Whoever read from the socket may have taken in what another one, or its own other stream, waits for.
            guard hasProgressed || handle.received != before else { break }
            if round == Self.roundsInOneDrive { loop.post { [weak self] in self?.assumeIsolated { $0.drive() } } }
        }
        if let reason = handle.fatal {
            if handle.hasTimedOut { silences?.lost(endpoint, after: settings.silenceLimit) }
            // While connecting, the call that failed says it better.
            if pulseTimer != nil || !queue.isEmpty {
                lose(failure(.connectionLost, stream?.causeOfEnd ?? "connection lost: \(reason)"))
            }
        } else {
            watchWhatMatters()
        }
    }

    private func watchWhatMatters() {
        let wanted = isHeld ? [] : queue.interest
        guard let stream, wanted != interest else { return }
        interest = wanted
        stream.adjust(to: interest)
    }

    /// Takes nothing from the host any more, or goes on with that: whoever reads is slower.
    func hold(_ isHeld: Bool) {
        self.isHeld = isHeld
        watchWhatMatters()
        drive()
    }

    // MARK: Signs of life

    func beginPulse() {
        pulse = SessionPulse(silence: settings.silenceLimit, jumps: endpoint.jumps.count, at: .now)
        schedulePulse()
    }

    private func schedulePulse() {
        guard let pulse else { return }
        pulseTimer = loop.after(pulse.interval) { [weak self] in self?.assumeIsolated { $0.feelPulse() } }
    }

    private func feelPulse() {
        guard let handle, loss == nil, let limit = pulse?.limit else { return }
        let sample = SessionPulse.Sample(
            received: handle.received, sent: handle.sent, isAwaited: !queue.isEmpty && !isHeld,
            countsSending: tunnels == nil)
        guard pulse?.isAlive(sample, at: .now) == true else {
            silences?.lost(endpoint, after: limit)
            return lose(failure(.connectionLost, "connection lost: no sign of life for \(describe(limit))"))
        }
        // libssh2 must not begin a packet while another is half sent.
        if !queue.isBlocked, !isHeld {
            var next: Int32 = 0
            libssh2_keepalive_send(handle.raw, &next)
        }
        pulse?.rest(received: handle.received, sent: handle.sent, at: .now)
        schedulePulse()
    }

    // MARK: What it carries

    /// Has something go forward over the connection whenever it is driven.
    func carry(_ pollable: any Pollable) { queue.add(pollable) }

    // MARK: Ends

    /// Ends the connection. Safe to repeat.
    func close() {
        lose(failure(.connectionLost, "the connection was closed"))
    }

    func lose(_ error: TransportError) {
        guard loss == nil else { return }
        loss = error
        let orphans = queue.pollables
        disconnect()
        for orphan in orphans { orphan.abort(error) }
    }

    func disconnect() {
        stream?.end()
        loop.drop(pulseTimer)
        pulseTimer = nil
        if let handle, !queue.isBlocked, handle.fatal == nil {
            libssh2_session_disconnect_ex(handle.raw, SSH_DISCONNECT_BY_APPLICATION, "done", "")
        }
        stream?.shutDown()
        queue.removeAll()
        pool = nil
        tunnels = nil
        handle = nil
        stream = nil
    }
}

extension Endpoint {
    /// Whom we log in as.
    var loginUser: String { user ?? ConnectorContext.currentUser }
}

extension String {
    /// Words of libssh2 begin with a capital; messages here don't.
    var lowercasedFirst: String { prefix(1).lowercased() + dropFirst() }
}
