import Foundation
import TestSupport
import Testing

extension ProgramTests {
    /// The user's settings for OpenSSH that libssh2 can't follow, and those that may be different at the next command.
    @Suite(.sshd, .timeLimit(.minutes(3)))
    struct LiveSettingsTests {
        private func withFolder(_ body: (URL) async throws -> Void) async throws {
            try await withTemporaryFolder { folder in
                try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: folder.path)
                try await body(folder)
            }
        }

        /// Lines that lead to a server.
        private func way(to server: ThrowawaySSHD) -> String {
            """
            HostName 127.0.0.1
            Port \(server.port)
            IdentityFile \(server.clientKey())
            UserKnownHostsFile \(server.knownHosts)

            """
        }

        private func drover(in folder: URL, config: String, _ more: [String: String] = [:]) throws -> DroverProgram {
            let file = folder.appendingPathComponent("config").path
            try config.write(toFile: file, atomically: true, encoding: .utf8)
            let environment = ["DROVER_SSH_CONFIG": file, "SSH_AUTH_SOCK": ""].merging(more) { $1 }
            return DroverProgram(in: folder, environment: environment)
        }

        /// The address and the port of both ends, as the host sees them.
        private func connection(_ drover: DroverProgram, _ options: String...) async throws -> Transcript {
            try await drover.run(["run", "-i", "web,"] + options + ["all", "-vvv", "--", "echo $SSH_CONNECTION"])
        }

        // MARK: Programs

        @Test(arguments: ["libssh2", "openssh"])
        func aProgramDecidesAnewForEachCommand(_ transport: String) async throws {
            try await withFolder { folder in
                try await ThrowawaySSHD.with { one in
                    try await ThrowawaySSHD.with { other in
                        let flag = folder.appendingPathComponent("flag").path
                        let config = "Match host web exec \"test -e %h || test -e '\(flag)'\"\n\(way(to: other))"
                        let drover = try drover(
                            in: folder, config: config + "Host web\n" + way(to: one),
                            ["XDG_RUNTIME_DIR": folder.path, "DROVER_CONNECTIONS": "60"])
                        for (isThere, port) in [(false, one.port), (true, other.port), (false, one.port)] {
                            try? FileManager.default.removeItem(atPath: flag)
                            if isThere { try Data().write(to: URL(fileURLWithPath: flag)) }
                            let done = try await connection(drover, "--transport", transport)
                            #expect(done.output.contains(" 127.0.0.1 \(port)\n"), "\(done.output)\(done.errors)")
                        }
                        let again = try await connection(drover, "--transport", transport)
                        // `ssh` would ask the program again, and that where the keeper is.
                        #expect(again.errors.contains("still connected") == (transport == "libssh2"), "\(again.errors)")
                        _ = try await drover("connections", "close")
                    }
                }
            }
        }

        @Test func whereOnlySSHCanConnectAProgramDecidesTooAndNothingIsKept() async throws {
            try await withFolder { folder in
                try await ThrowawaySSHD.with(["Ciphers chacha20-poly1305@openssh.com"]) { server in
                    let drover = try drover(
                        in: folder, config: "Match exec \"test $PASSPORT = yes\"\n" + way(to: server),
                        ["XDG_RUNTIME_DIR": folder.path, "DROVER_CONNECTIONS": "60", "PASSPORT": "yes"])
                    for _ in 0..<2 {
                        let done = try await connection(drover)
                        #expect(done.output.contains(" 127.0.0.1 \(server.port)\n"), "\(done.output)\(done.errors)")
                        #expect(!done.errors.contains("still connected"))
                        #expect(done.errors.contains("has no algorithm in common"))
                    }
                }
            }
        }

        @Test func aProgramThatNeverEndsIsNamed() async throws {
            try await withFolder { folder in
                let drover = try drover(in: folder, config: "Match exec \"sleep 600\"\nPort 1\n")
                let done = try await connection(drover)
                #expect(done.status == 1)
                #expect(
                    done.errors.contains("ssh -G, asked for the user's settings, does not answer"), "\(done.errors)")
            }
        }

        @Test func includedSettingsThatChangeAreHonoured() async throws {
            try await withFolder { folder in
                try await ThrowawaySSHD.with(["LogLevel VERBOSE"]) { server in
                    let more = folder.appendingPathComponent("more").path
                    try "Compression no\n".write(toFile: more, atomically: true, encoding: .utf8)
                    let drover = try drover(
                        in: folder, config: "Include \(more)*\nHost web\n" + way(to: server),
                        ["XDG_RUNTIME_DIR": folder.path, "DROVER_CONNECTIONS": "60"])
                    for logins in [1, 1] {
                        #expect(try await connection(drover).status == 0)
                        #expect(try await server.logins(reaching: logins) == logins)
                    }
                    try "Compression yes\n".write(toFile: more, atomically: true, encoding: .utf8)
                    #expect(try await connection(drover).status == 0)
                    #expect(try await server.logins(reaching: 2) == 2)
                    try "".write(toFile: more + "2", atomically: true, encoding: .utf8)
                    #expect(try await connection(drover).status == 0)
                    #expect(try await server.logins(reaching: 3) == 3)
                    _ = try await drover("connections", "close")
                }
            }
        }

        // MARK: What libssh2 does not do

        @Test func anAddressToLeaveByIsTaken() async throws {
            try await withFolder { folder in
                try await ThrowawaySSHD.with { server in
                    let config = "Host web\n" + way(to: server) + "BindAddress 127.0.0.2\n"
                    let done = try await connection(try drover(in: folder, config: config))
                    #expect(done.output.contains("127.0.0.2 "), "\(done.output)\(done.errors)")
                    #expect(
                        done.errors.contains("as libssh2 leaves by no address of choice (BindAddress, BindInterface)"))
                }
            }
        }

        @Test func aRevokedHostKeyIsRefused() async throws {
            try await withFolder { folder in
                try await ThrowawaySSHD.with { server in
                    let list = folder.appendingPathComponent("revoked").path
                    let keys = server.folder.appendingPathComponent("host_ed25519.pub").path
                    let config = "Host web\n" + way(to: server) + "RevokedHostKeys \(list)\n"
                    try FileManager.default.copyItem(atPath: keys, toPath: list)
                    let done = try await connection(try drover(in: folder, config: config))
                    #expect(done.status == 1)
                    #expect(done.errors.contains("revoked"), "\(done.errors)")
                    try "".write(toFile: list, atomically: true, encoding: .utf8)
                    #expect(try await connection(try drover(in: folder, config: config)).status == 0)
                }
            }
        }

        @Test func aProgramThatKnowsHostKeysIsAsked() async throws {
            try await withFolder { folder in
                try await ThrowawaySSHD.with { server in
                    let config = "Host web\n" + way(to: server).replacing(server.knownHosts, with: "/no/such/file")
                    let command = "KnownHostsCommand /bin/cat \(server.knownHosts)\n"
                    let done = try await connection(try drover(in: folder, config: config + command))
                    #expect(done.status == 0, "\(done.errors)")
                    #expect(done.errors.contains("libssh2 asks no program for host keys (KnownHostsCommand)"))
                    let refused = try await connection(try drover(in: folder, config: config))
                    #expect(refused.status == 1 && refused.errors.contains("drover trust web"), "\(refused.errors)")
                }
            }
        }

        @Test func aCertificateThatLiesElsewhereIsShown() async throws {
            try await withFolder { folder in
                let (authority, key) = (folder.path + "/ca", folder.path + "/key")
                let make = """
                    chmod 755 \(folder.path)
                    for f in \(authority) \(key); do ssh-keygen -q -t ed25519 -N '' -f $f; done
                    ssh-keygen -q -s \(authority) -I test -n "$(id -un)" \(key).pub
                    mv \(key)-cert.pub \(folder.path)/elsewhere
                    """
                #expect(try await DroverProgram.run(["sh", "-ec", make]).status == 0)
                try await ThrowawaySSHD.with(["TrustedUserCAKeys \(authority).pub"]) { server in
                    let config = "Host web\n" + way(to: server).replacing(server.clientKey(), with: "${KEYS}/key")
                    let drover = try drover(
                        in: folder, config: config + "CertificateFile ${KEYS}/elsewhere\n", ["KEYS": folder.path])
                    let done = try await connection(drover)
                    #expect(done.status == 0, "\(done.errors)")
                    #expect(done.errors.contains("libssh2 logs in with no certificate"))
                }
            }
        }

        private static let softwareKeys = "/usr/lib/openssh/regress/misc/sk-dummy/sk-dummy.so"

        /// A key that OpenSSH's own tests have in software.
        @Test(
            .enabled("needs openssh-tests") { FileManager.default.fileExists(atPath: softwareKeys) },
            arguments: ["ed25519-sk", "ecdsa-sk"])
        func aFIDOKeySigns(_ kind: String) async throws {
            try await withFolder { folder in
                try await ThrowawaySSHD.with { server in
                    let key = try await server.addClientKey(["-t", kind, "-w", Self.softwareKeys])
                    let config = "Host web\n" + way(to: server).replacing(server.clientKey(), with: key)
                    let drover = try drover(in: folder, config: config + "SecurityKeyProvider \(Self.softwareKeys)\n")
                    let done = try await connection(drover)
                    #expect(done.status == 0, "\(done.errors)")
                    #expect(done.errors.contains("libssh2 signs with no FIDO key"))
                }
            }
        }

        @Test func addressesOfAnotherKindAreNotTaken() async throws {
            try await withFolder { folder in
                try await ThrowawaySSHD.with { server in
                    let config = "Host web\n" + way(to: server) + "AddressFamily "
                    #expect(try await connection(try drover(in: folder, config: config + "inet\n")).status == 0)
                    let done = try await connection(try drover(in: folder, config: config + "inet6\n"))
                    #expect(done.status == 1)
                    #expect(done.errors.contains("'127.0.0.1' has no address of the kind that AddressFamily asks for"))
                }
            }
        }

        @Test func variablesAndTokensInKeysAreReplaced() async throws {
            try await withFolder { folder in
                try await ThrowawaySSHD.with { server in
                    let name = folder.appendingPathComponent("web-127.0.0.1-\(server.port)").path
                    try FileManager.default.copyItem(atPath: server.clientKey(), toPath: name)
                    let key = "${KEYS}/%n-%h-%p"
                    let config = "Host web\n" + way(to: server).replacing(server.clientKey(), with: key)
                    let done = try await connection(
                        try drover(in: folder, config: config, ["KEYS": folder.path]), "--transport", "libssh2")
                    #expect(done.status == 0, "\(done.errors)")
                }
            }
        }
    }
}
