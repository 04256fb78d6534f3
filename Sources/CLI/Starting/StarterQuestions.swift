import Fleet
import Foundation

/// Asks on the terminal what no flag says; without one, what is usual holds.
struct StarterQuestions: Sendable {
    let terminal: Terminal
    /// Whether somebody is there to answer.
    let asks: Bool

    /// One line of text.
    /// - Parameter check: Gives what the answer means, or throws why it can mean nothing; then it is asked again.
    /// - Throws: ``InputError`` when the input ends, or the usual answer is no good either.
    func text<Answer>(
        _ question: String, usual: String, check: (String) throws(InputError) -> Answer
    ) throws(InputError) -> Answer {
        guard asks else { return try check(usual) }
        while true {
            terminal.prompt(usual.isEmpty ? "\(question): " : "\(question) [\(usual)]: ")
            guard let line = readLine() else {
                terminal.say("")
                throw InputError("the input ended before everything was answered", hints: ["nothing was written"])
            }
            let typed = line.trimmingCharacters(in: .whitespaces)
            do throws(InputError) { return try check(typed.isEmpty ? usual : typed) } catch {
                terminal.tell(error: error.message, hints: error.hints)
            }
        }
    }
}

extension Terminal {
    /// Shows what is to be answered in the rest of the line.
    func prompt(_ text: String) { Self.put(VisibleText.line(redactor(text)), on: STDERR_FILENO) }
}
