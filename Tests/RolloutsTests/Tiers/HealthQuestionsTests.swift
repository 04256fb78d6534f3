import Fleet
import Foundation
import TestSupport
import Testing

@testable import Rollouts

/// A host is found well by a command, or by its units: the script is run by a real shell.
@Suite struct HealthQuestionsTests {
    private func asking(
        _ questions: [HealthQuestions.Question], seconds: Int = 1, units: String = "active",
        _ body: (HealthQuestions, CommandResult, HostName) throws -> Void
    ) async throws {
        try await withTemporaryFolder { folder in
            let host = try ReleaseHost(in: folder)
            try host.replace(
                "systemctl",
                by: """
                    case "$*" in
                    is-active*) echo \(units);;
                    *ActiveState*) echo \(units);;
                    *NRestarts*) echo 0;;
                    *Type*) printf 'Type=simple\\nResult=success\\n';;
                    esac
                    """)
            try FileManager.default.createDirectory(
                atPath: host.layout.root, withIntermediateDirectories: true)
            try FileManager.default.createSymbolicLink(
                atPath: host.layout.root + "/current", withDestinationPath: "releases/\(Builds.two.release)")
            let check = HealthQuestions(questions, seconds: seconds, layout: host.layout)
            let shell = LocalHostTransport(
                shell: LocalShellTransport(host: host.name), programs: folder.appendingPathComponent("programs"))
            let result = try await shell.run(
                RemoteCommand(
                    shell: check.script(release: Builds.two.release), privilege: .login, deadline: .seconds(30)),
                outputLimit: .mebibytes(1))
            try body(check, result, host.name)
        }
    }

    @Test func aCommandThatEndsWellIsEnough() async throws {
        try await asking([.command("echo three jobs; echo done")]) { _, result, _ in
            #expect(result.status == 0 && result.text == "done\n")
        }
    }

    @Test func aCommandThatEndsBadlyIsToldWithItsStatusAndLastLine() async throws {
        try await asking([.units, .command("echo no queue >&2; exit 3")]) { check, result, host in
            let error = check.error(on: host, result)
            #expect(result.status == 1 && error.code == .unhealthy)
            #expect(error.message == "not healthy after 1 s: echo no queue >&2; exit 3 ends with status 3: no queue")
        }
    }

    @Test func unitsThatRunAreEnough() async throws {
        try await asking([.units]) { _, result, _ in
            #expect(result.status == 0 && result.text == "every unit runs\n")
        }
    }

    @Test func aUnitThatHasFailedIsNotWaitedFor() async throws {
        let clock = ContinuousClock()
        let begun = clock.now
        try await asking([.units], seconds: 60, units: "failed") { check, result, host in
            #expect(result.status == HealthScript.unitFailed)
            #expect(check.error(on: host, result).message.hasPrefix("bookmark.service has failed: "))
        }
        #expect(clock.now - begun < .seconds(30))
    }

    @Test func aUnitThatComesUpTooLateIsNamed() async throws {
        try await asking([.units], units: "activating") { check, result, host in
            #expect(
                check.error(on: host, result).message == "not healthy after 1 s: bookmark.service is activating")
        }
    }

    @Test func anotherReleaseIsToldByItsName() async throws {
        try await withTemporaryFolder { folder in
            let host = try ReleaseHost(in: folder)
            let check = HealthQuestions([.units], seconds: 1, layout: host.layout)
            let result = try await LocalShellTransport(host: host.name).run(
                RemoteCommand(shell: check.script(release: Builds.two.release), privilege: .login),
                outputLimit: .mebibytes(1))
            #expect(result.status == ReleaseScript.Status.reverted)
        }
    }
}
