import Foundation
import TestSupport
import Testing

/// The user's settings for OpenSSH, against real servers.
@Suite(
    .serialized, .timeLimit(.minutes(3)),
    .sshd)
struct UserSettingsTests {
    /// Runs `echo through` on `host` where `config` is the user's and `inventory` the inventory.
    private func run(
        _ inventory: String, config: String, on host: String = "all", in folder: URL,
        environment: [String: String] = [:]
    ) async throws -> Transcript {
        let file = folder.appendingPathComponent("config").path
        try config.write(toFile: file, atomically: true, encoding: .utf8)
        try inventory.write(toFile: folder.path + "/hosts.yml", atomically: true, encoding: .utf8)
        let program = DroverProgram(
            in: folder, environment: environment.merging(["DROVER_SSH_CONFIG": file]) { $1 })
        return try await program("run", "-i", "hosts.yml", host, "--", "echo through")
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

    /// The installed `ssh` behind a name that keeps count: asking costs more than all else that a host costs.
    @Test(arguments: [(hostName: "127.0.0.1", asked: 1), (hostName: "127.0.0.%h", asked: 3)])
    func areAskedForOnceWhereTheyMeanTheSame(_ hostName: String, _ asked: Int) async throws {
        try await ThrowawaySSHD.with(address: "0.0.0.0") { server in
            let count = server.folder.appendingPathComponent("count").path
            let programs = server.folder.appendingPathComponent("bin")
            try FileManager.default.createDirectory(at: programs, withIntermediateDirectories: true)
            let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
            let script = "#!/bin/sh\necho asked >>'\(count)'\nPATH='\(path)' exec ssh \"$@\"\n"
            let program = programs.appendingPathComponent("ssh").path
            try script.write(toFile: program, atomically: true, encoding: .utf8)
            try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: program)
            let config = """
                Host 1 2 3
                    HostName \(hostName)
                    Port \(server.port)
                    User root
                    IdentityFile \(server.clientKey())
                    StrictHostKeyChecking no
                """
            let answer = try await run(
                "all: {hosts: {'1': , '2': , '3': }}", config: config, in: server.folder,
                environment: ["PATH": "\(programs.path):\(path)"])
            #expect(answer.output == "3 hosts said: [1-3]\nthrough\n", "\(answer.errors)")
            // One more says what holds without any file.
            let lines = try String(contentsOfFile: count, encoding: .utf8).split(separator: "\n").count
            #expect(lines == asked + 1)
        }
    }

    @Test func theirKeysAreUnlockedBeforeAnythingConnects() async throws {
        try await ThrowawaySSHD.with { server in
            let key = try await server.lockedKey("open sesame")
            let settings = settings(server).replacing(server.clientKey(), with: key)
            let config = server.folder.appendingPathComponent("config").path
            try "Host web*\n\(settings)\n".write(toFile: config, atomically: true, encoding: .utf8)
            let drover = DroverProgram(
                in: server.folder, environment: ["DROVER_SSH_CONFIG": config, "SSH_AUTH_SOCK": ""])
            let words = ["run", "-i", "web1,web2,", "all", "--", "echo through"]
            let answer = try await drover.run(words, typing: ["open sesame"])
            #expect(answer.status == 0, "\(answer.output)")
            #expect(answer.output.contains("web1 | through") && answer.output.contains("web2 | through"))
            #expect(answer.output.components(separatedBy: "Passphrase for").count == 2, "\(answer.output)")
            #expect(!answer.output.contains("sesame"))
            let wrong = try await drover.run(words, typing: ["sesame"])
            #expect(wrong.status == 64)
            // On a terminal the word is red.
            #expect(wrong.output.contains("error:") && wrong.output.contains(" the passphrase does not open \(key)"))
            let unasked = try await drover.run(words)
            #expect(unasked.status == 1 && unasked.errors.contains("has a passphrase"), "\(unasked.errors)")
        }
    }

    /// Runs a play on a server of which only the play itself and the user's settings say how it is reached.
    private func apply(
        _ play: String, config: String, _ options: [String] = [], typing: [String]? = nil, on server: ThrowawaySSHD
    ) async throws -> Transcript {
        let folder = server.folder.path
        try config.write(toFile: folder + "/config", atomically: true, encoding: .utf8)
        try "all: {hosts: {web: {ansible_host: 127.0.0.1}}}".write(
            toFile: folder + "/hosts.yml", atomically: true, encoding: .utf8)
        try play.write(toFile: folder + "/play.yml", atomically: true, encoding: .utf8)
        let drover = DroverProgram(
            in: server.folder, environment: ["DROVER_SSH_CONFIG": folder + "/config", "SSH_AUTH_SOCK": ""])
        let words = ["apply", "play.yml", "-i", "hosts.yml"] + options
        guard let typing else { return try await drover.run(words) }
        return try await drover.run(words, typing: typing)
    }

    @Test(arguments: [
        ("  remote_user: root\n  port: <port>", [], 0), ("  vars: {ansible_user: root, ansible_port: <port>}", [], 0),
        ("  port: <port>", ["-u", "root"], 0),
        // The play's user wins over the flag's.
        ("  remote_user: root\n  port: <port>", ["-u", "nobody-here"], 0),
        ("  remote_user: nobody-here\n  port: <port>", ["-u", "root"], 1),
        ("  vars: {ansible_user: root}\n  remote_user: nobody-here\n  port: <port>", [], 0),
    ])
    func countBelowThePlay(_ keywords: String, _ options: [String], _ status: Int32) async throws {
        try await ThrowawaySSHD.with { server in
            let config = """
                Host *
                    Port 1
                    User nobody-here
                    IdentityFile \(server.clientKey())
                    UserKnownHostsFile \(server.knownHosts)
                """
            let play = "- hosts: all\n  gather_facts: false\n\(keywords)\n  tasks: [{command: echo through}]\n"
            let answer = try await apply(
                play.replacing("<port>", with: "\(server.port)"), config: config, options, on: server)
            #expect(answer.status == status, "\(answer.output) \(answer.errors)")
        }
    }

    @Test func keysThatOnlyAPlayNamesAreUnlockedBeforeAnythingConnects() async throws {
        try await ThrowawaySSHD.with { server in
            let key = try await server.lockedKey("open sesame")
            let play = """
                - hosts: all
                  gather_facts: false
                  remote_user: root
                  port: \(server.port)
                  tasks:
                    - command: echo through
                      vars: {ansible_ssh_private_key_file: "{{ key_folder }}/\(key.split(separator: "/").last ?? "")"}
                  vars: {key_folder: \(server.folder.path)}
                """
            let config = "Host *\n    UserKnownHostsFile \(server.knownHosts)\n"
            let answer = try await apply(play, config: config, typing: ["open sesame"], on: server)
            #expect(answer.status == 0, "\(answer.output)")
            #expect(answer.output.components(separatedBy: "Passphrase for").count == 2, "\(answer.output)")
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

    @Test func mayNameAnyProgramToGoThrough() async throws {
        try await ThrowawaySSHD.with { server in
            let pipe = "exec 3<>/dev/tcp/%h/%p; cat <&3 & exec cat >&3"
            let config = "Host web*\n  ProxyCommand bash -c '\(pipe)'\n\(settings(server))\n"
            let answer = try await run("all: {hosts: {web1: , web2: }}", config: config, in: server.folder)
            #expect(answer.status == 0)
            #expect(answer.output == "2 hosts said: web1, web2\nthrough\n")
            #expect(
                answer.errors.contains(
                    "warning: web1, web2: reached by the installed ssh, as libssh2 runs no ProxyCommand\n"),
                "\(answer.errors)")
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
