import Foundation
import TestSupport
import Testing

extension ProgramTests {
    /// Connections that outlive a command, with the process that keeps them.
    @Suite struct ConnectionsProgramTests {
        /// Runs `body` with a `drover` that keeps connections in a folder of its own, which it leaves before that is removed.
        private func withKeeping(
            _ environment: [String: String] = [:],
            _ body: (_ drover: DroverProgram, _ inventory: String, _ server: ThrowawaySSHD) async throws -> Void
        ) async throws {
            try await ThrowawaySSHD.with(["LogLevel VERBOSE"]) { server in
                try await withTemporaryFolder { folder in
                    try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: folder.path)
                    let all = ["XDG_RUNTIME_DIR": folder.path, "DROVER_CONNECTIONS": "60"]
                    let drover = DroverProgram(in: server.folder, environment: all.merging(environment) { $1 })
                    try await body(drover, try server.inventory(hosts: 2), server)
                    _ = try await drover("connections", "close")
                    try await expectNoKeeper(drover)
                }
            }
        }

        private func keepers(_ drover: DroverProgram) async throws -> [String] {
            let folder = drover.environment["XDG_RUNTIME_DIR"] ?? ""
            let script = """
                for p in $(pgrep -f 'connections keep$'); do
                grep -qzxF "XDG_RUNTIME_DIR=$1" /proc/$p/environ && echo $p
                done; true
                """
            let found = try await DroverProgram.run(["bash", "-c", script, "bash", folder])
            return found.output.split(separator: "\n").map(String.init)
        }

        private func expectNoKeeper(
            _ drover: DroverProgram, at location: Testing.SourceLocation = #_sourceLocation
        ) async throws {
            let keepers = try await keepers(drover)
            let wait = #"for p; do while [ -e /proc/$p/stat ]; do sleep 0.05; done; done"#
            let gone = try await DroverProgram.run(["timeout", "30", "sh", "-c", wait, "sh"] + keepers)
            #expect(gone.status == 0, "a keeper goes on", sourceLocation: location)
        }

        /// Expects that a command works, and how many logins there have been by then.
        private func expectAnswer(
            _ drover: DroverProgram, _ inventory: String, logins: Int, of server: ThrowawaySSHD,
            at location: Testing.SourceLocation = #_sourceLocation
        ) async throws {
            let done = try await drover("run", "-i", inventory, "all", "--", "echo same")
            #expect(done.output == "2 hosts said: h1, h2\nsame\n", "\(done.errors)", sourceLocation: location)
            #expect(try await server.logins(reaching: logins) == logins, sourceLocation: location)
        }

        @Test func connectionsAreKeptListedAndClosed() async throws {
            try await withKeeping { drover, inventory, server in
                try await expectAnswer(drover, inventory, logins: 2, of: server)
                try await expectAnswer(drover, inventory, logins: 2, of: server)
                let traced = try await drover("run", "-i", inventory, "-vvv", "h1", "--", "true")
                #expect(
                    traced.errors.contains("h1: still connected to 127.0.0.1:\(server.port) in"), "\(traced.errors)")
                let listed = try await drover("connections", "list", "--format", "json")
                let rows = try #require(
                    try JSONSerialization.jsonObject(with: Data(listed.output.utf8)) as? [[String: Any]])
                #expect(rows.compactMap { $0["host"] as? String } == ["h1", "h2"], "\(listed.output)")
                #expect(rows.allSatisfy { $0["idleSeconds"] is Double && $0["shells"] as? Int == 1 })
                let closed = try await drover("connections", "close", "h2")
                #expect(closed.output == "1 connection closed\n")
                try await expectAnswer(drover, inventory, logins: 3, of: server)
                #expect(try await drover("connections", "close").output == "2 connections closed\n")
                try await expectNoKeeper(drover)
                let nothing = try await drover("connections", "list")
                #expect(nothing.output.isEmpty && nothing.errors == "no connection is kept\n", "\(nothing.errors)")
            }
        }

        @Test func aKeeperThatIsKilledIsDoneWithout() async throws {
            try await withKeeping { drover, inventory, server in
                try await expectAnswer(drover, inventory, logins: 2, of: server)
                for keeper in try await keepers(drover) { _ = try await DroverProgram.run(["kill", "-9", keeper]) }
                try await expectNoKeeper(drover)
                try await expectAnswer(drover, inventory, logins: 4, of: server)
                try await expectAnswer(drover, inventory, logins: 4, of: server)
            }
        }

        @Test func offKeepsNothing() async throws {
            try await withKeeping(["DROVER_CONNECTIONS": "off"]) { drover, inventory, server in
                try await expectAnswer(drover, inventory, logins: 2, of: server)
                try await expectAnswer(drover, inventory, logins: 4, of: server)
                #expect(try await keepers(drover).isEmpty)
            }
        }

        @Test func jobsOfACISystemKeepNothingUnlessTheySaySo() async throws {
            try await withKeeping(["DROVER_CONNECTIONS": "", "CI": "true"]) { drover, inventory, server in
                try await expectAnswer(drover, inventory, logins: 2, of: server)
                #expect(try await keepers(drover).isEmpty)
            }
        }

        @Test func aWrongSettingIsRefused() async throws {
            try await withTemporaryFolder { folder in
                let drover = DroverProgram(in: folder, environment: ["DROVER_CONNECTIONS": "a while"])
                let done = try await drover("connections", "list")
                #expect(done.status == 64)
                #expect(
                    done.errors.hasPrefix(
                        "error: DROVER_CONNECTIONS is 'off' or a number of seconds up to 3600, not 'a while'\n"),
                    "\(done.errors)")
            }
        }

        @Test(.sudo) func whatTookAPasswordIsNotKept() async throws {
            try await ThrowawayUser.with(groups: ["sudo"]) { user in
                try await withKeeping { drover, _, server in
                    let inventory = try server.inventory(
                        hosts: 2, "ansible_user=\(user.name)\nansible_become_password='\(user.password)'")
                    try await expectAnswer(drover, inventory, logins: 2, of: server)
                    try await expectAnswer(drover, inventory, logins: 4, of: server)
                    #expect(try await keepers(drover).isEmpty)
                }
            }
        }

        @Test func anotherUserIsNotTalkedTo() async throws {
            try await ThrowawayUser.with { user in
                try await withKeeping { drover, inventory, server in
                    try await expectAnswer(drover, inventory, logins: 2, of: server)
                    let script = """
                        chmod 755 "$1"; chmod 755 "$1/drover"; chmod 777 "$1"/drover/k-*
                        set -- "$1"/drover/k-*
                        runuser -u \(user.name) -- perl -MSocket -e '
                        socket(S, PF_UNIX, SOCK_STREAM, 0); connect(S, sockaddr_un($ARGV[0])) or die "no way in: $!";
                        print sysread(S, $b, 100) ? "heard" : "hung up on";' "$1"
                        """
                    let folder = drover.environment["XDG_RUNTIME_DIR"] ?? ""
                    let other = try await DroverProgram.run(["sh", "-c", script, "sh", folder])
                    #expect(other.output == "hung up on", "\(other.errors)")
                    _ = try await DroverProgram.run(["chmod", "700", folder, folder + "/drover"])
                    try await expectAnswer(drover, inventory, logins: 2, of: server)
                }
            }
        }

        /// Signals, and what the command had begun.
        @Test func whatRunsIsEndedWithTheCommand() async throws {
            try await withKeeping { drover, inventory, server in
                try await expectAnswer(drover, inventory, logins: 2, of: server)
                let mark = "\(Int.random(in: 5000...9000)).\(Int.random(in: 100_000...999_999))"
                let words = ["run", "-i", inventory, "--stream", "h1", "--", "echo begun; sleep \(mark)"]
                let stopped = try await drover.run(
                    words, cues: [Cue(SIGINT, onceItSays: "begun"), Cue(SIGINT, onceItSays: "press Ctrl-C again")])
                #expect(stopped.status == 1)
                #expect(
                    stopped.output.contains("h1: the command was stopped before it was done, and was ended"),
                    "\(stopped.output)")
                #expect(try await DroverProgram.run(["pgrep", "-f", "^sleep \(mark)$"]).status == 1)
                let killed = try await drover.run(words, cues: [Cue(SIGKILL, onceItSays: "begun")])
                #expect(killed.status == 137)
                let wait = "while pgrep -f '^sleep \(mark)$'; do sleep 0.05; done"
                #expect(try await DroverProgram.run(["timeout", "30", "sh", "-c", wait]).status == 0)
                try await expectAnswer(drover, inventory, logins: 3, of: server)
            }
        }

        @Test func keepingIsWhatOtherCommandsStart() async throws {
            try await withTemporaryFolder { folder in
                let done = try await DroverProgram(in: folder)("connections", "keep")
                #expect(done.status == 64)
                #expect(done.errors.hasPrefix("error: connections are kept by a process that other commands start"))
            }
        }
    }
}
