import Fleet
import Foundation

/// Becoming another program.
enum ProcessReplacement {
    /// Replaces this process by the program, so that terminal, signals and exit status are the program's own.
    static func become(_ words: [String]) throws -> Never {
        var arguments = words.map { strdup($0) }
        arguments.append(nil)
        // A program that is replaced keeps what it ignores; Drover ignores SIGPIPE.
        signal(SIGPIPE, SIG_DFL)
        // And what the thread keeps back that replaces it: those that do a task's work hear no signal.
        var none = sigset_t()
        sigemptyset(&none)
        pthread_sigmask(SIG_SETMASK, &none, nil)
        execvp(words[0], arguments)
        throw InputError("could not run \(words[0]): \(String(cString: strerror(errno)))")
    }
}
