import Fleet
import Synchronization

/// The masters of jump hosts, each shared by all who go through it.
final class JumpMasters: Sendable {
    private let hosts = Mutex<[Endpoint: JumpMaster]>([:])

    /// The socket of the last host's master on the way to `endpoint`; `nil` where it is reached directly.
    func socket(
        before endpoint: Endpoint, because reason: String, _ context: ConnectorContext
    ) async throws(TransportError) -> String? {
        guard var jump = endpoint.jumps.last else { return nil }
        jump.jumps = endpoint.jumps.dropLast()
        let host = hosts.withLock { hosts in
            if let host = hosts[jump] { return host }
            let host = JumpMaster(jump)
            hosts[jump] = host
            return host
        }
        return try await host.socket(for: endpoint, because: reason, context)
    }

    /// Ends all of them. Safe to repeat.
    func closeAll() async {
        let all = hosts.withLock { hosts in
            defer { hosts = [:] }
            return Array(hosts.values)
        }
        for host in all { await host.close() }
    }
}

/// The master of one jump host, made anew when it is found lost.
actor JumpMaster {
    private let endpoint: Endpoint
    private let connecting = AsyncLock()
    private var session: OpenSSHSession?
    private var failure: (error: TransportError, moment: ContinuousClock.Instant)?

    init(_ endpoint: Endpoint) { self.endpoint = endpoint }

    func socket(
        for target: Endpoint, because reason: String, _ context: ConnectorContext
    ) async throws(TransportError) -> String {
        try await connecting.withLock(cancelled: TransportError(.cancelled, host: target.host, "cancelled")) {
            () async throws(TransportError) in try await socketAlone(for: target, because: reason, context)
        }
    }

    private func socketAlone(
        for target: Endpoint, because reason: String, _ context: ConnectorContext
    ) async throws(TransportError) -> String {
        if let socket = await session?.socket { return socket }
        if let failure, .now - failure.moment < endpoint.connectTimeout {
            throw JumpHost.passedOn(failure.error, from: endpoint, to: target)
        }
        let session: OpenSSHSession
        do throws(TransportError) {
            session = try await OpenSSHSession.connected(
                to: endpoint, because: reason, context, on: LoopGroup.shared.next())
        } catch {
            if error.code != .cancelled { failure = (error, .now) }
            throw JumpHost.passedOn(error, from: endpoint, to: target)
        }
        self.session = session
        failure = nil
        guard let socket = await session.socket else {
            throw TransportError(.connectionLost, host: target.host, "jump host \(endpoint.host): connection lost")
        }
        return socket
    }

    func close() async {
        await session?.close()
        session = nil
    }
}
