import Fleet
import Foundation
import SSH
import TestSupport
import Testing

extension SSHDTests {
    /// Hosts that are short of something, or set up unusually.
    @Suite(.timeLimit(.minutes(3)))
    struct HardHostTests {
        @Test func anAddressThatSwallowsEverythingIsUnreachable() async throws {
            let hole = try BlackHole()
            var endpoint = Endpoint(host: try HostName("hole"), address: "127.0.0.1", port: hole.port)
            endpoint.connectTimeout = .milliseconds(300)
            let error = await transportError { [endpoint] in try await withTransport(to: endpoint) { _ in } }
            #expect(error?.code == .unreachable)
            #expect(error?.message == "no answer from 127.0.0.1:\(hole.port) within 0.3 s")
        }

        @Test func oneSessionIsEnoughForCommands() async throws {
            try await ThrowawaySSHD.with(["MaxSessions 1"]) { server in
                try await withTransport(to: server.endpoint()) { transport in
                    try await transport.expect("echo one", says: "one\n")
                    let error = await transportError {
                        try await transport.upload("/etc/passwd", to: "/tmp/none", mode: 0o600, privilege: .login)
                    }
                    #expect(error?.message.contains("opened no channel") == true, "\(error?.message ?? "")")
                    try await transport.expect("echo two", says: "two\n")
                }
            }
        }

        @Test func aFullDiskIsToldByItsName() async throws {
            try await ThrowawaySSHD.with { server in
                let folder = server.folder.appendingPathComponent("small").path
                let source = server.folder.appendingPathComponent("source").path
                let script =
                    "mkdir \(folder) && mount -t tmpfs -o size=1m tmpfs \(folder) && head -c 5000000 /dev/zero >\(source)"
                let made = try await DroverProgram.run(["sh", "-c", script])
                #expect(made.status == 0, "\(made.errors)")
                let error = await transportError {
                    try await withTransport(to: server.endpoint()) {
                        try await $0.upload(source, to: folder + "/target", mode: 0o600, privilege: .login)
                    }
                }
                let left = try FileManager.default.contentsOfDirectory(atPath: folder)
                _ = try await DroverProgram.run(["umount", folder])
                #expect(error?.code == .uploadFailed)
                #expect(error?.message.contains("No space left on device") == true, "\(error?.message ?? "")")
                #expect(left.isEmpty)
            }
        }

        @Test func keysMayChangeInTheMiddleOfOutput() async throws {
            try await ThrowawaySSHD.with(["RekeyLimit 1M"]) { server in
                try await withTransport(to: server.endpoint()) { transport in
                    let answer = try await transport.run(
                        RemoteCommand(shell: "head -c 100000000 /dev/zero; echo end >&2"), outputLimit: .mebibytes(128))
                    #expect(answer.output.count == 100_000_000 && answer.errorText == "end\n")
                }
            }
        }

        @Test(arguments: ["/usr/bin/tcsh", "/usr/bin/fish"].filter(FileManager.default.isExecutableFile))
        func aShellThatIsNotPOSIXStartsOneThatIs(_ shell: String) async throws {
            try await ThrowawaySSHD.with(["ForceCommand exec \(shell) -c \"$SSH_ORIGINAL_COMMAND\""]) { server in
                try await withTransport(to: server.endpoint()) { transport in
                    try await transport.expect("a='it''s'; echo \"$a\" | tr s S", says: "itS\n")
                }
            }
        }

        @Test func aShellThatSaysSomethingFirstIsUnderstood() async throws {
            try await ThrowawaySSHD.with(["ForceCommand echo Welcome; echo Mind >&2; eval \"$SSH_ORIGINAL_COMMAND\""]) {
                server in
                try await withTransport(to: server.endpoint()) { transport in
                    let answer = try await transport.run(RemoteCommand(shell: "echo out; echo err >&2"))
                    #expect(answer.text == "out\n" && answer.errorText == "err\n")
                }
            }
        }
    }
}
