import Fleet
import Foundation
import SSH
import TestSupport
import Testing

extension SSHDTests {
    /// Hosts behind others.
    @Suite(.timeLimit(.minutes(3)))
    struct JumpTests {
        /// Runs `body` with a host behind `count` others, the first one first.
        private func behind(
            _ count: Int, jumpSettings: [String] = [],
            _ body:
                @escaping (_ jumps: [ThrowawaySSHD], _ server: ThrowawaySSHD, _ endpoint: Endpoint) async throws ->
                Void
        ) async throws {
            try await servers(count, jumpSettings) { jumps in
                try await ThrowawaySSHD.with { server in
                    var endpoint = try server.endpoint()
                    endpoint.jumps = try jumps.enumerated().map { try $1.endpoint("jump\($0 + 1)") }
                    try await body(jumps, server, endpoint)
                }
            }
        }

        private func servers(
            _ count: Int, _ settings: [String], _ body: ([ThrowawaySSHD]) async throws -> Void
        ) async throws {
            guard count > 0 else { return try await body([]) }
            try await ThrowawaySSHD.with(settings) { server in
                try await servers(count - 1, settings) { try await body([server] + $0) }
            }
        }

        @Test(.overBothTransports, arguments: [1, 2])
        func commandsAndFilesGoThrough(hops: Int) async throws {
            try await behind(hops) { jumps, server, endpoint in
                try await withTransport(to: endpoint) { transport in
                    try await transport.expect("echo through", says: "through\n")
                    let long = try await transport.run(RemoteCommand(shell: "head -c 20000000 /dev/zero; echo end >&2"))
                    #expect(long.output.count == 20_000_000 && long.errorText == "end\n")
                    let source = server.folder.appendingPathComponent("source").path
                    let made = try await DroverProgram.run(["bash", "-c", "head -c 30000000 /dev/urandom >\(source)"])
                    #expect(made.status == 0)
                    try await transport.upload(source, to: source + "2", mode: 0o600, privilege: .login)
                    let compared = try await DroverProgram.run(["cmp", source, source + "2"])
                    #expect(compared.status == 0)
                    for jump in jumps { #expect(try await jump.sessions() == 1) }
                }
            }
        }

        @Test(arguments: ["MaxSessions 10", "MaxSessions 1"])
        func allShareOneSessionToTheJumpHost(_ setting: String) async throws {
            try await behind(1, jumpSettings: [setting, "MaxStartups 2"]) { jumps, _, endpoint in
                let connector = SSHConnector()
                let answers = try await withThrowingTaskGroup(of: String.self) { group in
                    for number in 0..<60 {
                        var endpoint = endpoint
                        endpoint.host = try HostName("host\(number)")
                        group.addTask { [endpoint] in
                            let transport = try await connector.transport(to: endpoint)
                            return try await transport.run(RemoteCommand(shell: "echo \(number)")).text
                        }
                    }
                    return try await group.reduce(into: Set<String>()) { $0.insert($1) }
                }
                #expect(answers == Set((0..<60).map { "\($0)\n" }))
                // Another one only while an opening takes longer than usual, as on a busy machine.
                #expect(try await jumps[0].sessions() <= 8)
                await connector.closeAll()
            }
        }

        /// The process that sshd has for a session may open so few files that 30 hosts don't fit into one.
        @Test func manyHostsTakeSeveralSessionsToTheJumpHost() async throws {
            try await behind(1) { jumps, _, endpoint in
                try await jumps[0].limitDescriptors(to: 30)
                let connector = SSHConnector(settings: SSHSettings(tunnelsThroughOneSession: 12))
                var transports: [any Transport] = []
                for number in 0..<30 {
                    var endpoint = endpoint
                    endpoint.host = try HostName("host\(number)")
                    transports.append(try await connector.transport(to: endpoint))
                }
                for transport in transports { try await transport.expect("echo in", says: "in\n") }
                #expect(try await jumps[0].sessions() == 3)
                await connector.closeAll()
            }
        }

        @Test(.overBothTransports) func theKeyOfEachHopIsChecked() async throws {
            try await behind(2) { jumps, _, endpoint in
                try "".write(toFile: jumps[1].knownHosts, atomically: true, encoding: .utf8)
                let error = await transportError { try await withTransport(to: endpoint) { _ in } }
                #expect(error?.code == .hostKeyUnknown)
                #expect(error?.host == endpoint.host)
                #expect(error?.message.hasPrefix("jump host jump2: host key of [127.0.0.1]:") == true)
            }
        }

        @Test func aLostJumpHostIsTheCauseForAllBehindIt() async throws {
            try await behind(1) { jumps, _, endpoint in
                let connector = SSHConnector()
                var transports: [any Transport] = []
                for number in 0..<3 {
                    var endpoint = endpoint
                    endpoint.host = try HostName("host\(number)")
                    let transport = try await connector.transport(to: endpoint)
                    try await transport.expect("echo up", says: "up\n")
                    transports.append(transport)
                }
                let errors = await withTaskGroup(of: TransportError?.self) { group in
                    for transport in transports {
                        group.addTask {
                            await transportError { _ = try await transport.run(RemoteCommand(shell: "sleep 30")) }
                        }
                    }
                    try? await jumps[0].killSessions("KILL")
                    return await group.reduce(into: [TransportError?]()) { $0.append($1) }
                }
                // The kernel says which, by what was under way when the server was killed.
                let ways = ["the host ended it", "connection reset by peer"].map { way in
                    "jump host jump1: connection lost: \(way), during a command"
                }
                #expect(Set(errors.map { $0?.message }).count == 1 && ways.contains(errors[0]?.message ?? ""))
                #expect(errors.allSatisfy { $0?.code == .connectionLost })
                for transport in transports { try await transport.expect("echo again", says: "again\n") }
                await connector.closeAll()
            }
        }

        @Test func aFrozenJumpHostIsTheCauseForAllBehindIt() async throws {
            try await behind(1) { jumps, _, endpoint in
                let settings = SSHSettings(silenceLimit: .seconds(2))
                try await withTransport(to: endpoint, settings: settings) { transport in
                    try await transport.expect("echo up", says: "up\n")
                    try await jumps[0].killSessions("STOP")
                    let error = await transportError { _ = try await transport.run(RemoteCommand(shell: "true")) }
                    #expect(error?.code == .connectionLost)
                    #expect(
                        error?.message == "jump host jump1: connection lost: no sign of life for 2 s, during a command")
                    try await jumps[0].killSessions("KILL")
                }
            }
        }

        @Test func whatTheJumpHostRefusesIsTold() async throws {
            try await behind(1, jumpSettings: ["AllowTcpForwarding no"]) { _, server, endpoint in
                let error = await transportError { try await withTransport(to: endpoint) { _ in } }
                #expect(error?.code == .unreachable)
                #expect(
                    error?.message == "jump host jump1 cannot reach 127.0.0.1:\(server.port): "
                        + "administratively prohibited")
            }
        }

        @Test func aClosedPortBehindTheJumpHostIsTold() async throws {
            try await behind(1) { _, _, endpoint in
                var endpoint = endpoint
                endpoint.port = UInt16(try SilentListener().port)
                let error = await transportError { [endpoint] in try await withTransport(to: endpoint) { _ in } }
                #expect(error?.code == .unreachable)
                #expect(error?.message.hasPrefix("jump host jump1 cannot reach 127.0.0.1:\(endpoint.port): ") == true)
            }
        }

        @Test(.overBothTransports) func aJumpHostOutOfReachIsTheCause() async throws {
            try await behind(2) { _, _, endpoint in
                let port = UInt16(try SilentListener().port)
                var endpoint = endpoint
                endpoint.jumps[0].port = port
                let error = await transportError { [endpoint] in try await withTransport(to: endpoint) { _ in } }
                #expect(error?.code == .unreachable)
                let message = "jump host jump2: jump host jump1: 127.0.0.1:\(port): connection refused"
                #expect(error?.message == message)
            }
        }

        @Test func hostsThatSwallowEverythingDisturbNobody() async throws {
            let holes = try (0..<3).map { _ in try BlackHole() }
            try await behind(1) { _, _, endpoint in
                let connector = SSHConnector()
                let errors = await withTaskGroup(of: TransportError?.self) { group in
                    for number in 0..<20 {
                        var endpoint = endpoint
                        endpoint.connectTimeout = .seconds(4)
                        if number < holes.count { endpoint.port = holes[number].port }
                        endpoint.host = (try? HostName("host\(number)")) ?? endpoint.host
                        group.addTask { [endpoint] in
                            await transportError {
                                try await connector.transport(to: endpoint).expect("echo fine", says: "fine\n")
                            }
                        }
                    }
                    return await group.reduce(into: [TransportError]()) { errors, error in
                        if let error { errors.append(error) }
                    }
                }
                await connector.closeAll()
                let expected = holes.map {
                    "no answer from 127.0.0.1:\($0.port) within 4 s, asked by jump host jump1"
                }
                #expect(Set(errors.map(\.message)) == Set(expected))
            }
        }

        @Test func theWayMayBeIPv6() async throws {
            try await ThrowawaySSHD.with(address: "::1") { jump in
                try await ThrowawaySSHD.with(address: "::1") { server in
                    try await withTransport(to: server.endpoint()) { try await $0.expect("echo six", says: "six\n") }
                    var endpoint = try server.endpoint()
                    endpoint.jumps = [try jump.endpoint("jump")]
                    try await withTransport(to: endpoint) { try await $0.expect("echo six", says: "six\n") }
                    endpoint.port = UInt16(try SilentListener().port)
                    let error = await transportError { [endpoint] in try await withTransport(to: endpoint) { _ in } }
                    let message = "jump host jump cannot reach [::1]:\(endpoint.port): connect failed"
                    #expect(error?.message == message)
                }
            }
        }

        @Test func keysAreScannedThroughJumpHosts() async throws {
            try await behind(1) { _, _, endpoint in
                let scan = try #require(await HostKeyScanner().scan([endpoint]).first)
                #expect(scan.keys.map(\.algorithm) == [.ed25519, .ecdsa256])
                #expect(scan.known == scan.keys && scan.fault == nil)
            }
        }
    }
}
