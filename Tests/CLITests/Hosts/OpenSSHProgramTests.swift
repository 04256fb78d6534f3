import Foundation
import TestSupport
import Testing

/// `drover` over the installed `ssh`.
@Suite(.serialized, .timeLimit(.minutes(2)), .sshd)
struct OpenSSHProgramTests {
    /// Waits until nothing runs any more whose arguments name the server's port.
    private func expectNothingLeft(_ server: ThrowawaySSHD) async throws {
        let script = """
            timeout 10 pidwait -f "[P]ort=$1"
            ! pgrep -af "[P]ort=$1"
            """
        let left = try await DroverProgram.run(["bash", "-c", script, "bash", String(server.port)])
        #expect(left.status == 0, "\(left.output)")
    }

    private let command = ["--transport", "openssh", "--", "echo begun; sleep 60"]

    @Test func leavesNothingBehindWhenItIsKilled() async throws {
        try await ThrowawaySSHD.with { server in
            let program = DroverProgram(in: server.folder)
            let inventory = try server.inventory(hosts: 2)
            let words = ["run", "-i", inventory, "all", "--stream"] + command
            let killed = try await program.run(words, sending: SIGKILL) { $0.contains("begun") }
            #expect(killed.status == 137)
            try await expectNothingLeft(server)
        }
    }

    @Test func leavesNothingBehindWhenItIsDone() async throws {
        try await ThrowawaySSHD.with { server in
            let answer = try await DroverProgram(in: server.folder).run(
                ["run", "-i", server.inventory(hosts: 3), "all", "--transport", "openssh", "--", "echo hi"])
            #expect(answer.status == 0 && answer.output.hasSuffix("\nhi\n"), "\(answer.errors)")
            #expect(!answer.errors.contains("installed ssh"), "a choice is no news")
            try await expectNothingLeft(server)
        }
    }

    @Test func anUnknownTransportIsRefused() async throws {
        try await withTemporaryFolder { folder in
            let answer = try await DroverProgram(in: folder)("ping", "--transport", "telnet")
            #expect(answer.status == 64)
            #expect(answer.errors.contains("--transport is libssh2 or openssh, not 'telnet'"))
        }
    }
}
