import Fleet
import Synchronization

/// The jump hosts in use, each shared by all who go through it.
final class JumpHosts: Sendable {
    private let hosts = Mutex<[Endpoint: JumpHost]>([:])

    /// The last host before `endpoint`; `nil` where it is reached directly.
    func last(before endpoint: Endpoint, settings: SSHSettings) -> JumpHost? {
        guard var jump = endpoint.jumps.last else { return nil }
        jump.jumps = endpoint.jumps.dropLast()
        return hosts.withLock { hosts in
            if let host = hosts[jump] { return host }
            let host = JumpHost(jump, settings, on: LoopGroup.shared.next())
            hosts[jump] = host
            return host
        }
    }

    /// Ends the sessions to all of them. Safe to repeat.
    func closeAll() async {
        let all = hosts.withLock { hosts in
            defer { hosts = [:] }
            return Array(hosts.values)
        }
        for host in all { await host.close() }
    }
}

/// A host that others are reached through.
///
/// One session carries their tunnels, until it has as many as sshd may open. Since libssh2 opens one channel of a session
/// at a time, a tunnel to a host that doesn't answer would keep the others waiting: then there is another session for them.
actor JumpHost {
    nonisolated let loop: SessionLoop
    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }
    /// Places for those who go through.
    nonisolated let handshakes: AsyncSemaphore

    /// A session, and whether somebody is opening a tunnel with it.
    private final class Line {
        let session: SSHSession
        var isTaken = true

        init(_ session: SSHSession) { self.session = session }
    }

    private struct Failure {
        var error: TransportError
        var moment: ContinuousClock.Instant
    }

    private let endpoint: Endpoint
    private var lines: [Line] = []
    private var waiting: [TriggerID] = []
    private let connecting = AsyncLock()
    private var failure: Failure?
    /// How long an opening may keep others waiting before they get a session of their own.
    private static let openingPatience: Duration = .seconds(1)
    /// How many sessions open tunnels at once.
    private static let mostLines = 16

    init(_ endpoint: Endpoint, _ settings: SSHSettings, on loop: SessionLoop) {
        (self.endpoint, self.loop) = (endpoint, loop)
        handshakes = AsyncSemaphore(settings.handshakesThroughOneJump)
    }

    /// Opens a tunnel to `target`, whose address is for this host to resolve.
    func tunnel(to target: Endpoint, _ context: ConnectorContext) async throws(TransportError) -> Tunnel {
        guard context.silences.patience(with: .tunnel, of: target) != nil else { throw refusal(.expired, target) }
        let line = try await freeLine(for: target, context)
        defer { giveBack(line) }
        guard let patience = context.silences.patience(with: .tunnel, of: target) else {
            throw refusal(.expired, target)
        }
        let tunnel = Tunnel(descriptor: loop.bell)
        do throws(TransportError) {
            let began = ContinuousClock.now
            let opening = try await line.session.open(
                tunnel, to: target.address, port: target.port, within: patience)
            context.silences.note(!opening.isSilence, by: .tunnel, of: target, since: began)
            if case .open = opening { return tunnel }
            throw refusal(opening, target)
        } catch {
            tunnel.close()
            throw error.host == target.host ? error : passedOn(error, to: target)
        }
    }

    private func refusal(_ opening: TunnelPort.Opening, _ target: Endpoint) -> TransportError {
        let address = target.address.contains(":") ? "[\(target.address)]" : target.address
        let place = "\(address):\(target.port)"
        switch opening {
        case .refused(let said):
            // libssh2's words hold the reason in parentheses: "Channel open failure (connect failed)".
            let reason = said.split(separator: "(").last.map { String($0).replacing(")", with: "") } ?? said
            return TransportError(
                .unreachable, host: target.host, "jump host \(endpoint.host) cannot reach \(place): \(reason)",
                hints: ["try there: nc -vz \(target.address) \(target.port); its sshd must allow TCP forwarding"])
        case .cancelled: return TransportError(.cancelled, host: target.host, "cancelled while connecting")
        case .lost(let reason): return TransportError(.unreachable, host: target.host, reason)
        case .open, .expired:
            return TransportError(
                .unreachable, host: target.host,
                "no answer from \(place) within \(describe(target.connectTimeout)), asked by jump host \(endpoint.host)",
                hints: ["is the host up, and may the jump host reach it?"])
        }
    }

    /// What kept us from the jump host, told about the host behind it.
    private func passedOn(_ error: TransportError, to target: Endpoint) -> TransportError {
        Self.passedOn(error, from: endpoint, to: target)
    }

    static func passedOn(_ error: TransportError, from endpoint: Endpoint, to target: Endpoint) -> TransportError {
        let isOurs = error.code == .cancelled
        return TransportError(
            error.code, host: target.host, isOurs ? error.message : "jump host \(endpoint.host): \(error.message)",
            hints: hints(of: error, from: endpoint, about: target))
    }

    /// The inventory may not have the jump host; its key is shown with those of the hosts behind it.
    private static func hints(
        of error: TransportError, from endpoint: Endpoint, about target: Endpoint
    ) -> [String] {
        guard endpoint.pinnedHostKeys.isEmpty else { return error.hints }
        switch error.code {
        case .hostKeyUnknown: return ["check its fingerprint and trust it: drover trust \(target.host)"]
        case .hostKeyMismatch:
            return [
                "someone may be listening in; if the jump host was rebuilt, "
                    + "replace the old key: drover trust --replace \(target.host)"
            ]
        default: return error.hints
        }
    }

    // MARK: Sessions

    private func freeLine(
        for target: Endpoint, _ context: ConnectorContext
    ) async throws(TransportError) -> Line {
        var patienceEnds = ContinuousClock.now + Self.openingPatience
        while true {
            if let line = await takeFree() { return line }
            guard !Task.isCancelled else { throw TransportError(.cancelled, host: target.host, "cancelled") }
            let taken = lines.count(where: \.isTaken)
            if taken == 0 || (taken < Self.mostLines && .now >= patienceEnds) {
                if let line = try await connect(for: target, context) { return line }
                patienceEnds = .now + Self.openingPatience
            } else {
                await waitForFree(Self.openingPatience)
            }
        }
    }

    private func takeFree() async -> Line? {
        for line in lines where !line.isTaken {
            line.isTaken = true
            if await line.session.canOpenTunnel { return line }
            line.isTaken = false
            // Of no use any more: lost, or waiting in vain for one opening, with nothing else to carry.
            guard await !line.session.carriesTunnels else { continue }
            lines.removeAll { $0 === line }
            await line.session.close()
        }
        return nil
    }

    /// Makes a session; `nil` when somebody else has made one meanwhile, which may be free.
    private func connect(for target: Endpoint, _ context: ConnectorContext) async throws(TransportError) -> Line? {
        let before = lines.count
        return try await connecting.withLock(cancelled: TransportError(.cancelled, host: target.host, "cancelled")) {
            () async throws(TransportError) in
            lines.count > before ? nil : try await connectAlone(for: target, context)
        }
    }

    private func connectAlone(
        for target: Endpoint, _ context: ConnectorContext
    ) async throws(TransportError) -> Line {
        if let failure, .now - failure.moment < endpoint.connectTimeout { throw passedOn(failure.error, to: target) }
        let session: SSHSession
        do throws(TransportError) {
            session = try await SSHSession.connected(to: endpoint, context, on: LoopGroup.shared.next())
        } catch {
            if error.code != .cancelled { failure = Failure(error: error, moment: .now) }
            throw passedOn(error, to: target)
        }
        failure = nil
        let line = Line(session)
        lines.append(line)
        return line
    }

    private func giveBack(_ line: Line) {
        line.isTaken = false
        let all = waiting
        waiting = []
        for trigger in all { loop.fire(trigger) }
    }

    private func waitForFree(_ patience: Duration) async {
        await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
            waiting.append(loop.after(patience) { continuation.resume() })
        }
    }

    func close() async {
        for line in lines { await line.session.close() }
        lines = []
    }
}
