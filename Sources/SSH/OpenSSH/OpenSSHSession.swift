import Fleet
import Glibc

/// A connection to one host that the installed `ssh` has.
actor OpenSSHSession: HostSession {
    nonisolated let loop: SessionLoop
    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    let endpoint: Endpoint
    private let settings: SSHSettings
    private let reason: String
    private(set) var report = MasterReport()
    private var folder: ControlFolder?
    private var master: ProcessPort?
    private var exit: ShellExit?
    private let queue = PollQueue()
    private var clients: [ClientPort] = []
    private var pool: ShellPool?
    private var isDriving = false
    private var connecting: CheckedContinuation<TransportError?, Never>?
    private var slot: HandshakeSlot?
    private var timer: TriggerID?
    /// How the host ended the connection before anybody logged in, if it did.
    private(set) var earlyEnd: EarlyEnd?
    /// Why the connection is gone.
    private var loss: TransportError?
    private static let roundsInOneDrive = 4

    /// - Parameter reason: Why it is not libssh2 that connects.
    init(to endpoint: Endpoint, because reason: String, settings: SSHSettings, on loop: SessionLoop) {
        (self.endpoint, self.reason, self.settings, self.loop) = (endpoint, reason, settings, loop)
    }

    isolated deinit { hangUp() }

    var isAlive: Bool { master != nil && report.phase == .nothing && loss == nil }

    var login: LoginFacts {
        let key = report.hostKey.map { "\(HostKeyAlgorithm.name(of: $0.algorithm)) \($0.fingerprint)" }
        return LoginFacts(hostKey: key, accepted: report.accepted, detour: reason)
    }

    /// Where clients find the master.
    var socket: String? { isAlive ? folder?.socket : nil }

    func failure(_ code: TransportError.Code, _ message: String, hints: [String] = []) -> TransportError {
        TransportError(code, host: endpoint.host, message, hints: hints)
    }

    // MARK: Connecting

    /// Connects, has the host's key checked and logs in, within the endpoint's time for each.
    ///
    /// - Parameter jump: The socket of the last host's master on the way; `nil` where there is none.
    func connect(through jump: String?, _ context: ConnectorContext) async throws(TransportError) {
        let agent = await context.identities.agentWithOpenedKeys(for: endpoint)
        guard let permit = await context.handshakes.acquire() else { throw failure(.cancelled, "cancelled") }
        // A host that says nothing keeps nobody waiting.
        slot = HandshakeSlot(permit, for: Doors.patience, on: loop)
        defer { leaveSlot() }
        let line = try line(through: jump, agent, hasAuthority: await hasAuthority(context.hostKeys))
        let canceller = loop.trigger { [weak self] in
            self?.assumeIsolated { $0.lose($0.failure(.cancelled, "cancelled while connecting")) }
        }
        let error = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                connecting = continuation
                start(line)
            }
        } onCancel: { [loop] in
            loop.fire(canceller)
        }
        loop.drop(canceller)
        if let error { throw error }
    }

    private func leaveSlot() {
        slot?.leave()
        slot = nil
    }

    /// Whether its key may be vouched for by another one.
    private func hasAuthority(_ keys: HostKeyStore) async -> Bool {
        // Of what can't be read `ssh` says so itself.
        (try? await keys.known(for: endpoint))?.entries.contains { $0.marker == .authority } == true
    }

    private func line(through jump: String?, _ agent: String?, hasAuthority: Bool) throws(TransportError) -> String {
        guard let folder = ControlFolder() else {
            throw failure(.internal, "no folder for a socket: \(describe(errorNumber: errno))")
        }
        self.folder = folder
        let words = OpenSSHLine(configuration: settings.configuration).master(
            of: endpoint, in: folder, try knowledge(folder, hasAuthority), through: jump, agent: agent, settings)
        return OpenSSHLine.guarded(words, folder)
    }

    private func knowledge(
        _ folder: ControlFolder, _ hasAuthority: Bool
    ) throws(TransportError) -> HostKeyKnowledge {
        let name = KnownHosts.name(of: endpoint)
        guard endpoint.pinnedHostKeys.isEmpty else {
            do throws(TransportFileError) {
                let file = try folder.write(pinned: endpoint.pinnedHostKeys, named: name)
                return HostKeyKnowledge(files: [file], name: name)
            } catch {
                throw failure(.internal, "cannot write down the host's keys: \(error.reason)")
            }
        }
        guard endpoint.checksHostKey else { return HostKeyKnowledge(files: ["/dev/null"], name: name) }
        return HostKeyKnowledge(
            files: KnownHosts.files(for: endpoint), name: hasAuthority ? endpoint.hostKeyAlias : name)
    }

    private func start(_ line: String) {
        let master = ProcessPort(running: line, on: loop)
        master.wake = { [weak self] in self?.assumeIsolated { $0.drive() } }
        self.master = master
        if case .failed(let reason) = master.start() { return lose(failure(.internal, reason)) }
        watchPhase()
    }

    /// Each part of connecting has its time.
    private func watchPhase() {
        loop.drop(timer)
        timer = loop.after(endpoint.connectTimeout + Self.grace) { [weak self] in
            self?.assumeIsolated { $0.lose(MasterFailure($0.endpoint, $0.report, $0.settings).expiry) }
        }
    }

    /// `ssh` has the same time for some of them, and says more.
    private static let grace: Duration = .milliseconds(500)

    // MARK: Driving

    private func drive() {
        guard !isDriving else { return }
        isDriving = true
        defer { isDriving = false }
        hearMaster()
        for round in 1...Self.roundsInOneDrive {
            guard queue.step() == true else { return }
            if round == Self.roundsInOneDrive { loop.post { [weak self] in self?.assumeIsolated { $0.drive() } } }
        }
    }

    /// Reads what the master says, and notices its end.
    private func hearMaster() {
        guard let master else { return }
        let before = report.phase
        var hasEnded = true
        for stream in ShellStream.allCases {
            let rest = master.drain(stream, into: loop.scratch) { if stream == .errors { report.feed($0) } }
            if case .waiting = rest { hasEnded = false }
        }
        if report.phase != before { phaseChanged() }
        var exit = ShellExit()
        if hasEnded, case .done = master.exit(&exit) { masterEnded(exit) }
    }

    private func phaseChanged() {
        guard let connecting else { return }
        guard report.phase == .nothing else {
            if report.phase >= .keys { slot = slot?.kept(for: settings.handshakePatience) }
            return watchPhase()
        }
        loop.drop(timer)
        self.connecting = nil
        connecting.resume(returning: nil)
    }

    private func masterEnded(_ exit: ShellExit) {
        let failure = MasterFailure(endpoint, report, settings)
        guard connecting != nil else { return lose(failure.loss) }
        let (error, end) = failure.refusal(exit)
        earlyEnd = end
        lose(error)
    }

    // MARK: What it carries

    func run(
        _ command: RemoteCommand, limit: ByteCount, sink: OutputSink? = nil
    ) async throws(TransportError) -> CommandResult {
        try await shells().run(command, limit: limit, sink: sink)
    }

    func upload(_ upload: Upload, resuming: Bool) async throws(TransportError) {
        try await upload.perform(with: shells(), host: endpoint.host, resuming: resuming)
    }

    func answers(within patience: Duration) async -> Bool {
        // Who has no connection does not answer.
        guard let shells = try? shells() else { return false }
        return await shells.answers(within: patience)
    }

    var shellCount: Int { pool?.count ?? 0 }

    func hold(_ isHeld: Bool) {
        for client in clients { client.hold(isHeld) }
        if !isHeld { drive() }
    }

    private func shells() throws(TransportError) -> ShellPool {
        if let loss { throw loss }
        if let pool { return pool }
        let pool = ShellPool(endpoint) { [unowned self] privilege, first throws(TransportError) in
            try self.openShell(privilege, first: first)
        }
        self.pool = pool
        return pool
    }

    private func openShell(_ privilege: Privilege, first: String?) throws(TransportError) -> Shell {
        if let loss { throw loss }
        guard let socket else { throw failure(.connectionLost, "not connected") }
        let launch = ShellLaunch(privilege, on: endpoint, first: first)
        let line = OpenSSHLine.client(of: socket, running: launch.line)
        let port = ClientPort(ProcessPort(running: line, on: loop), on: loop)
        let shell = Shell(launch, over: port, on: loop)
        let wake: () -> Void = { [weak self] in self?.assumeIsolated { $0.drive() } }
        port.wake = wake
        shell.wake = wake
        clients.removeAll(where: \.isClosed)
        clients.append(port)
        queue.add(shell)
        return shell
    }

    // MARK: Ends

    func close() { lose(failure(.connectionLost, "the connection was closed")) }

    private func lose(_ error: TransportError) {
        guard loss == nil else { return }
        loss = error
        let orphans = queue.pollables
        hangUp()
        for orphan in orphans { orphan.abort(error) }
        connecting?.resume(returning: error)
        connecting = nil
    }

    private func hangUp() {
        loop.drop(timer)
        queue.removeAll()
        pool = nil
        for client in clients { _ = client.close() }
        clients = []
        // The guardian ends the rest once its standard input does.
        if let master { _ = master.close() }
        master = nil
        folder?.remove()
        folder = nil
    }
}
