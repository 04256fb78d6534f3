import Fleet

/// What a shell is asked to run.
struct ShellRequest {
    var script: String
    var input: WriteQueue.Item = .bytes([])
    /// Whether nothing is run, and only the shell itself answers.
    var isEmpty = false
    /// Whether the script reads from the connection itself, and takes exactly `input`.
    var isInputRaw = false
    /// Whether what it writes goes straight to the connection: it reads nothing, and starts nothing that outlives it.
    var isDirect = false
    var limit: Int
    var deadline: Duration
    /// Whether the deadline counts from the last progress instead of from the beginning.
    var isStallLimit = false
    /// Takes the output as it comes; the answer then holds none.
    var sink: OutputSink?
}

/// What came of a request.
enum ShellOutcome {
    case answer(CommandResult)
    /// The caller stopped waiting; the command may still run.
    case stopped(StopReason)
    /// The shell itself ended, with what the command had written.
    case ended(CommandResult, exit: ShellExit)
    /// The shell never ran: its exit, and what was said instead.
    case refused(exit: ShellExit, said: String)
    case lost(TransportError)
}

enum StopReason {
    case expired, overfull, cancelled
}
