import Fleet
import Foundation

extension Terminal {
    /// Whether somebody is there to type an answer.
    var canAsk: Bool { !isUnattended && isatty(STDIN_FILENO) == 1 }

    /// Asks for a secret on the terminal, and does not show what is typed.
    ///
    /// - Parameters:
    ///   - prompt: What is asked, such as `Vault password: `.
    ///   - other: What an empty line stands for, if it stands for anything.
    ///   - instead: What to do where nobody is there to type.
    /// - Throws: ``InputError`` without a terminal, and when nothing is typed.
    func ask(
        _ prompt: String, else other: Secret<String>? = nil, instead: String
    ) throws(InputError) -> Secret<String> {
        let name = prompt.trimmingCharacters(in: CharacterSet(charactersIn: ": "))
        guard canAsk else {
            let reason = isUnattended ? "--ci asks nothing" : "standard input is no terminal"
            throw InputError("'\(name)' can't be asked for: \(reason)", hints: [instead])
        }
        let typed = SilentLine.read(after: prompt) ?? ""
        if typed.isEmpty, let other { return other }
        guard !typed.isEmpty else { throw InputError("'\(name)' was not given", hints: [instead]) }
        redactor.add(typed)
        return Secret(typed)
    }
}

/// A line that is typed without being shown.
private enum SilentLine {
    private nonisolated(unsafe) static var shown = termios()
    // Written before the handler that reads it is set, while nothing else runs: passwords are asked for one by one.

    static func read(after prompt: String) -> String? {
        tcgetattr(STDIN_FILENO, &shown)
        var silent = shown
        silent.c_lflag &= ~tcflag_t(ECHO)
        let earlier = [SIGINT, SIGTERM].map { number in
            signal(number) { number in
                tcsetattr(STDIN_FILENO, TCSANOW, &SilentLine.shown)
                _exit(128 + number)
            }
        }
        // What was typed ahead was shown: it is no answer.
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent)
        Terminal.put(VisibleText.line(prompt), on: STDERR_FILENO)
        let line = readLine()
        Terminal.put("\n", on: STDERR_FILENO)
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown)
        for (number, handler) in zip([SIGINT, SIGTERM], earlier) { signal(number, handler) }
        return line
    }
}
