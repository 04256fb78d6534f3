import Foundation
import TestSupport
import Testing

/// Commands as a job of continuous integration runs them.
@Suite struct UnattendedProgramTests {
    private func run(
        _ arguments: [String], _ environment: [String: String] = [:], _ check: (Transcript, URL) throws -> Void
    ) async throws {
        try await withTemporaryFolder { folder in
            let own = [
                "play.yml": "- hosts: all\n  gather_facts: false\n  tasks:\n    - fail: {msg: \"a<b\\a\"}\n",
                "local": "here ansible_connection=local\n",
            ]
            for (name, text) in BadInput.wholesome.merging(own, uniquingKeysWith: { $1 }) {
                try text.replacingOccurrences(of: "PORT", with: "1").write(
                    toFile: folder.path + "/" + name, atomically: true, encoding: .utf8)
            }
            let state = ["DROVER_STATE": folder.path + "/state"]
            let drover = DroverProgram(in: folder, environment: state.merging(environment) { $1 })
            try check(try await drover.run(arguments), folder)
        }
    }

    @Test(arguments: [
        ["rollout", "staging", "hosts.yml"], ["promote", "--to", "staging"], ["rollback", "staging"],
        ["restart", "staging"], ["stop", "staging"], ["start", "staging"],
        ["rollout", "resume", "staging"], ["apply", "staging"], ["apply", "play.yml", "-i", "local"],
    ])
    func nothingIsAsked(_ command: [String]) async throws {
        for words in [["--ci"], []] {
            try await run(command + ["-J"] + words, ["CI": words.isEmpty ? "true" : "false"]) { transcript, _ in
                #expect(transcript.status == 64)
                let asked = transcript.errors.contains("'Vault password' can't be asked for: --ci asks nothing")
                // A promotion finds out first that no stage comes after another.
                #expect(asked || command[0] == "promote", "\(transcript.errors)")
            }
        }
        try await run(command + ["-J", "--no-ci"], ["CI": "true"]) { transcript, _ in
            #expect(!transcript.errors.contains("--ci asks nothing"))
        }
    }

    private func report(_ folder: URL) throws -> [ReportReader.Test] {
        try ReportReader.read(String(contentsOf: folder.appendingPathComponent("report.xml"), encoding: .utf8)).tests
    }

    @Test func aFailedTaskIsAFailedHost() async throws {
        try await run(["apply", "play.yml", "-i", "local", "--junit", "report.xml"]) { transcript, folder in
            #expect(transcript.status == 1)
            let tests = try report(folder)
            #expect(tests.map(\.place) == ["hosts here", "command drover apply"])
            #expect(tests.map(\.failure) == [#"a<b\x07"#, "it ended with status 1, failed: here"])
            let left = try FileManager.default.contentsOfDirectory(atPath: folder.path)
            #expect(left.filter { $0.contains("report") } == ["report.xml"])
        }
    }

    /// Where nothing could even begin, the report says why.
    @Test func aReportIsWrittenHoweverItEnds() async throws {
        try await run(["rollout", "staging", "abcd", "--junit", "report.xml"]) { transcript, folder in
            #expect(transcript.status != 0)
            let tests = try report(folder)
            #expect(tests.map(\.place) == ["command drover rollout"])
            #expect(tests.first?.failure?.isEmpty == false && tests.first?.failure?.contains("was ended") == false)
        }
        try await run(["rollout", "staging", "abcd", "--junit", "gone/report.xml"]) { transcript, folder in
            #expect(
                transcript.status == 64 && transcript.errors.contains("gone/report.xml: the file cannot be written"))
            #expect(!FileManager.default.fileExists(atPath: folder.path + "/state"), "before anything was begun")
        }
    }
}
