import Fleet

/// This machine, through the same shells and the same framing as a host over SSH.
actor LocalTransport: Opened {
    nonisolated let host: HostName
    nonisolated let loop: SessionLoop
    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    private let endpoint: Endpoint
    private let surroundings: Surroundings
    private var shells: [Shell] = []
    private var pool: ShellPool?
    private var isDriving = false
    private static let roundsInOneDrive = 4

    init(_ endpoint: Endpoint, _ surroundings: Surroundings, on loop: SessionLoop) {
        host = endpoint.host
        self.endpoint = endpoint
        self.surroundings = surroundings
        self.loop = loop
    }

    func connect() async throws(TransportError) {}

    func run(_ command: RemoteCommand, outputLimit: ByteCount) async throws(TransportError) -> CommandResult {
        try await livePool().run(command, limit: outputLimit).get()
    }

    func run(
        _ command: RemoteCommand, streaming sink: @escaping OutputSink
    ) async throws(TransportError) -> CommandResult {
        try await livePool().run(command, limit: ByteCount(.max), sink: sink).get()
    }

    func upload(
        _ localFile: String, to path: String, mode: UInt16, privilege: Privilege
    ) async throws(TransportError) {
        let upload = try await Upload(
            localFile, to: path, mode: mode, privilege: privilege, host: host, surroundings)
        try await upload.perform(with: livePool(), host: host, resuming: false)
    }

    func close() async {
        pool = nil
        for shell in shells { shell.retire() }
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
        shells.append(shell)
        return shell
    }

    /// Lets every shell go forward as far as it can now.
    private func drive() {
        guard !isDriving else { return }
        isDriving = true
        defer { isDriving = false }
        for round in 1...Self.roundsInOneDrive {
            var hasProgressed = false
            for shell in shells {
                switch shell.step() {
                case .progressed: hasProgressed = true
                case .finished: shells.removeAll { $0 === shell }
                case .waiting, .sendBlocked: break
                }
            }
            guard hasProgressed else { return }
            if round == Self.roundsInOneDrive { loop.post { [weak self] in self?.assumeIsolated { $0.drive() } } }
        }
    }
}
