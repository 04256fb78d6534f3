import Foundation

extension DroverProgram {
    /// Runs the program at a terminal of its own, and types an answer to each question that ends in a colon. What was
    /// shown, on whichever stream, is its output.
    public func run(_ arguments: [String], typing answers: [String]) async throws -> Transcript {
        let words = ["python3", "-c", Self.terminal, String(answers.count)] + answers
        return try await Self.run(["env", "-C", folder] + settings + words + [Self.binary] + arguments)
    }

    private static let terminal = """
        import os, pty, sys
        count = 2 + int(sys.argv[1])
        answers, words = sys.argv[2:count], sys.argv[count:]
        child, terminal = pty.fork()
        if child == 0:
            os.execvp(words[0], words)
        shown = b""
        while True:
            try:
                part = os.read(terminal, 4096)
            except OSError:
                break
            shown += part
            if answers and part.rstrip().endswith(b":"):
                os.write(terminal, (answers.pop(0) + "\\n").encode())
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        sys.stdout.buffer.write(shown)
        sys.stdout.flush()
        sys.exit(status)
        """
}
