import Foundation
import TestSupport
import Testing

/// What is wrong with one host of many.
private enum Fault: String, CaseIterable {
    case closedPort, blackHole, silence, unknownName, turnedAway, reset, changedKey, noKeyAccepted, noShell
    case frozen, poweredOff, flood, full

    /// What sshd's settings bring about.
    var settings: [String] {
        switch self {
        case .turnedAway: ["MaxStartups 1:100:1"]
        case .noShell: ["ForceCommand /usr/sbin/nologin"]
        case .frozen: [Self.doing("kill -STOP $PPID")]
        case .poweredOff: [Self.doing("head -c 1000000 /dev/zero; kill -KILL $PPID")]
        case .flood: [Self.doing("head -c 200000000 /dev/zero")]
        case .full: [Self.doing("echo x >/dev/full")]
        default: []
        }
    }

    private static func doing(_ words: String) -> String {
        "ForceCommand export FAULT='\(words)'; eval \"$SSH_ORIGINAL_COMMAND\""
    }

    /// The one line that the operator sees.
    var line: String {
        switch self {
        case .closedPort: "connection refused"
        case .blackHole: "no answer from 127.0.0.1:"
        case .silence: "no answer within 2 s during the SSH handshake"
        case .unknownName: "cannot resolve 'nowhere.invalid': "
        case .turnedAway: "sshd has turned us away for 2 s: too many others are logging in (MaxStartups)"
        case .reset: "the host closed the connection during the SSH handshake"
        case .changedKey: "host key of "
        case .noKeyAccepted: "the host accepted none of the keys for 'root': "
        case .noShell: "This account is currently not available"
        case .frozen: "connection lost: no sign of life for 15 s"
        case .poweredOff: "connection lost: "
        case .flood: ""
        case .full: "command ended with status 1"
        }
    }

    /// How long it may take until the operator sees it.
    var limit: Duration {
        switch self {
        case .frozen: .seconds(25)
        case .flood: .seconds(60)
        default: .seconds(8)
        }
    }
}

extension ProgramTests {
    /// One faulty host among good ones.
    @Suite struct FaultyHostTests {
        @Test(arguments: Fault.allCases)
        fileprivate func aFaultyHostDisturbsNobody(_ fault: Fault) async throws {
            try await ThrowawaySSHD.with { good in
                try await ThrowawaySSHD.with(fault.settings) { bad in
                    try await withTheWay(fault, to: bad) { variables in
                        let inventory = try good.inventory(hosts: 12, "[all]\nbad \(variables)")
                        try await expect(fault, in: DroverProgram(in: good.folder), inventory)
                    }
                    try await bad.killSessions("KILL")
                }
            }
        }

        /// Every host says when its command began; the clock is the same on all. How long that takes without the faulty host is
        /// measured beside it: other tests keep the machine busy.
        private func expect(_ fault: Fault, in drover: DroverProgram, _ inventory: String) async throws {
            let before = Date()
            try await drover.run(["run", "-i", inventory, "all:!bad", "--", "true"]).succeeded()
            let start = Date()
            let usual = start.timeIntervalSince(before)
            let done = try await drover.run(
                ["run", "-i", inventory, "--stream", "all", "--", "date +%s.%N; eval \"$FAULT\""])
            let elapsed = Date().timeIntervalSince(start)
            #expect(elapsed < fault.limit / .seconds(1) + usual, "\(elapsed) s, \(usual) s without the fault")
            let lines = done.output.split(separator: "\n").filter { $0.hasPrefix("h") }
            #expect(Set(lines.map { $0.prefix { $0 != " " } }) == Set((1...12).map { "h\($0)" }))
            for line in lines {
                let moment = try #require(Double(line.split(separator: " ").last ?? ""))
                #expect(moment - start.timeIntervalSince1970 < 3.5 + usual, "\(line), \(usual) s without the fault")
            }
            guard fault != .flood else { return #expect(done.status == 0, "\(done.errors)") }
            #expect(done.status == 1)
            let errors = done.errors.split(separator: "\n").filter { $0.hasPrefix("error:") }
            #expect(errors.count == 1, "\(done.errors)")
            #expect(errors.first?.hasPrefix("error: bad: ") == true, "\(done.errors)")
            #expect(errors.first?.contains(fault.line) == true, "\(done.errors)")
        }

        /// Runs `body` with the variables of the host `bad`, which is `server` unless its fault is on the way there.
        private func withTheWay(
            _ fault: Fault, to server: ThrowawaySSHD, _ body: (_ variables: String) async throws -> Void
        ) async throws {
            func variables(_ port: Int, _ more: String = "") -> String {
                let files = "-o UserKnownHostsFile=\(server.knownHosts)"
                let key = "ansible_ssh_private_key_file=\(server.clientKey())"
                return "ansible_port=\(port) ansible_timeout=2 \(key) ansible_ssh_common_args='\(files)' \(more)"
            }
            let usual = variables(Int(server.port))
            switch fault {
            case .closedPort: try await body(variables(SilentListener().port))
            case .blackHole:
                let hole = try BlackHole()
                try await body(variables(Int(hole.port)))
                withExtendedLifetime(hole) {}
            case .silence:
                let listener = try SilentListener()
                try await body(variables(listener.port))
                withExtendedLifetime(listener) {}
            case .unknownName: try await body(variables(22, "ansible_host=nowhere.invalid"))
            case .turnedAway:
                let held = try HeldConnections(1, to: server.port)
                try await body(usual)
                held.release()
            case .reset:
                try await CuttingProxy.with(to: server.port, cuttingWhen: .message(31)) {
                    try await body(variables(Int($0.port)))
                }
            case .changedKey:
                let key = try String(contentsOfFile: server.clientKey() + ".pub", encoding: .utf8)
                try "[127.0.0.1]:\(server.port) \(key)".write(
                    toFile: server.knownHosts, atomically: true, encoding: .utf8)
                try await body(usual)
            case .noKeyAccepted:
                let key = server.folder.appendingPathComponent("host_ed25519").path
                try await body(variables(Int(server.port), "ansible_ssh_private_key_file=\(key)"))
            case .noShell, .frozen, .poweredOff, .flood, .full: try await body(usual)
            }
        }
    }
}
