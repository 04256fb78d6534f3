import Fleet
import SSH
import TestSupport
import Testing

extension SSHDTests {
    @Suite(.timeLimit(.minutes(3)))
    struct PasswordLoginTests {
        /// How a server takes passwords.
        static let servers = [
            ["PasswordAuthentication yes", "KbdInteractiveAuthentication no"],
            ["UsePAM yes", "PasswordAuthentication no", "KbdInteractiveAuthentication yes"],
            ["UsePAM yes", "PasswordAuthentication yes", "KbdInteractiveAuthentication yes"],
        ]

        @Test(arguments: servers)
        func thePasswordLetsIn(_ settings: [String]) async throws {
            try await ThrowawayUser.with { user in
                try await ThrowawaySSHD.with(settings) { server in
                    var endpoint = try server.endpoint(for: user)
                    endpoint.identityFiles = []
                    endpoint.password = Secret(user.password)
                    try await withTransport(to: endpoint) { transport in
                        try await transport.expect("id -un", says: "\(user.name)\n")
                    }
                }
            }
        }

        @Test(arguments: servers)
        func aWrongPasswordIsTriedOnce(_ settings: [String]) async throws {
            try await ThrowawayUser.with { user in
                try await ThrowawaySSHD.with(settings + ["LogLevel VERBOSE"]) { server in
                    var endpoint = try server.endpoint(for: user)
                    endpoint.identityFiles = []
                    endpoint.password = Secret("wrong")
                    let error = await transportError { try await withTransport(to: endpoint) { _ in } }
                    #expect(error?.code == .authenticationFailed)
                    #expect(error?.message == "the host did not accept the password for '\(user.name)'")
                    let log = try await server.log(with: "Failed ")
                    #expect(log.split(separator: "\n").count { $0.contains("Failed ") } == 1, "\(log)")
                }
            }
        }

        @Test func aPasswordFollowsKeysThatWereNamed() async throws {
            try await ThrowawayUser.with { user in
                try await ThrowawaySSHD.with(["PasswordAuthentication yes", "AuthorizedKeysFile none"]) { server in
                    var endpoint = try server.endpoint(for: user)
                    endpoint.password = Secret(user.password)
                    try await withTransport(to: endpoint) { transport in
                        try await transport.expect("id -un", says: "\(user.name)\n")
                    }
                }
            }
        }

        @Test func aHostThatTakesNoPasswordsIsTold() async throws {
            try await ThrowawaySSHD.with(["KbdInteractiveAuthentication no"]) { server in
                var endpoint = try server.endpoint()
                endpoint.identityFiles = []
                endpoint.password = Secret("any")
                let error = await transportError { try await withTransport(to: endpoint) { _ in } }
                #expect(error?.code == .authenticationFailed)
                #expect(error?.message == "the host takes no passwords, only: publickey")
            }
        }

        // MARK: Keys with a passphrase

        @Test func aJumpHostsKeyIsUnlockedToo() async throws {
            try await ThrowawaySSHD.with { jump in
                try await ThrowawaySSHD.with { server in
                    let key = try await jump.lockedKey("open sesame")
                    var endpoint = try server.endpoint()
                    var way = try jump.endpoint("jump")
                    way.identityFiles = [key]
                    endpoint.jumps = [way]
                    let connector = SSHConnector()
                    #expect(await connector.lockedKeys(for: [endpoint]) == [key])
                    await connector.unlock(key, with: Secret("open sesame"))
                    try await connector.transport(to: endpoint).expect("echo in", says: "in\n")
                    await connector.closeAll()
                }
            }
        }

        @Test func aPassphraseOpensItsKey() async throws {
            try await ThrowawaySSHD.with { server in
                let key = try await server.lockedKey("open sesame")
                var endpoint = try server.endpoint()
                endpoint.identityFiles = [key]
                let connector = SSHConnector()
                #expect(await connector.lockedKeys(for: [endpoint, endpoint]) == [key])
                let locked = await transportError { _ = try await connector.transport(to: endpoint) }
                #expect(locked?.code == .authenticationFailed)
                #expect(locked?.hints.contains { $0.contains("ansible_ssh_private_key_passphrase") } == true)
                await connector.unlock(key, with: Secret("open sesame"))
                #expect(await connector.lockedKeys(for: [endpoint]).isEmpty)
                try await connector.transport(to: endpoint).expect("echo in", says: "in\n")
                await connector.closeAll()
                endpoint.passphrase = Secret("open sesame")
                try await withTransport(to: endpoint) { try await $0.expect("echo in", says: "in\n") }
                endpoint.passphrase = Secret("wrong")
                let wrong = await transportError { try await withTransport(to: endpoint) { _ in } }
                #expect(wrong?.message == "the passphrase does not open \(key)")
            }
        }
    }
}
