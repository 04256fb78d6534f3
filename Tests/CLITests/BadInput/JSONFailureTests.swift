import Foundation
import TestSupport
import Testing

/// Whatever goes wrong, a program that asked for JSON gets an object that says so.
@Suite struct JSONFailureTests {
    private func failure(_ transcript: Transcript) throws -> [String: Any] {
        let lines = transcript.output.split(separator: "\n")
        let objects = try lines.map {
            try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
        }
        #expect(objects.allSatisfy { $0["version"] as? Int == 1 }, "\(transcript.output)")
        return try #require(objects.last, "\(transcript.errors)")
    }

    private func run(_ example: BadInput, _ more: [String: String] = [:]) async throws -> Transcript {
        try await withTemporaryFolder { folder in
            let files = BadInput.wholesome.merging(example.files) { _, own in own }.merging(more) { _, own in own }
            for (name, text) in files {
                try text.replacingOccurrences(of: "PORT", with: "1").write(
                    toFile: folder.path + "/" + name, atomically: true, encoding: .utf8)
            }
            let drover = DroverProgram(in: folder, environment: ["DROVER_STATE": folder.path + "/state"])
            return try await drover.run(example.arguments + ["--format", "json"])
        }
    }

    @Test(arguments: BadInput.inventories + BadInput.playbooks + BadInput.builds + BadInput.flags)
    func badInputIsAnObject(_ example: BadInput) async throws {
        let transcript = try await run(example)
        let object = try failure(transcript)
        #expect(object["event"] as? String == "error")
        #expect(object["exit"] as? Int == Int(example.status) && transcript.status == example.status)
        #expect((object["error"] as? String)?.isEmpty == false)
        #expect(object["hints"] is [String])
        let error = try #require(transcript.errors.split(separator: "\n").first { $0.hasPrefix("error: ") })
        if let match = error.firstMatch(of: /^error: (\w+\.yml):(\d+)/), let line = Int(match.2) {
            #expect(object["file"] as? String == String(match.1) && object["line"] as? Int == line, "\(object)")
        }
    }

    private static func stage(_ name: String, _ arguments: String..., status: Int32, says: String...) -> BadInput {
        BadInput(name: name, arguments: arguments, status: status, says: says)
    }

    @Test(arguments: [
        stage(
            "nothing to resume", "rollout", "resume", "staging", "--force", "alone", status: 1,
            says: "no rollout is unfinished"),
        stage(
            "nothing to go back to", "rollback", "staging", "--force", "alone", status: 1,
            says: "no build that was ever good"),
        stage("no such run", "history", "--run", "9", status: 64, says: "no such run"),
        stage("nothing to promote to", "promote", status: 64, says: "stages to promote to"),
        stage("no such stage", "pool", "status", "stagin", status: 64, says: "no stage 'stagin'"),
        stage("no service", "status", "--service", "gone.yml", status: 64, says: "no such file"),
        stage("nobody answers a rollout", "rollout", "staging", "abcd", status: 64, says: "no build has such a name"),
        stage("nobody answers an apply", "apply", "staging", status: 1, says: "hosts and balancers answer"),
        stage("no such build", "build", "remove", "abcd", status: 64, says: "no build has such a name"),
        stage("no build to prune by", "build", "prune", "--keep", "-1", status: 64, says: "keep"),
        stage("no journal in it", "state", "import", "site.yml", status: 64, says: "no exported journal"),
        stage("no such export", "state", "import", "gone.jsonl", status: 64, says: "cannot be read"),
        stage("no folder", "state", "export", "gone/out", status: 64, says: "cannot be written"),
        stage("nobody to ask", "apply", "staging", "-K", "--ci", status: 64, says: "--ci asks nothing"),
        stage("no hosts", "apply", "site.yml", "-i", "hosts.yml", "--limit", "db9", status: 64, says: "db9"),
        stage("wrong subcommand", "roll", status: 64, says: "there is no command 'drover roll'"),
    ])
    fileprivate func failuresOfStagesAreObjects(_ example: BadInput) async throws {
        let transcript = try await run(example)
        let object = try failure(transcript)
        #expect(transcript.status == example.status, "\(transcript.errors)")
        #expect(object["exit"] as? Int == Int(example.status))
        for fragment in example.says { #expect((object["error"] as? String)?.contains(fragment) == true, "\(object)") }
    }

    @Test func aRunThatFailsEndsWithAnObject() async throws {
        let play = "- hosts: all\n  gather_facts: false\n  tasks:\n    - fail: {msg: no}\n"
        let example = BadInput(name: "", arguments: ["apply", "play.yml", "-i", "local"], status: 1, says: [])
        let transcript = try await run(example, ["play.yml": play, "local": "here ansible_connection=local\n"])
        let object = try failure(transcript)
        #expect(object["event"] as? String == "error" && object["exit"] as? Int == 1)
        #expect(object["host"] as? String == "here" && object["line"] as? Int == 4, "\(object)")
        let plan = BadInput(name: "", arguments: ["plan", "play.yml", "-i", "local", "--detailed-exitcode"], says: [])
        let changes = "- hosts: all\n  gather_facts: false\n  tasks:\n    - shell: date\n"
        let found = try await run(plan, ["play.yml": changes, "local": "here ansible_connection=local\n"])
        #expect(found.status == 2)
        #expect(try failure(found)["event"] as? String == "recap")
    }

    /// Its own answer says which hosts failed.
    @Test func anAnswerOfItsOwnIsEnough() async throws {
        let example = BadInput(name: "", arguments: ["ping", "-i", "hosts.yml"], status: 1, says: [])
        let transcript = try await run(example)
        let rows = try JSONSerialization.jsonObject(with: Data(transcript.output.utf8)) as? [[String: Any]]
        #expect(rows?.count == 2 && transcript.status == 1)
    }
}
