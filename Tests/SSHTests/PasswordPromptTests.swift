import Fleet
import Testing

@testable import SSH

@Suite struct PasswordPromptTests {
    private func steps(
        _ said: [String], question: String? = "asks:", password: Secret<String>? = Secret("p")
    ) -> [PasswordPrompt.Step] {
        var gate = PasswordPrompt(question: question, word: "runs", password: password)
        var errors = ""
        return said.map { part in
            errors += part.hasPrefix("runs") ? "" : part
            return gate.next(output: Array((part.hasPrefix("runs") ? part : "").utf8), errors: Array(errors.utf8))
        }
    }

    @Test func thePasswordIsGivenOnceAndOnlyWhenAskedFor() {
        #expect(steps(["runs\n"]) == [.open])
        #expect(steps(["lecture: one\n", "as", "ks:", "", "runs\n"]) == [.wait, .wait, .answer, .wait, .open])
        #expect(steps(["asks:", "Sorry, try again.\n", "asks:"]) == [.answer, .wait, .giveUp])
        #expect(steps(["asks:"], password: nil) == [.giveUp])
    }

    @Test func sudoRSAsksInItsOwnWordsOrAroundOurs() {
        #expect(steps(["[sudo: authenticate] Password: ", "runs\n"]) == [.answer, .open])
        #expect(steps(["[sudo: asks:] Password: ", "\n", "runs\n"]) == [.answer, .wait, .open])
        let again = "\nsudo: Authentication failed, try again.\n[sudo: authenticate] Password: "
        #expect(steps(["[sudo: authenticate] Password: ", again]) == [.answer, .giveUp])
    }

    @Test func suAsksInAnyLanguage() {
        #expect(steps(["Passwort: ", "\n", "runs\n"], question: nil) == [.answer, .wait, .open])
        #expect(steps(["パスワード:"], question: nil) == [.answer])
        #expect(steps(["Password: "], question: nil, password: nil) == [.giveUp])
    }

    @Test func theQuestionIsNotRepeated() {
        let gate = PasswordPrompt(question: "asks:", word: "runs", password: nil)
        #expect(!gate.cleaned("asks:Sorry, try again.\nasks:").contains("asks"))
    }
}
