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
        try await perform(
            try await Upload(localFile, to: path, mode: mode, privilege: privilege, host: host, context), to: path)
    }

    /// Copies a file that is open already.
    func upload(
        _ file: OpenFile, named name: String, to path: String, mode: UInt16, privilege: Privilege
    ) async throws(TransportError) {
        try await perform(
            Upload(file, named: name, to: path, mode: mode, privilege: privilege, host: host, context), to: path)
    }

    private func perform(_ upload: Upload, to path: String) async throws(TransportError) {
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
            context.silences.forget(endpoint)
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

    /// Whether there is a connection, as far as is known.
    var isAlive: Bool {
        get async { await session?.isAlive == true }
    }

    /// How many shells there are.
    var shellCount: Int {
        get async { await session?.shellCount ?? 0 }
    }

    /// Whether there is a connection, and the host answers on it in time while nothing is asked of it otherwise.
    func answers(within patience: Duration) async -> Bool {
        guard let session, await session.isAlive else { return false }
        return await session.answers(within: patience)
    }

    /// Takes nothing from the host any more, or goes on with that, soon and in the order of asking.
    nonisolated func hold(_ isHeld: Bool) {
        loop.post { self.assumeIsolated { $0.session?.assumeIsolated { $0.hold(isHeld) } } }
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
        let session = try await openSSHSession(because: reason)
        if detour == nil { context.detours.add(Detour(host: host, reason: reason)) }
        detour = reason
        return session
    }

    /// A session of the installed `ssh`, for which a host that was dead just before is waited for a moment only.
    private func openSSHSession(because reason: String) async throws(TransportError) -> OpenSSHSession {
        let (silences, began) = (context.silences, ContinuousClock.now)
        guard let patience = silences.patience(with: .client, of: endpoint) else {
            throw TransportError(
                .unreachable, host: host,
                "no answer within \(describe(endpoint.connectTimeout)), when ssh was to connect just before")
        }
        var target = endpoint
        // A second is the least that `ssh` knows of.
        target.connectTimeout = min(endpoint.connectTimeout, max(.seconds(1), patience))
        do throws(TransportError) {
            let session = try await OpenSSHSession.connected(to: target, because: reason, context, on: loop)
            silences.note(true, by: .client, of: endpoint, since: began)
            return session
        } catch {
            let isSilent = error.code == .cancelled || .now - began >= target.connectTimeout * 0.9
            silences.note(!isSilent, by: .client, of: endpoint, since: began)
            throw error
        }
    }
}
