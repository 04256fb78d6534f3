import Fleet

/// One command on many hosts, told to a report.
struct CommandRun: Sendable {
    let command: RemoteCommand
    /// Whose rights it has, host by host; those it asks for itself elsewhere.
    let privileges: [HostName: Privilege]
    let report: any RunReporting

    /// What a host did, once it was connected.
    private struct Done: Sendable {
        var result: Result<Int32, TransportError>
        var elapsed: Duration
    }

    /// - Returns: Whether the command ended with status 0 everywhere.
    func perform(with fanOut: FanOut) async throws -> Bool {
        let failures = Tally()
        let work: FanOut.Work<Done> = { transport, _ throws(TransportError) in await perform(over: transport) }
        try await fanOut.each(work, hasFailed: { Self.hasFailed($0.result) }) { answer in
            let result = answer.result?.flatMap(\.result)
            if result.map(Self.hasFailed) ?? true { failures.add() }
            // A host that was not connected to has no time of its own.
            let done = try? answer.result?.get()
            report.end(answer.host, result, elapsed: done?.elapsed)
        }
        return failures.count == 0
    }

    private func perform(over transport: any Transport) async -> Done {
        let start = ContinuousClock.now
        let host = transport.host
        var command = command
        command.privilege = privileges[host] ?? command.privilege
        do throws(TransportError) {
            let result = try await transport.run(command, streaming: { report.take($1, $0, from: host) })
            return Done(result: .success(result.status), elapsed: result.elapsed)
        } catch {
            return Done(result: .failure(error), elapsed: .now - start)
        }
    }

    private static func hasFailed(_ result: Result<Int32, TransportError>) -> Bool {
        if case .success(0) = result { false } else { true }
    }
}
