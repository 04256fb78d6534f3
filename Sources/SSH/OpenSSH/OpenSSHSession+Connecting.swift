import Fleet

extension OpenSSHSession {
    /// A session that is connected and logged in, through its jump hosts; tries once more while the host turns us away.
    ///
    /// - Parameter reason: Why it is not libssh2 that connects.
    static func connected(
        to endpoint: Endpoint, because reason: String, _ context: ConnectorContext, on loop: SessionLoop
    ) async throws(TransportError) -> OpenSSHSession {
        guard endpoint.password == nil else {
            throw TransportError(
                .unsupported, host: endpoint.host,
                "passwords are for libssh2 alone, and this host needs ssh: \(reason)",
                hints: ["log in with a key, or an agent"])
        }
        var pauses = RetryPause(within: endpoint.connectTimeout)
        while true {
            let attempt = await attempt(to: endpoint, because: reason, context, on: loop)
            guard case .failure = attempt.result, let end = attempt.end,
                end == .tooManyLogins || pauses.count < SSHSession.mostUnexplained, let pause = pauses.next()
            else { return try attempt.result.get() }
            // Cut short when nobody waits for the connection any more.
            try? await Task.sleep(for: pause)
            guard !Task.isCancelled else {
                throw TransportError(.cancelled, host: endpoint.host, "cancelled while connecting")
            }
        }
    }

    /// What came of connecting once, and how the host ended that, if it did.
    private struct Attempt {
        var result: Result<OpenSSHSession, TransportError>
        var end: EarlyEnd?
    }

    private static func attempt(
        to endpoint: Endpoint, because reason: String, _ context: ConnectorContext, on loop: SessionLoop
    ) async -> Attempt {
        let session = OpenSSHSession(to: endpoint, because: reason, settings: context.settings, on: loop)
        do throws(TransportError) {
            let jump = try await context.masters.socket(before: endpoint, because: reason, context)
            try await session.connect(through: jump, context)
            return Attempt(result: .success(session))
        } catch {
            return Attempt(result: .failure(error), end: await session.earlyEnd)
        }
    }
}
