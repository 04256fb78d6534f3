import Fleet
import TestSupport
import Testing

@testable import CLI

/// A misspelt command, and what is said about it.
struct MisspeltCommand: Sendable, CustomTestStringConvertible {
    let words: [String]
    let message: String
    let hints: [String]
    var testDescription: String { words.joined(separator: " ") }

    init(_ words: String, _ message: String, _ hints: String...) {
        self.words = words.split(separator: " ").map(String.init)
        (self.message, self.hints) = (message, hints)
    }
}

@Suite struct CommandNameTests {
    @Test(arguments: [
        MisspeltCommand(
            "stauts", "there is no command 'drover stauts'", "did you mean: drover status",
            "all commands: drover --help"),
        MisspeltCommand(
            "build lst", "there is no command 'drover build lst'", "did you mean: drover build list",
            "drover build has: add, list, make, prune, remove, sign"),
        MisspeltCommand(
            "deploy production", "there is no command 'drover deploy'",
            "a build goes to a stage by: drover rollout production BUILD",
            "hosts become what the stage's playbook says by: drover apply production", "all commands: drover --help"),
        MisspeltCommand(
            "undo --to x", "there is no command 'drover undo'", "the build before comes back by: drover rollback x",
            "all commands: drover --help"),
        MisspeltCommand(
            "resume", "there is no command 'drover resume'", "did you mean: drover rollout resume",
            "all commands: drover --help"),
        MisspeltCommand(
            "help rolback", "there is no command 'drover rolback'", "did you mean: drover rollback",
            "all commands: drover --help"),
        MisspeltCommand("qwertyuiop x y", "there is no command 'drover qwertyuiop'", "all commands: drover --help"),
    ])
    func theNearestIsSuggested(_ example: MisspeltCommand) throws {
        let error = try #require(throws: InputError.self) { try CommandNames.check(example.words) }
        #expect(error.message == example.message)
        #expect(error.hints == example.hints)
    }

    @Test(arguments: [
        [], ["--help"], ["--version"], ["help"], ["help", "build"], ["status"], ["build", "--help"], ["build"],
        ["rollout", "production", "x"], ["rollout", "resume"], ["run", "all", "--", "stauts"], ["---completion", "x"],
    ])
    func whatIsACommandIsLeftAlone(_ words: [String]) throws { try CommandNames.check(words) }

    @Test func theProgramEndsWithTheStatusOfWrongUsage() async throws {
        try await withTemporaryFolder { folder in
            let ended = try await DroverProgram(in: folder)("stauts", "--format", "json")
            #expect(ended.status == 64)
            #expect(ended.errors.hasPrefix("error: there is no command 'drover stauts'\nhint: did you mean"))
            #expect(ended.output.contains(#""code":"unknownName""#), "\(ended.output)")
        }
    }
}
