import Fleet

/// How a host ended a connection before keys were agreed on. Nobody has tried to log in by then, so that connecting once
/// more can do no harm, and often helps: sshd turns connections away by chance while many come at once.
enum EarlyEnd: Sendable {
    /// sshd said that too many connections are logging in.
    case tooManyLogins
    /// It said nothing at all.
    case silent
    /// It had greeted us.
    case midway

    /// - Parameter said: What the host said before the end.
    init(said: String) {
        // OpenSSH's words since 6.9, and since 9.8.
        if said.contains("MaxStartups") || said.contains("Not allowed at this time") {
            self = .tooManyLogins
        } else {
            self = said.isEmpty ? .silent : .midway
        }
    }
}

/// How long to wait before each next attempt to connect.
struct RetryPause {
    private(set) var count = 0
    private let end: ContinuousClock.Instant
    private static let longest: Duration = .seconds(2)

    /// - Parameter patience: After which nothing is tried any more.
    init(within patience: Duration) { end = .now + patience }

    /// The next pause; `nil` when it is time to give up. Its length is left to chance within bounds, so that hosts, and
    /// controllers, that were turned away together don't come back together.
    mutating func next() -> Duration? {
        count += 1
        let most = min(Self.longest, .milliseconds(200) * (1 << min(count, 10)))
        let left = end - .now
        return left > .zero ? min(left, most * Double.random(in: 0.5...1)) : nil
    }
}

extension SSHSession {
    /// Does `work`, which connects, with a session of its own; once more with a new one while the host turns us away.
    static func persistently<Result: Sendable>(
        to endpoint: Endpoint, _ context: ConnectorContext, on loop: SessionLoop,
        _ work: (SSHSession) async throws(TransportError) -> Result
    ) async throws(TransportError) -> Result {
        var pauses = RetryPause(within: endpoint.connectTimeout)
        while true {
            let session = SSHSession(to: endpoint, settings: context.settings, on: loop)
            do throws(TransportError) {
                return try await work(session)
            } catch {
                guard let end = await session.earlyEnd, end == .tooManyLogins || pauses.count < mostUnexplained,
                    let pause = pauses.next()
                else { throw error }
                // Cut short when nobody waits for the connection any more.
                try? await Task.sleep(for: pause)
            }
            guard !Task.isCancelled else {
                throw TransportError(.cancelled, host: endpoint.host, "cancelled while connecting")
            }
        }
    }

    /// How often a host is asked once more that doesn't say why it ends connections.
    static var mostUnexplained: Int { 2 }
}
