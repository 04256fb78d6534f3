import Foundation
import TestSupport
import Testing

/// What a job leaves that is ended by its runner.
@Suite(.timeLimit(.minutes(2))) struct EndedJobTests {
    /// Two tasks on this machine: the first one waits for the file `go`, the second one leaves the file `second`.
    private func run(_ cues: (URL) -> [Cue], _ check: (Transcript, URL) throws -> Void) async throws {
        try await withTemporaryFolder { folder in
            let wait = "while [ -d \(folder.path) ] && ! [ -e \(folder.path)/go ]; do sleep 0.1; done"
            let play = """
                - hosts: all
                  gather_facts: false
                  tasks:
                    - shell: "\(wait)"
                    - shell: touch \(folder.path)/second

                """
            try play.write(to: folder.appendingPathComponent("play.yml"), atomically: true, encoding: .utf8)
            try "here ansible_connection=local\n".write(
                to: folder.appendingPathComponent("local"), atomically: true, encoding: .utf8)
            let words = ["apply", "play.yml", "-i", "local", "--ci", "--format", "json", "--junit", "report.xml"]
            try check(try await DroverProgram(in: folder).run(words, cues: cues(folder)), folder)
            #expect(!FileManager.default.fileExists(atPath: folder.path + "/second"))
        }
    }

    private static let begun = #""event":"task""#

    private func objects(_ transcript: Transcript) throws -> [[String: Any]] {
        try transcript.output.split(separator: "\n").filter { $0.hasPrefix("{") }.map {
            try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
        }
    }

    private func command(_ folder: URL) throws -> ReportReader.Test? {
        try ReportReader.read(String(contentsOf: folder.appendingPathComponent("report.xml"), encoding: .utf8)).tests
            .last
    }

    @Test func oneSignalLetsTheTaskInHandEnd() async throws {
        try await run { folder in
            [Cue(SIGTERM, onceItSays: Self.begun), Cue(file: folder.path + "/go", onceItSays: "stopping after")]
        } _: { transcript, folder in
            #expect(transcript.status == 1, "\(transcript.output)")
            let objects = try objects(transcript)
            #expect(objects.contains { $0["event"] as? String == "recap" })
            #expect(objects.last?["event"] as? String == "error" && objects.last?["exit"] as? Int == 1)
            let failure = try command(folder)?.failure
            #expect(failure?.hasPrefix("it ended with status 1") == true)
        }
    }

    @Test func aSecondSignalStopsItNow() async throws {
        try await run { _ in
            [Cue(SIGTERM, onceItSays: Self.begun), Cue(SIGTERM, onceItSays: "stopping after")]
        } _: { transcript, folder in
            #expect(transcript.status == 1, "\(transcript.output)")
            let last = try objects(transcript).last
            #expect(last?["event"] as? String == "error" && last?["exit"] as? Int == 1, "\(transcript.output)")
            let failure = try command(folder)?.failure
            #expect(failure?.isEmpty == false)
        }
    }

    @Test func aKilledJobHasNoEarlierReportToShow() async throws {
        try await run { _ in
            [Cue(SIGKILL, onceItSays: Self.begun)]
        } _: { transcript, folder in
            #expect(transcript.status == 128 + SIGKILL)
            let failure = try command(folder)?.failure
            #expect(failure == "the command was ended before it could report")
        }
    }
}
