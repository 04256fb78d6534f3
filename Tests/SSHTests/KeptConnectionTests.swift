import Fleet
import Foundation
import Synchronization
import TestSupport
import Testing

@testable import SSH

extension SSHDTests {
    /// Connections that outlive a command.
    @Suite(.overBothTransports, .timeLimit(.minutes(3)))
    struct KeptConnectionTests {
        private func withHost(
            _ settings: [String] = [], _ body: (KeeperUnderTest, ThrowawaySSHD, Endpoint) async throws -> Void
        ) async throws {
            try await ThrowawaySSHD.with(["LogLevel VERBOSE"] + settings) { server in
                try await KeeperUnderTest.with { keeper in
                    var endpoint = try server.endpoint()
                    endpoint.connectTimeout = .seconds(5)
                    try await body(keeper, server, endpoint)
                }
            }
        }

        /// Expects so many logins; the server logs them a moment after it answers.
        private func expectLogins(
            _ count: Int, of server: ThrowawaySSHD, at location: Testing.SourceLocation = #_sourceLocation
        ) async throws {
            #expect(try await server.logins(reaching: count) == count, sourceLocation: location)
        }

        @Test func theNextCommandNeedNotLogIn() async throws {
            try await withHost { keeper, server, endpoint in
                for number in 0..<3 {
                    try await keeper.command(to: endpoint) {
                        try await $0.expect("echo \(number)", says: "\(number)\n")
                    }
                    try await keeper.waitForIdle(1)
                }
                try await expectLogins(1, of: server)
                #expect(keeper.starts.withLock(\.self) == 1)
            }
        }

        @Test func twoCommandsAtOnceHaveAConnectionEach() async throws {
            try await withHost { keeper, server, endpoint in
                try await keeper.command(to: endpoint) { first in
                    try await first.expect("echo one", says: "one\n")
                    try await keeper.command(to: endpoint) { try await $0.expect("echo two", says: "two\n") }
                }
                try await expectLogins(2, of: server)
            }
        }

        @Test func answersAreThoseOfAConnectionOfOnesOwn() async throws {
            try await withHost { keeper, _, endpoint in
                for example in CommandTests.cases {
                    var command = RemoteCommand(
                        shell: example.script, input: Array(example.input.utf8), deadline: .seconds(60))
                    command.isForAllToSee = example.input.isEmpty
                    let result = try await keeper.command(to: endpoint) { [command] in try await $0.run(command) }
                    #expect(result.status == example.status, "\(example.name)")
                    #expect(result.text == example.output, "\(example.name)")
                    #expect(result.errorText == example.errors, "\(example.name)")
                }
                let error = await transportError {
                    try await keeper.command(to: endpoint) {
                        _ = try await $0.run(RemoteCommand(shell: "head -c 5000 /dev/zero"), outputLimit: .kibibytes(4))
                    }
                }
                #expect(error?.code == .outputTooLong)
            }
        }

        @Test func whatIsWrittenComesBeforeTheEnd() async throws {
            try await withHost { keeper, _, endpoint in
                for number in 0..<20 {
                    try await keeper.command(to: endpoint) { transport in
                        for round in 0..<20 {
                            let said = Mutex<[UInt8]>([])
                            let command = RemoteCommand(shell: "echo \(number) \(round)")
                            _ = try await transport.run(
                                command, streaming: { _, bytes in said.withLock { $0 += bytes } })
                            #expect(String(decoding: said.withLock(\.self), as: UTF8.self) == "\(number) \(round)\n")
                        }
                    }
                    try await keeper.waitForIdle(1)
                }
            }
        }

        @Test func filesAreCopied() async throws {
            try await withHost { keeper, server, endpoint in
                let source = server.folder.appendingPathComponent("source").path
                let target = server.folder.appendingPathComponent("target").path
                try Data((0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 / 7) }).write(
                    to: URL(fileURLWithPath: source))
                try await keeper.command(to: endpoint) {
                    try await $0.upload(source, to: target, mode: 0o640, privilege: .login)
                }
                #expect(FileManager.default.contentsEqual(atPath: source, andPath: target))
                let error = await transportError {
                    try await keeper.command(to: endpoint) {
                        try await $0.upload(source + "-not", to: target, mode: 0o640, privilege: .login)
                    }
                }
                #expect(error?.message == "cannot read \(source)-not: no such file or directory")
            }
        }

        /// A client whose end nobody announces, as when it is killed.
        @Test func whoVanishesEndsWhatItRan() async throws {
            try await withHost { keeper, server, endpoint in
                try await keeper.command(to: endpoint) { try await $0.expect("echo in", says: "in\n") }
                let fifo = server.folder.appendingPathComponent("fifo").path
                _ = try await DroverProgram.run(["mkfifo", fifo])
                let mark = "97531.\(UInt32.random(in: 1000...999_999))"
                let conversation = Conversation(try #require(UnixSocket.connected(to: keeper.place.socket)))
                conversation.open(endpoint.underTest)
                conversation.run("echo >\(fifo); sleep \(mark)")
                _ = try await DroverProgram.run(["cat", fifo])
                conversation.end()
                let wait = "while pgrep -f '^sleep \(mark)$'; do sleep 0.05; done"
                let ended = try await DroverProgram.run(["timeout", "30", "sh", "-c", wait])
                #expect(ended.status == 0)
                try await keeper.command(to: endpoint) { try await $0.expect("echo again", says: "again\n") }
                try await expectLogins(2, of: server)
            }
        }

        /// With `ssh` the shell is gone when it is to say what its command began: then all that it ever began ends.
        @Test func whatAnEarlierCommandLeftGoesOn() async throws {
            guard OverBothTransports.client == .libssh2 else { return }
            try await withHost { keeper, _, endpoint in
                let mark = "86420.\(UInt32.random(in: 1000...999_999))"
                try await keeper.command(to: endpoint) {
                    // The kernel tells beginnings apart by hundredths of a second, which two programs are never as close as.
                    let script = """
                        nohup sleep \(mark) >/dev/null 2>&1 &
                        for i in 1 2 3; do
                        read -r now rest </proc/uptime; then=$now
                        while [ "$now" = "$then" ]; do read -r now rest </proc/uptime; done
                        done
                        """
                    _ = try await $0.run(RemoteCommand(shell: script))
                }
                let error = await transportError {
                    try await keeper.command(to: endpoint) {
                        _ = try await $0.run(RemoteCommand(shell: "sleep \(mark)1", deadline: .milliseconds(300)))
                    }
                }
                #expect(error?.message == "command did not end within 0.3 s, and was ended")
                let left = try await DroverProgram.run(["pgrep", "-f", "^sleep \(mark)"])
                #expect(left.output.split(separator: "\n").count == 1, "\(left.output)")
                _ = try await DroverProgram.run(["kill", left.output.filter(\.isNumber)])
            }
        }

        @Test func aDeadConnectionIsNotADeadHost() async throws {
            try await withHost { keeper, server, endpoint in
                for signal in ["KILL", "STOP"] {
                    try await keeper.command(to: endpoint) { try await $0.expect("echo in", says: "in\n") }
                    try await server.killSessions(signal)
                    try await keeper.command(to: endpoint) { try await $0.expect("echo again", says: "again\n") }
                }
                try await expectLogins(3, of: server)
            }
        }

        @Test func aStoppedHostIsToldAsOne() async throws {
            try await withHost { keeper, server, endpoint in
                var endpoint = endpoint
                endpoint.connectTimeout = .seconds(1)
                let settled = endpoint
                try await keeper.command(to: settled) { try await $0.expect("echo in", says: "in\n") }
                try await server.killSessions("STOP")
                server.signal(SIGSTOP)
                let begun = ContinuousClock.now
                let error = await transportError { try await keeper.command(to: settled) { _ in } }
                server.signal(SIGCONT)
                try await server.killSessions("KILL")
                #expect(error?.code == .unreachable)
                #expect(error?.message.hasPrefix("no answer within 1 s") == true, "\(error?.message ?? "")")
                #expect(ContinuousClock.now - begun < .seconds(15))
            }
        }

        @Test func keysThatChangedAreHonoured() async throws {
            try await withHost { keeper, server, endpoint in
                try await keeper.command(to: endpoint) { try await $0.expect("echo in", says: "in\n") }
                let known = try String(contentsOfFile: server.knownHosts, encoding: .utf8)
                try "".write(toFile: server.knownHosts, atomically: true, encoding: .utf8)
                let error = await transportError { try await keeper.command(to: endpoint) { _ in } }
                #expect(error?.code == .hostKeyUnknown)
                try known.write(toFile: server.knownHosts, atomically: true, encoding: .utf8)
                try await keeper.command(to: endpoint) { try await $0.expect("echo again", says: "again\n") }
                try await expectLogins(2, of: server)
            }
        }

        @Test func whoReadsSlowlyHoldsUpNobodyElse() async throws {
            try await withHost { keeper, _, endpoint in
                try await keeper.command(to: endpoint) { try await $0.expect("echo in", says: "in\n") }
                let conversation = Conversation(try #require(UnixSocket.connected(to: keeper.place.socket)))
                conversation.open(endpoint.underTest)
                let size = 40_000_000
                conversation.run("head -c \(size) /dev/zero; echo end >&2")
                for number in 0..<8 {
                    try await keeper.command(to: endpoint) {
                        try await $0.expect("echo \(number)", says: "\(number)\n")
                    }
                }
                var count = 0
                reading: while let (answer, bytes) = conversation.next() {
                    switch answer {
                    case .wrote(_, isErrors: false): count += bytes.count
                    case .ended, .failed: break reading
                    default: break
                    }
                }
                conversation.end()
                #expect(count == size)
            }
        }

        @Test func aConnectionThatNobodyUsesEndsAndSoDoesTheKeeper() async throws {
            try await withHost { keeper, server, endpoint in
                try await keeper.command(to: endpoint, idle: .milliseconds(500)) {
                    try await $0.expect("echo in", says: "in\n")
                }
                let wait = "while [ -e \(keeper.place.socket) ]; do sleep 0.05; done"
                #expect(try await DroverProgram.run(["timeout", "30", "sh", "-c", wait]).status == 0)
                let gone = "while pgrep -P \(try server.processNumber()); do sleep 0.05; done"
                #expect(try await DroverProgram.run(["timeout", "30", "sh", "-c", gone]).status == 0)
                try await keeper.command(to: endpoint) { try await $0.expect("echo again", says: "again\n") }
                #expect(keeper.starts.withLock(\.self) == 2)
            }
        }

        @Test func nonsenseIsHungUpOnAndNobodyElseNoticesIt() async throws {
            try await withHost { keeper, server, endpoint in
                try await keeper.command(to: endpoint) { try await $0.expect("echo in", says: "in\n") }
                try await keeper.waitForIdle(1)
                let before = try Self.descriptors()
                for (bytes, isWhole) in try Self.nonsense() {
                    let conversation = Conversation(try #require(UnixSocket.connected(to: keeper.place.socket)))
                    conversation.say(raw: bytes)
                    if isWhole { while conversation.next() != nil {} }
                    conversation.end()
                }
                try await keeper.waitForIdle(1)
                #expect(try Self.descriptors() <= before + 2)
                try await keeper.command(to: endpoint) { try await $0.expect("echo again", says: "again\n") }
                try await expectLogins(1, of: server)
            }
        }

        private static func descriptors() throws -> Int {
            try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count
        }

        /// What no command says, and whether the keeper hangs up on it: the rest waits for more.
        private static func nonsense() throws -> [(bytes: [UInt8], isWhole: Bool)] {
            var random = SystemRandomNumberGenerator()
            let words = KeeperRequest.Running(
                privilege: PrivilegeRecord(.login), scriptLength: -5, deadline: .seconds(1), isForAllToSee: false)
            let run = try KeeperFrame(KeeperRequest.run(1, words)).head
            let noise = (0..<40).map { _ in (0..<64).map { _ in UInt8.random(in: 128...255, using: &random) } }
            let whole = [
                [255, 255, 255, 255, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0, 0, 0], run, run + run,
                try KeeperFrame(["x": 1]).head, try KeeperFrame(KeeperAnswer.here).head,
            ]
            let parts: [[UInt8]] = [[0, 0, 0, 1, 63, 255, 255, 255, 7], [0, 0, 0], Array(run.dropLast(3)), []]
            return (whole + noise).map { ($0, true) } + parts.map { ($0, false) }
        }
    }
}

extension Conversation {
    /// Has the keeper connect, and waits until it has.
    func open(_ endpoint: Endpoint) {
        guard let record = EndpointRecord(endpoint, in: "/") else { return }
        say(
            .open(
                KeeperRequest.Opening(
                    command: "a test", handshakesAtOnce: 1, hasConfiguration: false, endpoint: record,
                    idle: .seconds(60))))
        while let (answer, _) = next() { if case .opened = answer { return } }
    }

    /// Has the keeper run something, and waits for nothing.
    func run(_ script: String) {
        let words = KeeperRequest.Running(
            privilege: PrivilegeRecord(.login), scriptLength: script.utf8.count, deadline: .seconds(300),
            isForAllToSee: false)
        say(.run(1, words), Array(script.utf8))
    }
}

extension ThrowawaySSHD {
    /// The process that listens.
    fileprivate func processNumber() throws -> String {
        try String(contentsOf: folder.appendingPathComponent("pid"), encoding: .utf8).filter(\.isNumber)
    }
}
