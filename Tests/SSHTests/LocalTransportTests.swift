import Fleet
import Foundation
import SSH
import TestSupport
import Testing

/// This machine answers as a host does.
@Suite(.timeLimit(.minutes(2)))
struct LocalTransportTests {
    private func withLocal(_ body: (any Transport) async throws -> Void) async throws {
        let endpoint = Endpoint(host: try HostName("here"), connection: .local, address: "localhost")
        try await withTransport(to: endpoint, body)
    }

    @Test(arguments: SSHDTests.CommandTests.cases)
    func answersAre(_ example: SSHDTests.CommandTests.Case) async throws {
        try await withLocal { transport in
            let command = RemoteCommand(shell: example.script, input: Array(example.input.utf8), deadline: .seconds(60))
            let result = try await transport.run(command)
            #expect(result.status == example.status)
            #expect(result.text == example.output)
            #expect(result.errorText == example.errors)
            try await transport.expect("echo still here", says: "still here\n")
        }
    }

    @Test func largeInputComesBack() async throws {
        let bytes = (0..<20_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
        try await withLocal { transport in
            let result = try await transport.run(RemoteCommand(shell: "cat", input: bytes))
            #expect(result.output == bytes)
        }
    }

    @Test func anExpiredCommandIsEnded() async throws {
        try await withLocal { transport in
            let mark = "13579.\(UInt32.random(in: 1000...999_999))"
            let error = await transportError {
                _ = try await transport.run(RemoteCommand(shell: "sleep \(mark)", deadline: .milliseconds(200)))
            }
            #expect(error?.code == .timedOut)
            try await transport.expect("pgrep -f '[s]leep \(mark)'", says: "")
        }
    }

    @Test func filesAreCopied() async throws {
        try await withTemporaryFolder { folder in
            let (source, target) = (folder.appendingPathComponent("a").path, folder.appendingPathComponent("b").path)
            try Data((0..<3_000_000).map { UInt8(truncatingIfNeeded: $0) }).write(to: URL(fileURLWithPath: source))
            try await withLocal { try await $0.upload(source, to: target, mode: 0o755, privilege: .login) }
            #expect(FileManager.default.contentsEqual(atPath: source, andPath: target))
            #expect(FileManager.default.isExecutableFile(atPath: target))
        }
    }
}
