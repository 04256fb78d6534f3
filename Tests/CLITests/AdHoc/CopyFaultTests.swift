import Foundation
import TestSupport
import Testing

extension ProgramTests {
    /// Copies that something comes in between of.
    @Suite struct CopyFaultTests {
        private static let size = 100 << 20

        /// Runs `body` with a server, a folder `there` to copy to, and a source of `size` bytes.
        private func prepared(
            size: Int = size, _ body: (_ drover: DroverProgram, _ server: ThrowawaySSHD) async throws -> Void
        ) async throws {
            try await ThrowawaySSHD.with { server in
                let script =
                    "cd \"$1\"; mkdir there; openssl enc -aes-128-ctr -nosalt -k x </dev/zero | head -c \(size) >source"
                let made = try await DroverProgram.run(["sh", "-c", script, "sh", server.folder.path])
                #expect(FileManager.default.fileExists(atPath: server.folder.path + "/source"), "\(made.errors)")
                try await body(DroverProgram(in: server.folder), server)
            }
        }

        /// An inventory whose hosts are reached through the proxy.
        private func inventory(_ proxy: CuttingProxy, _ server: ThrowawaySSHD) throws -> String {
            let key = try String(contentsOf: server.folder.appendingPathComponent("host_ed25519.pub"), encoding: .utf8)
            let pinned = key.split(separator: " ").prefix(2).joined(separator: " ")
            return try server.inventory(
                hosts: 1, "ansible_port=\(proxy.port)\ndrover_host_key=\(pinned)\nansible_timeout=2")
        }

        /// Names in the folder that files are copied to.
        private func names(_ server: ThrowawaySSHD) throws -> [String] {
            try FileManager.default.contentsOfDirectory(atPath: server.folder.path + "/there")
        }

        private func expectSame(_ server: ThrowawaySSHD) async throws {
            let compared = try await DroverProgram.run(
                ["cmp", server.folder.path + "/source", server.folder.path + "/there/target"])
            #expect(compared.status == 0, "\(compared.output)\(compared.errors)")
            #expect(try names(server) == ["target"])
        }

        private func expectNothingRuns(_ server: ThrowawaySSHD) async throws {
            let script =
                "for i in $(seq 250); do find /proc/[0-9]*/fd -lname \"$1/there/*\" 2>/dev/null | grep -q . || exit 0; sleep 0.02; done; exit 1"
            let found = try await DroverProgram.run(["sh", "-c", script, "sh", server.folder.path])
            #expect(found.status == 0)
        }

        // MARK: The connection

        @Test func aCopyGoesOnWhereTheConnectionWasCut() async throws {
            try await prepared { drover, server in
                try await CuttingProxy.with(to: server.port, cuttingWhen: .sent(48 << 20), then: .through) { proxy in
                    let done = try await drover(
                        "cp", "-i", inventory(proxy, server), "all", "source", server.folder.path + "/there/target")
                    #expect(done.status == 0, "\(done.errors)")
                    try await expectSame(server)
                    let sent = try proxy.sent
                    try #require(sent.count == 2)
                    #expect(sent[0] >= 48 << 20)
                    // A slice of 32 MiB was whole; what SSH adds is less than a hundredth.
                    #expect(sent[1] < (Self.size - (32 << 20)) / 100 * 101, "\(sent)")
                }
            }
        }

        @Test func aHostThatStaysAwayIsToldInOneLine() async throws {
            try await prepared { drover, server in
                try await CuttingProxy.with(to: server.port, cuttingWhen: .sent(48 << 20), then: .away) { proxy in
                    let done = try await drover(
                        "cp", "-i", inventory(proxy, server), "all", "source", server.folder.path + "/there/target")
                    #expect(done.status == 1)
                    // On a slow machine it says before how far it is.
                    let line = try #require(done.errors.split(separator: "\n").first { !$0.hasPrefix("    … ") })
                    let message = "the connection was lost in the middle of \(server.folder.path)/there/target"
                    #expect(line.hasPrefix("error: h1: \(message), and there is no other: 127.0.0.1:"), "\(line)")
                    #expect(done.errors.split(separator: "\n").count { $0.hasPrefix("error:") } == 1)
                    #expect(try !names(server).contains("target"))
                    try await expectNothingRuns(server)
                }
            }
        }

        // MARK: Ctrl-C

        private static let hasBegun = "[ -n \"$(find there -name '.target.*' -size +8000k)\" ]"

        @Test func theFirstCtrlCFinishesTheFileInHand() async throws {
            try await prepared { drover, server in
                let done = try await drover.run(
                    ["cp", "-i", server.inventory(hosts: 3), "-f", "1", "all", "source"]
                        + [server.folder.path + "/there/target"], interruptedOnce: Self.hasBegun)
                #expect(done.status == 1)
                // Whoever answers first is the one in hand.
                #expect(done.output.components(separatedBy: ": copied 1 (100.0 MiB)").count == 2, "\(done.output)")
                #expect(done.output.contains(/left out: h\d, h\d/), "\(done.output)")
                try await expectSame(server)
                try await expectNothingRuns(server)
            }
        }

        @Test func theSecondCtrlCLeavesNothing() async throws {
            try await prepared(size: 400 << 20) { drover, server in
                let done = try await drover.run(
                    ["cp", "-i", server.inventory(hosts: 3), "-f", "1", "all", "source"]
                        + [server.folder.path + "/there/target"],
                    interruptedOnce: Self.hasBegun, cues: [Cue(SIGINT, onceItSays: "press Ctrl-C again")])
                #expect(done.status == 1)
                // Whoever answers first is the one in hand.
                #expect(done.output.contains(/error: h\d: cancelled/), "\(done.output)")
                #expect(done.output.contains(/left out: h\d, h\d/), "\(done.output)")
                try await expectNothingRuns(server)
                #expect(try names(server).isEmpty)
            }
        }
    }
}
