import Fleet
import Foundation
import SSH
import Testing
import TestSupport

extension Trait where Self == ConditionTrait {
    /// Skips where no sshd can be started.
    static var sshd: Self {
        .enabled("needs /usr/sbin/sshd and root") {
            FileManager.default.isExecutableFile(atPath: "/usr/sbin/sshd") && getuid() == 0
        }
    }
}

/// Runs `body` with a connector to an endpoint, and closes it.
func withTransport<Result>(
    to endpoint: Endpoint, settings: SSHSettings = SSHSettings(), _ body: (any Transport) async throws -> Result
) async throws -> Result {
    let connector = SSHConnector(settings: settings)
    do {
        let result = try await body(try await connector.transport(to: endpoint))
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
