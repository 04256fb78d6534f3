import Fleet

/// How far logging in to a host is, over all the connections that were made for it.
///
/// sshd ends a connection after a few refusals (MaxAuthTries, 6 unless changed): keys beyond that need another one.
struct LoginProgress: Sendable {
    /// How many of the identities have been offered, or can't be.
    var passed = 0
    /// The labels of those that the host refused.
    var refused: [String] = []
    private var connections = 1
    /// Whether the host ended the last connection where others could have been offered.
    private(set) var isCutShort = false
    /// sshd 9.8 and later turns an address away for a while after a third connection like these (PerSourcePenalties).
    private static let mostConnections = 3

    /// The host ended the connection.
    ///
    /// - Parameter left: How many ways to log in were not tried.
    mutating func cutOff(left: Int) { isCutShort = left > 0 && !refused.isEmpty && connections < Self.mostConnections }

    /// What the next connection begins with.
    var next: LoginProgress {
        var next = self
        next.connections += 1
        next.isCutShort = false
        return next
    }
}

extension SSHSession {
    /// A session that is connected and logged in; over as many connections as it takes to offer each key, within limits.
    static func connected(
        to endpoint: Endpoint, _ context: ConnectorContext, on loop: SessionLoop
    ) async throws(TransportError) -> SSHSession {
        var progress = LoginProgress()
        while true {
            let from = progress
            let session = try await persistently(to: endpoint, context, on: loop) { session throws(TransportError) in
                try await session.connect(context, from: from)
                return session
            }
            progress = await session.progress
            guard progress.isCutShort else { return session }
            progress = progress.next
        }
    }

    /// Connects as ``connect(_:)`` does; without an error too where another connection may get further.
    private func connect(_ context: ConnectorContext, from progress: LoginProgress) async throws(TransportError) {
        self.progress = progress
        do throws(TransportError) {
            try await connect(context)
        } catch {
            guard self.progress.isCutShort, error.code == .authenticationFailed else { throw error }
        }
    }
}
