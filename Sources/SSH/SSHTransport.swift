import Fleet

/// A host over SSH: one session at a time, made anew when a call finds it lost.
actor SSHTransport: Opened {
    nonisolated let host: HostName
    nonisolated let loop: SessionLoop
    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    private let endpoint: Endpoint
    private let context: ConnectorContext
    private var session: (any HostSession)?
    /// Why it is the installed `ssh` that connects; found out once.
    private var detour: String?
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
        try await liveSession().run(command, limit: outputLimit, sink: nil)
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
        defer { upload.tellEnd() }
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
    private func sessionRegained(copying path: String) async throws(TransportError) -> any HostSession {
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
            await session?.login
        }
    }

    func close() async {
        await session?.close()
        session = nil
    }

    private func liveSession() async throws(TransportError) -> any HostSession {
        try await connecting.withLock(cancelled: TransportError(.cancelled, host: host, "cancelled")) {
            () async throws(TransportError) in
            if let session, await session.isAlive { return session }
            let session = try await newSession()
            self.session = session
            return session
        }
    }

    /// A session with libssh2, or, where that can't do what the host wants, of the installed `ssh`.
    private func newSession() async throws(TransportError) -> any HostSession {
        let search = DetourSearch(endpoint: endpoint, context: context)
        if let reason = detour ?? search.beforehand { return try await session(because: reason) }
        do throws(TransportError) {
            return try await SSHSession.connected(to: endpoint, context, on: loop)
        } catch {
            guard endpoint.client == nil, let reason = await search.reason(after: error) else { throw error }
            return try await session(because: reason)
        }
    }

    private func session(because reason: String) async throws(TransportError) -> any HostSession {
        guard endpoint.client != .libssh2 else {
            throw TransportError(
                .unsupported, host: host, "\(reason), and libssh2 is chosen for this host",
                hints: ["leave the choice to Drover, or set drover_transport=openssh"])
        }
        let session = try await OpenSSHSession.connected(to: endpoint, because: reason, context, on: loop)
        if detour == nil { context.detours.add(Detour(host: host, reason: reason)) }
        detour = reason
        return session
    }
}
