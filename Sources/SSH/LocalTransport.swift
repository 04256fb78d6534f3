import Fleet

/// This machine, through the same shells and the same framing as a host over SSH.
actor LocalTransport: Opened {
    nonisolated let host: HostName
    nonisolated let loop: SessionLoop
    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    private let endpoint: Endpoint
    private let context: ConnectorContext
    private let queue = PollQueue()
    private var pool: ShellPool?
    private var isDriving = false
    private static let roundsInOneDrive = 4

    init(_ endpoint: Endpoint, _ context: ConnectorContext, on loop: SessionLoop) {
        host = endpoint.host
        self.endpoint = endpoint
        self.context = context
        self.loop = loop
    }

    func connect() async throws(TransportError) {}

    func run(_ command: RemoteCommand, outputLimit: ByteCount) async throws(TransportError) -> CommandResult {
        try await livePool().run(command, limit: outputLimit)
    }

    func run(
        _ command: RemoteCommand, streaming sink: @escaping OutputSink
    ) async throws(TransportError) -> CommandResult {
        try await livePool().run(command, limit: ByteCount(.max), sink: sink)
    }

    func upload(
        _ localFile: String, to path: String, mode: UInt16, privilege: Privilege
    ) async throws(TransportError) {
        let upload = try await Upload(
            localFile, to: path, mode: mode, privilege: privilege, host: host, context)
        defer { upload.tellEnd() }
        try await upload.perform(with: livePool(), host: host, resuming: false)
    }

    func close() async {
        pool = nil
        for case let shell as Shell in queue.pollables { shell.retire() }
    }

    private func livePool() -> ShellPool {
        if let pool { return pool }
        let pool = ShellPool(endpoint) { [unowned self] privilege, _ throws(TransportError) in
            self.openShell(privilege)
        }
        self.pool = pool
        return pool
    }

    private func openShell(_ privilege: Privilege) -> Shell {
        let launch = ShellLaunch(privilege, on: endpoint)
        let port = ProcessPort(running: launch.line, on: loop)
        let shell = Shell(launch, over: port, on: loop)
        let wake: () -> Void = { [weak self] in self?.assumeIsolated { $0.drive() } }
        port.wake = wake
        shell.wake = wake
        queue.add(shell)
        return shell
    }

    /// Lets every shell go forward as far as it can now.
    private func drive() {
        guard !isDriving else { return }
        isDriving = true
        defer { isDriving = false }
        for round in 1...Self.roundsInOneDrive {
            guard queue.step() == true else { return }
            if round == Self.roundsInOneDrive { loop.post { [weak self] in self?.assumeIsolated { $0.drive() } } }
        }
    }
}
