import Fleet
import Foundation
import SSH
import TestSupport
import Testing

/// What needs a real sshd, one after another: each starts servers, and measures times that others would stretch.
@Suite(.serialized, .sshd) struct SSHDTests {}

/// Runs `body` with a connector to an endpoint, and closes it.
func withTransport<Result>(
    to endpoint: Endpoint, settings: SSHSettings = SSHSettings(), _ body: (any Transport) async throws -> Result
) async throws -> Result {
    let connector = SSHConnector(settings: settings)
    do {
        let result = try await body(try await connector.transport(to: endpoint.underTest))
        await connector.closeAll()
        return result
    } catch {
        await connector.closeAll()
        throw error
    }
}

/// The transport error that `body` ends with.
func transportError(_ body: () async throws -> Void) async -> TransportError? {
    do {
        try await body()
        return nil
    } catch {
        return error as? TransportError
    }
}

extension Transport {
    /// Expects what a command says on standard output.
    func expect(
        _ command: RemoteCommand, says text: String, at location: Testing.SourceLocation = #_sourceLocation
    ) async throws {
        let result = try await run(command)
        #expect(result.text == text, sourceLocation: location)
    }

    /// Expects what a script says on standard output.
    func expect(_ script: String, says text: String, at location: Testing.SourceLocation = #_sourceLocation)
        async throws
    {
        try await expect(RemoteCommand(shell: script), says: text, at: location)
    }
}

/// Expects that each of `count` sessions at once answers for itself.
func expectAnswers(
    of count: Int, from server: ThrowawaySSHD, at location: Testing.SourceLocation = #_sourceLocation
) async throws {
    let connector = SSHConnector()
    let answers = try await withThrowingTaskGroup(of: String.self) { group in
        for number in 0..<count {
            let endpoint = try server.endpoint("host\(number)").underTest
            group.addTask {
                let transport = try await connector.transport(to: endpoint)
                return try await transport.run(RemoteCommand(shell: "echo \(number)")).text
            }
        }
        return try await group.reduce(into: Set<String>()) { $0.insert($1) }
    }
    await connector.closeAll()
    #expect(answers == Set((0..<count).map { "\($0)\n" }), sourceLocation: location)
}
