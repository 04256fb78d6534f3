import ArgumentParser
import Fleet
import Testing

@testable import CLI

struct WithoutCase: Sendable, CustomTestStringConvertible {
    let words: [String]
    let reasons: [String: String]
    var testDescription: String { words.joined(separator: " ") }
}

@Suite struct WithoutOptionsTests {
    @Test(arguments: [
        WithoutCase(
            words: ["rollout", "production", "b.tar.gz", "--without", "lb2", "new disks"], reasons: ["lb2": "new disks"]
        ),
        WithoutCase(
            words: ["rollout", "--without", "lb2", "new disks", "production", "b.tar.gz"], reasons: ["lb2": "new disks"]
        ),
        WithoutCase(
            words: ["rollout", "production", "--without", "lb2", "a", "b.tar.gz", "--without", "lb3", "b"],
            reasons: ["lb2": "a", "lb3": "b"]),
        WithoutCase(words: ["rollout", "production", "b.tar.gz"], reasons: [:]),
    ])
    func takesABalancerAndAReasonAnywhere(_ example: WithoutCase) throws {
        let command = try Drover.parseAsRoot(WithoutOptions.joined(example.words))
        let start = try #require(command as? Drover.RolloutCommand.Start)
        #expect(start.stage == "production" && start.build == "b.tar.gz")
        let reasons = try start.without.reasons()
        #expect(Dictionary(uniqueKeysWithValues: reasons.map { ($0.key.description, $0.value) }) == example.reasons)
    }

    @Test(arguments: [
        ["rollback", "production", "--without", "lb2"], ["rollback", "production", "--without", "lb2", " "],
        ["rollback", "production", "--without"], ["apply", "production", "--without", "lb2", "--check"],
    ])
    func wantsAReason(_ words: [String]) {
        #expect(throws: (any Error).self) { try Drover.parseAsRoot(WithoutOptions.joined(words)) }
    }

    @Test func leavesOtherCommandsWordsAlone() {
        let words = ["run", "-i", "x", "all", "tool", "--without", "a", "b"]
        #expect(WithoutOptions.joined(words) == words)
        let past = ["apply", "--", "--without", "a", "b"]
        #expect(WithoutOptions.joined(past) == past)
    }
}
