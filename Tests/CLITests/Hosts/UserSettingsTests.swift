import Foundation
import TestSupport
import Testing

/// The user's settings for OpenSSH, against real servers.
@Suite(
    .serialized, .timeLimit(.minutes(3)),
    .enabled("needs /usr/sbin/sshd and root") {
        FileManager.default.isExecutableFile(atPath: "/usr/sbin/sshd") && getuid() == 0
    })
struct UserSettingsTests {
    /// Runs `echo through` on `host` where `config` is the user's and `inventory` the inventory.
    private func run(
        _ inventory: String, config: String, on host: String = "all", in folder: URL
    ) async throws -> Transcript {
        let file = folder.appendingPathComponent("config").path
        try config.write(toFile: file, atomically: true, encoding: .utf8)
        try inventory.write(toFile: folder.path + "/hosts.yml", atomically: true, encoding: .utf8)
        return try await DroverProgram(in: folder, environment: ["DROVER_SSH_CONFIG": file])(
            "run", "-i", "hosts.yml", host, "--", "echo through")
    }

    private func settings(_ server: ThrowawaySSHD) -> String {
        """
            HostName 127.0.0.1
            Port \(server.port)
            User root
            IdentityFile \(server.clientKey())
            UserKnownHostsFile \(server.knownHosts)
        """
    }

    @Test func sayHowAHostIsReached() async throws {
        try await ThrowawaySSHD.with { server in
            let config = "Host web?\n\(settings(server))\n"
            let answer = try await run("all: {hosts: {web1: , web2: }}", config: config, in: server.folder)
            #expect(answer.status == 0, "\(answer.errors)")
            #expect(answer.output == "2 hosts said: web1, web2\nthrough\n")
        }
    }

    @Test func countBelowTheInventory() async throws {
        try await ThrowawaySSHD.with { server in
            let config = """
                Host *
                    Port 1
                    User nobody-here
                    IdentityFile /no/such/key
                    UserKnownHostsFile /no/such/file
                    ProxyJump nowhere.invalid
                """
            let inventory = """
                all: {hosts: {web: {ansible_host: 127.0.0.1, ansible_port: \(server.port), ansible_user: root,
                  ansible_ssh_private_key_file: \(server.clientKey()),
                  ansible_ssh_common_args: '-o UserKnownHostsFile=\(server.knownHosts) -o ProxyJump=none'}}}
                """
            let answer = try await run(inventory, config: config, in: server.folder)
            #expect(answer.status == 0, "\(answer.errors)")
        }
    }

    @Test(arguments: ["ProxyJump gate", "ProxyCommand ssh -W %h:%p gate"])
    func nameJumpHosts(_ line: String) async throws {
        try await ThrowawaySSHD.with(["LogLevel INFO"]) { gate in
            try await ThrowawaySSHD.with { server in
                let config = """
                    Host web
                        \(line)
                    \(settings(server))
                    Host gate
                    \(settings(gate))
                    Host *
                        ProxyJump gate
                    """
                let answer = try await run("all: {hosts: {web: , gate: }}", config: config, in: server.folder)
                #expect(answer.status == 0, "\(answer.errors)")
                // Two that came through, by the way or to stay.
                #expect(gate.log.components(separatedBy: "Accepted publickey").count - 1 == 2)
            }
        }
    }

    @Test func mayNameWhatNobodyCanHonour() async throws {
        try await withTemporaryFolder { folder in
            let answer = try await run(
                "all: {hosts: {web: , other: }}", config: "Host web\n  ProxyCommand nc -x p:1 %h %p\n", on: "web",
                in: folder)
            #expect(answer.status == 1)
            #expect(
                answer.errors.contains(
                    "error: web: the user's settings for ssh hold 'ProxyCommand=nc -x p:1 %h %p', which Drover can't honour"
                ))
        }
    }

    @Test func startNoProgramForHostsThatTheyDoNotMention() async throws {
        try await withTemporaryFolder { folder in
            let mark = folder.appendingPathComponent("asked").path
            let config = """
                Host other
                    Port 2222
                Match exec "touch \(mark)"
                    SendEnv LANG
                """
            let inventory = "all: {hosts: {web: {ansible_host: 127.0.0.1, ansible_port: 1}, other: {ansible_port: 1}}}"
            _ = try await run(inventory, config: config, on: "web", in: folder)
            #expect(!FileManager.default.fileExists(atPath: mark))
            _ = try await run(inventory, config: config, on: "other", in: folder)
            #expect(FileManager.default.fileExists(atPath: mark))
        }
    }
}
