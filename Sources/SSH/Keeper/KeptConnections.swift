import Fleet
import Foundation

/// The connections that a keeper has, and who uses them.
actor KeptConnections {
    private struct Idle {
        let connection: KeptConnection
        let since: ContinuousClock.Instant
        let end: ContinuousClock.Instant
    }

    /// A command's hold on a connection.
    struct Lease: Sendable {
        let connection: KeptConnection
        let idle: Duration
        let wasKept: Bool
        /// What the command connects with, for as long as it uses any connection: who it found dead is remembered there.
        let origin: KeptOrigin
    }

    private struct WeakOrigin {
        weak var value: KeptOrigin?
    }

    private var idle: [Idle] = []
    private var leased: [ObjectIdentifier: KeptConnection] = [:]
    /// Those that are in use and end with that.
    private var doomed: Set<ObjectIdentifier> = []
    private var origins: [String: WeakOrigin] = [:]
    private var settings: (command: String, stamps: [FileStamp])?
    private var conversations = 0
    private var sweeping: Task<Void, Never>?
    private var isOver = false
    /// Whether whatever is given back ends.
    private var isWindingUp = false
    /// Called once, when there is nothing left to keep and nobody to talk to.
    private let ended: @Sendable () -> Void

    /// How many connections are kept for nobody: each costs its host a process.
    static let mostIdle = 256
    /// How old a connection may become that is used again and again: who is let in may have changed.
    static let oldest: Duration = .seconds(3600)
    /// How long a kept connection's host may take to show that it lives, before there is another connection.
    static let patience: Duration = .seconds(1)
    /// How long whoever had a keeper started may take to say something.
    private static let firstPatience: Duration = .seconds(10)
    /// How long somebody may come who wants something to be kept, once nothing is.
    private static let lastPatience: Duration = .seconds(1)

    init(ended: @escaping @Sendable () -> Void) { self.ended = ended }

    // MARK: Conversations

    /// Ends soon unless somebody comes.
    func begin() {
        sweeping = Task {
            // Cut short by whoever comes.
            try? await Task.sleep(for: Self.firstPatience)
            if !Task.isCancelled { sweep() }
        }
    }

    func conversationBegan() { conversations += 1 }

    func conversationEnded() {
        conversations -= 1
        schedule()
    }

    // MARK: Leases

    /// A connection for one command alone: one that is kept and lives, or a new one.
    func lease(_ opening: KeeperRequest.Opening) async throws(TransportError) -> Lease {
        let endpoint = opening.endpoint.endpoint
        let configuration = opening.openSSH
        let identity = KeptConnection.Identity(
            endpoint: opening.endpoint, configuration: configuration,
            files: FileStamp.known(for: endpoint) + stamps(of: opening))
        let origin = origin(of: opening)
        while let kept = takeIdle(identity) {
            if await kept.transport.answers(within: Self.patience) {
                return Lease(connection: kept, idle: opening.idle, wasKept: true, origin: origin)
            }
            leased[ObjectIdentifier(kept)] = nil
            await kept.transport.close()
        }
        defer { origin.forget() }
        let transport = try await origin.connected(to: endpoint)
        let now = Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1000))
        let connection = KeptConnection(identity, transport, from: origin, at: now)
        leased[ObjectIdentifier(connection)] = connection
        return Lease(connection: connection, idle: opening.idle, wasKept: false, origin: origin)
    }

    /// The state of the user's settings, which are read once for each command.
    private func stamps(of opening: KeeperRequest.Opening) -> [FileStamp] {
        if let settings, settings.command == opening.command { return settings.stamps }
        let stamps = FileStamp.settings(opening.openSSH)
        settings = (opening.command, stamps)
        return stamps
    }

    private func takeIdle(_ identity: KeptConnection.Identity) -> KeptConnection? {
        let now = ContinuousClock.now
        let place = idle.lastIndex {
            $0.connection.identity == identity && $0.end > now && now - $0.connection.began < Self.oldest
        }
        guard let place else { return nil }
        let connection = idle.remove(at: place).connection
        leased[ObjectIdentifier(connection)] = connection
        return connection
    }

    private func origin(of opening: KeeperRequest.Opening) -> KeptOrigin {
        if let origin = origins[opening.command]?.value { return origin }
        var settings = SSHSettings(handshakesAtOnce: max(1, opening.handshakesAtOnce))
        settings.configuration = opening.openSSH
        let origin = KeptOrigin(settings)
        origins = origins.filter { $0.value.value != nil }
        origins[opening.command] = WeakOrigin(value: origin)
        return origin
    }

    /// Takes a connection back.
    /// - Parameter isSound: Whether everything that was begun on it has ended, as far as can be told.
    func giveBack(_ lease: Lease, isSound: Bool) async {
        let id = ObjectIdentifier(lease.connection)
        leased[id] = nil
        let isDoomed = doomed.remove(id) != nil
        let isAlive = await lease.connection.transport.isAlive
        guard isSound, isAlive, !isDoomed, !isWindingUp, lease.idle > .zero else {
            return await lease.connection.transport.close()
        }
        let now = ContinuousClock.now
        idle.append(Idle(connection: lease.connection, since: now, end: now + min(lease.idle, Self.oldest)))
        if idle.count > Self.mostIdle { await idle.removeFirst().connection.transport.close() }
        schedule()
    }

    // MARK: Ends

    /// Waits for the next connection whose time is over.
    private func schedule() {
        sweeping?.cancel()
        let next = idle.map(\.end).min() ?? .now + (isWindingUp ? .zero : Self.lastPatience)
        sweeping = Task {
            // Cut short when there is something else to wait for.
            try? await Task.sleep(until: next, clock: .continuous)
            if !Task.isCancelled { sweep() }
        }
    }

    private func sweep() {
        let now = ContinuousClock.now
        let over = idle.filter { $0.end <= now }
        idle.removeAll { $0.end <= now }
        close(over.map(\.connection))
        guard idle.isEmpty else { return schedule() }
        if conversations == 0 { end() }
    }

    private func close(_ connections: [KeptConnection]) {
        for connection in connections { Task { await connection.transport.close() } }
    }

    private func end() {
        guard !isOver else { return }
        isOver = true
        sweeping?.cancel()
        ended()
    }

    /// Keeps nothing any more, and ends with the last command that is served.
    func windUp() {
        isWindingUp = true
        close(idle.map(\.connection))
        idle = []
        schedule()
    }

    // MARK: What there is

    /// Every connection that lives.
    func list() async -> [KeptConnectionFacts] {
        let now = ContinuousClock.now
        let all = idle.map { ($0.connection, Optional(now - $0.since)) } + leased.values.map { ($0, nil) }
        var facts: [KeptConnectionFacts] = []
        for (connection, idle) in all where await connection.transport.isAlive {
            let endpoint = connection.identity.endpoint.endpoint
            facts.append(
                KeptConnectionFacts(
                    host: endpoint.host, user: endpoint.loginUser, address: endpoint.address, port: endpoint.port,
                    since: connection.since, idle: idle, shells: await connection.transport.shellCount))
        }
        return facts
    }

    /// Ends the connections to `hosts`, or all: those in use once they are not.
    /// - Returns: How many.
    func close(_ hosts: [HostName]) -> Int {
        let names = Set(hosts)
        let isMeant = { (connection: KeptConnection) in
            names.isEmpty || names.contains(connection.identity.endpoint.endpoint.host)
        }
        let meant = idle.map(\.connection).filter(isMeant)
        idle.removeAll { isMeant($0.connection) }
        close(meant)
        let used = leased.filter { isMeant($0.value) && !doomed.contains($0.key) }
        doomed.formUnion(used.keys)
        schedule()
        return meant.count + used.count
    }
}

extension KeeperRequest.Opening {
    /// Where the user's settings for the installed `ssh` stand.
    var openSSH: OpenSSHClient.Configuration? {
        hasConfiguration ? configuration.map { .file($0) } ?? .usual : nil
    }
}
