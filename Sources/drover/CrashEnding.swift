import Glibc

/// How the program ends after a fault of its own.
enum CrashEnding {
    /// Makes such an end prompt: the Swift runtime would first look for its backtrace, which takes a minute and more where
    /// the program is large, and whoever waits for the exit status waits too. `SWIFT_BACKTRACE` in the environment keeps it.
    static func bePrompt() {
        guard getenv("SWIFT_BACKTRACE") == nil else { return }
        signal(SIGQUIT, SIG_DFL)
        for number in [SIGILL, SIGTRAP, SIGABRT, SIGSEGV, SIGBUS, SIGFPE] { signal(number, tellAndEnd) }
    }
}

/// Only what a signal handler may do: no allocation, no lock. The signal comes again once it returns, and ends the process.
private func tellAndEnd(_ number: Int32) {
    let notice: StaticString = """
        error: drover was ended by a fault of its own
        hint: what it had begun may be unfinished; 'drover status STAGE' shows a stage, 'drover rollout resume STAGE' goes on with it
        hint: report it with what SWIFT_BACKTRACE=enable=yes in the environment adds to this, which may take a minute

        """
    write(2, notice.utf8Start, notice.utf8CodeUnitCount)
    signal(number, SIG_DFL)
    raise(number)
}
