import Fleet

/// What is sent to a shell: while sudo or su may ask for a password only the answer to that, the rest once the shell runs.
struct ShellInput {
    private var queue = WriteQueue()
    private var prompt: PasswordPrompt?
    /// What is written once the shell runs.
    private var backlog: [WriteQueue.Item] = []
    /// How many bytes are on their way.
    private(set) var written = 0
    /// Whether the first request went with the line that starts the shell.
    private let carriesFirst: Bool

    init(_ launch: ShellLaunch) {
        (prompt, carriesFirst) = (launch.prompt, launch.carriesFirst)
        append(.bytes(launch.opening))
    }

    private mutating func append(_ item: WriteQueue.Item) {
        if prompt == nil { queue.append(item) } else { backlog.append(item) }
    }

    /// Appends a request as ``RunnerScript`` reads it.
    ///
    /// - Parameter isAlone: Whether the whole last answer has been seen.
    mutating func append(_ request: ShellRequest, as sequence: Int, isAlone: Bool) {
        if sequence == 1, carriesFirst { return }
        if request.isEmpty { return append(.bytes(Array("\(sequence) n 0 0 p\n".utf8))) }
        var script = Array(request.script.utf8)
        let isLine = script.count <= RunnerScript.longestLine && !script.contains(RunnerScript.lineEnd)
        if isLine { script = script.map { $0 == UInt8(ascii: "\n") ? RunnerScript.lineEnd : $0 } }
        let inputCount =
            switch request.input {
            case _ where request.isInputRaw: "r"
            case _ where request.isDirect: "d"
            case .bytes(let bytes): "\(bytes.count)"
            case .file(_, _, let count): "\(count)"
            }
        let header = "\(sequence) \(isLine ? "l" : "b") \(script.count) \(inputCount) \(isAlone ? "a" : "p")\n"
        append(.bytes(Array(header.utf8) + script + (isLine ? [UInt8(ascii: "\n")] : [])))
        append(request.input)
    }

    /// Hands over the password when it is asked for, and everything else once the shell runs.
    ///
    /// - Parameter said: What came on each stream before the shell ran.
    /// - Returns: Whether anything can still come of the shell.
    mutating func passPrompt(_ said: (output: [UInt8], errors: [UInt8])) -> Bool {
        guard let step = prompt?.next(output: said.output, errors: said.errors) else { return true }
        switch step {
        case .wait: break
        case .answer: queue.append(.bytes(Array("\(prompt?.password?.reveal() ?? "")\n".utf8)))
        case .open:
            prompt = nil
            for item in backlog { queue.append(item) }
            backlog = []
        case .giveUp: return false
        }
        return true
    }

    /// What came instead of the shell, for people.
    func refusal(_ said: (output: [UInt8], errors: [UInt8])) -> String {
        let text = String(decoding: said.errors, as: UTF8.self) + "\n" + String(decoding: said.output, as: UTF8.self)
        return prompt?.cleaned(text) ?? text
    }

    /// Writes what comes next.
    /// - Returns: What came of it; `nil` when there is nothing to write.
    /// - Throws: ``OpenFile/Shrunk`` when a file ends before its part does.
    mutating func write(to port: any ShellPort) throws(OpenFile.Shrunk) -> IOResult? {
        let result = try queue.withNext { port.write($0) }
        if case .done(let count)? = result {
            queue.consume(count)
            written += count
        }
        return result
    }
}
