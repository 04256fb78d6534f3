import Fleet
import TestSupport
import Testing

/// Words on their way through a shell.
@Suite struct ShellQuotingTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        let word: String
        let quoted: String
        var testDescription: String { name }
    }

    @Test(arguments: [
        Case(name: "plain word", word: "nginx", quoted: "nginx"),
        Case(name: "path", word: "/usr/bin/a-b_c.d:e,f@g%h+", quoted: "/usr/bin/a-b_c.d:e,f@g%h+"),
        Case(name: "empty word", word: "", quoted: "''"),
        Case(name: "single quote", word: "it's", quoted: #"'it'\''s'"#),
        Case(name: "only quotes", word: "''", quoted: #"''\'''\'''"#),
        Case(name: "newline", word: "a\nb", quoted: "'a\nb'"),
        Case(name: "dollar", word: "$HOME", quoted: "'$HOME'"),
        Case(name: "tilde", word: "~root", quoted: "'~root'"),
        Case(name: "assignment", word: "A=1", quoted: "'A=1'"),
        Case(name: "comment", word: "#x", quoted: "'#x'"),
        Case(name: "letters of other scripts", word: "héron", quoted: "'héron'"),
    ])
    func quotesOneWord(_ example: Case) {
        #expect(RemoteCommand.quote(example.word) == example.quoted)
    }

    /// What a shell makes of hundreds of odd words is what went in.
    @Test(arguments: ["sh", "bash"])
    func aShellReadsBackWhatWasQuoted(_ shell: String) async throws {
        var dice = Dice(17)
        let letters = Array("ab'\"\\$`!*?[]{}()<>|&;~#=%^ \t\n\r\u{1}\u{7f}é服-/").map(String.init)
        let words = (0..<400).map { _ in
            (0..<Int.random(in: 0...12, using: &dice)).map { _ in dice.pick(letters) }.joined()
        }
        let command = RemoteCommand(["printf", "%s\\0"] + words)
        let said = try await DroverProgram.run([shell, "-c", command.shellLine])
        #expect(
            said.output.split(separator: "\0", omittingEmptySubsequences: false).dropLast().map(String.init) == words)
    }

    @Test func anAnswerThatIsNotUTF8IsStillText() {
        let result = CommandResult(status: 1, output: [0x61, 0xff], errors: [0xc3])
        #expect(result.text == "a\u{fffd}" && result.errorText == "\u{fffd}" && !result.succeeded)
    }
}
