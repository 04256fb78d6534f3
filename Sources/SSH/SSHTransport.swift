import Fleet

/// A host over SSH: one session at a time, made anew when a call finds it lost.
actor SSHTransport: Opened {
    nonisolated let host: HostName
    nonisolated let loop: SessionLoop
    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    private let endpoint: Endpoint
    private let context: ConnectorContext
    private var session: SSHSession?
    private let connecting = AsyncLock()
    /// How often an upload goes on after losing the connection.
    private static let uploadAttempts = 5

    init(to endpoint: Endpoint, _ context: ConnectorContext, on loop: SessionLoop) {
        host = endpoint.host
        self.endpoint = endpoint
        self.context = context
        self.loop = loop
    }

    func connect() async throws(TransportError) { _ = try await liveSession() }

    func run(_ command: RemoteCommand, outputLimit: ByteCount) async throws(TransportError) -> CommandResult {
        try await liveSession().run(command, limit: outputLimit)
    }

    func run(
        _ command: RemoteCommand, streaming sink: @escaping OutputSink
    ) async throws(TransportError) -> CommandResult {
        try await liveSession().run(command, limit: ByteCount(.max), sink: sink)
    }

    func upload(
        _ localFile: String, to path: String, mode: UInt16, privilege: Privilege
    ) async throws(TransportError) {
        let upload = try await Upload(
            localFile, to: path, mode: mode, privilege: privilege, host: host, context)
        for attempt in 1... {
            let session = attempt == 1 ? try await liveSession() : try await sessionRegained(copying: path)
            do throws(TransportError) {
                return try await session.upload(upload, resuming: attempt > 1)
            } catch {
                guard error.code == .connectionLost, attempt < Self.uploadAttempts else { throw error }
            }
        }
    }

    /// A session after a loss in the middle of an upload, for which the host may need a moment.
    private func sessionRegained(copying path: String) async throws(TransportError) -> SSHSession {
        var pauses = RetryPause(within: endpoint.connectTimeout)
        while true {
            do throws(TransportError) {
                return try await liveSession()
            } catch {
                guard error.code == .unreachable else { throw error }
                guard let pause = pauses.next() else {
                    throw TransportError(
                        error.code, host: host,
                        "the connection was lost in the middle of \(path), and there is no other: \(error.message)",
                        hints: error.hints + [
                            "what had arrived is still there under a temporary name; a later copy removes it"
                        ])
                }
                // Cut short when the caller gives up; then there is no session either.
                try? await Task.sleep(for: pause)
            }
        }
    }

    /// How the connection that is there was made.
    var login: LoginFacts? {
        get async {
            guard let session else { return nil }
            let key = await session.hostKey.map { "\($0.algorithm.name) \($0.fingerprint)" }
            return LoginFacts(hostKey: key, accepted: await session.acceptedLogin)
        }
    }

    func close() async {
        await session?.close()
        session = nil
    }

    private func liveSession() async throws(TransportError) -> SSHSession {
        try await connecting.withLock(cancelled: TransportError(.cancelled, host: host, "cancelled")) {
            () async throws(TransportError) in
            if let session, await session.isAlive { return session }
            let session = try await SSHSession.connected(to: endpoint, context, on: loop)
            self.session = session
            return session
        }
    }
}
