import Fleet
import Foundation
import SSH
import Synchronization
import TestSupport
import Testing

extension SSHDTests {
    /// Hosts that want what libssh2 can't do are reached by the installed `ssh`, which is told.
    @Suite(.timeLimit(.minutes(3)))
    struct DetourTests {
        /// Expects that a host is reached, and gives the reasons that are told for not using libssh2.
        private func detours(
            to endpoint: Endpoint, at location: Testing.SourceLocation = #_sourceLocation
        ) async throws -> [String] {
            let told = Mutex([Detour]())
            var settings = SSHSettings()
            settings.tellDetours = { detours in told.withLock { $0 += detours } }
            try await withTransport(to: endpoint, settings: settings) { transport in
                try await transport.expect("echo in", says: "in\n", at: location)
                try await transport.expect("echo \"$SSH_CONNECTION\" | wc -w", says: "4\n", at: location)
            }
            return told.withLock { $0 }.map(\.reason)
        }

        private func run(_ script: String) async throws {
            let done = try await DroverProgram.run(["sh", "-ec", script])
            try #require(done.status == 0, "\(done.errors)")
        }

        @Test func whatLibssh2CanDoGoesByIt() async throws {
            try await ThrowawaySSHD.with { server in
                let reasons = try await detours(to: server.endpoint())
                #expect(reasons.isEmpty)
            }
        }

        @Test(arguments: [["-t", "rsa"], ["-t", "rsa", "-m", "PEM"]])
        func anRSAKey(_ options: [String]) async throws {
            try await ThrowawaySSHD.with { server in
                var endpoint = try server.endpoint()
                endpoint.identityFiles = [try await server.addClientKey(options)]
                let reasons = try await detours(to: endpoint)
                #expect(reasons.isEmpty || reasons == ["libssh2 1.10 signs with RSA keys only by SHA-1"])
            }
        }

        @Test func anRSAKeyWithAPassphrase() async throws {
            try await ThrowawaySSHD.with { server in
                var endpoint = try server.endpoint()
                let key = try await server.addClientKey(["-t", "rsa"])
                try await run("ssh-keygen -q -p -P '' -N secret -f \(key)")
                (endpoint.identityFiles, endpoint.passphrase) = ([key], Secret("secret"))
                _ = try await detours(to: endpoint)
            }
        }

        @Test func aCertificate() async throws {
            try await withTemporaryFolder { folder in
                let authority = folder.path + "/ca"
                try await run("chmod 755 \(folder.path); ssh-keygen -q -t ed25519 -N '' -f \(authority)")
                try await ThrowawaySSHD.with(["TrustedUserCAKeys \(authority).pub"]) { server in
                    let key = folder.path + "/key"
                    try await run(
                        """
                        ssh-keygen -q -t ed25519 -N '' -f \(key)
                        ssh-keygen -q -s \(authority) -I test -n "$(id -un)" \(key).pub
                        """)
                    var endpoint = try server.endpoint()
                    endpoint.identityFiles = [key]
                    #expect(try await detours(to: endpoint) == ["libssh2 logs in with no certificate"])
                }
            }
        }

        @Test func aHostCertificate() async throws {
            try await withTemporaryFolder { folder in
                let (key, authority) = (folder.path + "/host", folder.path + "/ca")
                try await run(
                    """
                    for f in \(key) \(authority); do ssh-keygen -q -t ed25519 -N '' -f $f; done
                    ssh-keygen -q -s \(authority) -h -I test -n 127.0.0.1 \(key).pub
                    """)
                let settings = ["HostKey \(key)", "HostCertificate \(key)-cert.pub"]
                try await ThrowawaySSHD.with(settings, hostKeys: []) { server in
                    let known = try String(contentsOfFile: authority + ".pub", encoding: .utf8)
                    try "@cert-authority [127.0.0.1]:\(server.port) \(known)".write(
                        toFile: server.knownHosts, atomically: true, encoding: .utf8)
                    #expect(
                        try await detours(to: server.endpoint())
                            == ["libssh2 checks no host certificates (@cert-authority)"])
                }
            }
        }

        @Test func anAlgorithmThatLibssh2HasNot() async throws {
            try await ThrowawaySSHD.with(["Ciphers chacha20-poly1305@openssh.com"]) { server in
                let reasons = try await detours(to: server.endpoint())
                #expect(reasons.count == 1 && reasons[0].hasSuffix("no algorithm in common with the host's sshd"))
            }
        }

        @Test func aProxyCommand() async throws {
            try await ThrowawaySSHD.with { server in
                var endpoint = try server.endpoint()
                endpoint.proxyCommand = "bash -c 'exec 3<>/dev/tcp/%h/%p; cat <&3 & exec cat >&3'"
                #expect(try await detours(to: endpoint) == ["libssh2 runs no ProxyCommand"])
                let scan = try #require(await HostKeyScanner().scan([endpoint]).first)
                #expect(scan.keys.isEmpty && scan.fault?.code == .unsupported)
                endpoint.client = .libssh2
                let error = await transportError { [endpoint] in try await withTransport(to: endpoint) { _ in } }
                #expect(error?.code == .unsupported)
            }
        }

        @Test func aProxyCommandThatFailsIsTheCause() async throws {
            var endpoint = Endpoint(host: try HostName("far"), address: "127.0.0.1")
            endpoint.proxyCommand = "sh -c 'echo no such tunnel >&2; exit 1'"
            let error = await transportError { [endpoint] in try await withTransport(to: endpoint) { _ in } }
            #expect(error?.code == .unreachable)
            #expect(error?.message == "the ProxyCommand ended before the host answered: no such tunnel")
        }

        @Test func aJumpHostThatWantsIt() async throws {
            try await ThrowawaySSHD.with(["Ciphers chacha20-poly1305@openssh.com"]) { jump in
                try await ThrowawaySSHD.with { server in
                    var endpoint = try server.endpoint()
                    endpoint.jumps = [try jump.endpoint("jump")]
                    #expect(try await detours(to: endpoint).count == 1)
                }
            }
        }

        @Test func aPasswordIsForLibssh2Alone() async throws {
            var endpoint = Endpoint(host: try HostName("far"), address: "127.0.0.1")
            (endpoint.client, endpoint.password) = (.openssh, Secret("word"))
            let error = await transportError { [endpoint] in try await withTransport(to: endpoint) { _ in } }
            #expect(error?.code == .unsupported)
            #expect(error?.message == "passwords are for libssh2 alone, and this host needs ssh: it is chosen")
        }

        @Test func keysThatTheInventoryNames() async throws {
            try await ThrowawaySSHD.with { server in
                var endpoint = try server.endpoint()
                endpoint.client = .openssh
                let keys = try String(contentsOfFile: server.knownHosts, encoding: .utf8).split(separator: "\n")
                endpoint.pinnedHostKeys = [keys[0].split(separator: " ").dropFirst().prefix(2).joined(separator: " ")]
                endpoint.knownHostsFiles = []
                #expect(try await detours(to: endpoint).isEmpty)
                endpoint.pinnedHostKeys = [
                    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
                ]
                let error = await transportError { [endpoint] in try await withTransport(to: endpoint) { _ in } }
                #expect(error?.code == .hostKeyMismatch)
                #expect(error?.hints.first?.contains("change drover_host_key in the inventory") == true)
            }
        }
    }
}
