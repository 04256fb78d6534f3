import Fleet
import Foundation
import SSH
import TestSupport
import Testing

extension SSHDTests {
    /// Hosts let nobody offer more than a few keys over one connection.
    @Suite(.timeLimit(.minutes(4)))
    struct ManyKeysTests {
        /// Keys that the server does not let in, in a folder of their own.
        private func strangers(_ count: Int, in folder: URL) async throws -> [String] {
            let script = "cd \"$1\" && for i in $(seq $2); do ssh-keygen -q -t ed25519 -N '' -C same -f k$i; done"
            let made = try await DroverProgram.run(["sh", "-c", script, "sh", folder.path, String(count)])
            try #require(made.status == 0, "\(made.errors)")
            return (1...count).map { "\(folder.path)/k\($0)" }
        }

        private func connections(_ server: ThrowawaySSHD) -> Int {
            server.log.components(separatedBy: "Connection from ").count - 1
        }

        @Test(arguments: [(3, 1), (6, 2), (14, 3)])
        func theRightKeyMayBeBeyondWhatOneConnectionTries(_ wrong: Int, _ expected: Int) async throws {
            try await withTemporaryFolder { folder in
                try await ThrowawaySSHD.with(["LogLevel VERBOSE"]) { server in
                    var endpoint = try server.endpoint()
                    endpoint.identityFiles = try await strangers(wrong, in: folder) + endpoint.identityFiles
                    let before = connections(server)
                    try await withTransport(to: endpoint) { transport in
                        try await transport.expect("echo in", says: "in\n")
                    }
                    #expect(connections(server) - before == expected, "\(server.log)")
                }
            }
        }

        /// Each connection that fails makes sshd take the address for an attacker's.
        @Test func noMoreThanThreeConnectionsAreTried() async throws {
            try await withTemporaryFolder { folder in
                try await ThrowawaySSHD.with(["LogLevel VERBOSE", "MaxAuthTries 2"]) { server in
                    var endpoint = try server.endpoint()
                    endpoint.identityFiles = try await strangers(8, in: folder)
                    let before = connections(server)
                    let error = await transportError { try await withTransport(to: endpoint) { _ in } }
                    #expect(error?.code == .authenticationFailed)
                    let names = (1...6).map { "\(folder.path)/k\($0)" }.joined(separator: ", ")
                    let message = "the host ended the connection after refusing \(names); 2 more not tried"
                    #expect(error?.message == message)
                    #expect(connections(server) - before == 3, "\(server.log)")
                }
            }
        }

        /// An agent's keys have comments, which may all be the same.
        @Test func allKeysOfAnAgentAreOffered() async throws {
            try await withTemporaryFolder { folder in
                try await ThrowawaySSHD.with { server in
                    var endpoint = try server.endpoint()
                    let keys = try await strangers(7, in: folder) + endpoint.identityFiles
                    let script = "eval \"$(ssh-agent -a $0)\" >/dev/null && ssh-add -q \"$@\" && echo $SSH_AGENT_PID"
                    let socket = folder.appendingPathComponent("agent").path
                    let made = try await DroverProgram.run(["sh", "-c", script, socket] + keys)
                    let agent = try #require(pid_t(made.output.filter(\.isNumber)), "\(made.errors)")
                    defer { kill(agent, SIGTERM) }
                    (endpoint.identityFiles, endpoint.identityAgent) = ([], socket)
                    try await withTransport(to: endpoint) { transport in
                        try await transport.expect("echo in", says: "in\n")
                    }
                }
            }
        }

        /// A password that was refused locks accounts: it is said once, whatever ended the connection.
        @Test func aPasswordIsTriedOnce() async throws {
            try await withTemporaryFolder { folder in
                try await ThrowawayUser.with { user in
                    let settings = ["LogLevel VERBOSE", "PasswordAuthentication yes", "MaxAuthTries 3"]
                    try await ThrowawaySSHD.with(settings) { server in
                        var endpoint = try server.endpoint(for: user)
                        endpoint.identityFiles = try await strangers(4, in: folder)
                        endpoint.password = Secret("wrong")
                        let error = await transportError { try await withTransport(to: endpoint) { _ in } }
                        #expect(error?.code == .authenticationFailed)
                        let log = try await server.log(with: "Failed password")
                        #expect(log.components(separatedBy: "Failed password").count == 2, "\(log)")
                    }
                }
            }
        }
    }
}
