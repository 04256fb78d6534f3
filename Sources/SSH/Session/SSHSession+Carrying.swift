import Fleet

extension SSHSession {
    // MARK: Commands

    /// Runs a command in the privilege's shell.
    func run(
        _ command: RemoteCommand, limit: ByteCount, sink: OutputSink? = nil
    ) async throws(TransportError) -> CommandResult {
        try await shells().run(command, limit: limit, sink: sink)
    }

    /// Copies a file through a shell of its own.
    func upload(_ upload: Upload, resuming: Bool) async throws(TransportError) {
        try await upload.perform(with: shells(), host: endpoint.host, resuming: resuming)
    }

    func answers(within patience: Duration) async -> Bool {
        // Who has no connection does not answer.
        guard let shells = try? shells() else { return false }
        return await shells.answers(within: patience)
    }

    var shellCount: Int { pool?.count ?? 0 }

    private func shells() throws(TransportError) -> ShellPool {
        if let loss { throw loss }
        if let pool { return pool }
        _ = try liveHandle()
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
        carry(shell)
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
        carry(hub)
        drive()
    }
}
