import Fleet
import Testing

@testable import SSH

@Suite struct PasswordGateTests {
    private func steps(
        _ said: [String], question: String? = "asks:", password: Secret<String>? = Secret("p")
    ) -> [PasswordGate.Step] {
        var gate = PasswordGate(question: question, word: "runs", password: password)
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

    @Test func suAsksInAnyLanguage() {
        #expect(steps(["Passwort: ", "\n", "runs\n"], question: nil) == [.answer, .wait, .open])
        #expect(steps(["パスワード:"], question: nil) == [.answer])
        #expect(steps(["Password: "], question: nil, password: nil) == [.giveUp])
    }

    @Test func theQuestionIsNotRepeated() {
        let gate = PasswordGate(question: "asks:", word: "runs", password: nil)
        #expect(!gate.cleaned("asks:Sorry, try again.\nasks:").contains("asks"))
    }
}
