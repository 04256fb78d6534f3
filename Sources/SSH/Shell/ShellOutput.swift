import Fleet

/// Both streams that a shell writes, cut into the answers of its requests.
struct ShellOutput {
    private var output: AnswerReader
    private var errors: AnswerReader

    init(token: String) { (output, errors) = (AnswerReader(token: token), AnswerReader(token: token)) }

    /// What came before the shell ran, on each stream.
    var preludes: (output: [UInt8], errors: [UInt8]) { (output.prelude, errors.prelude) }

    /// Whether the current command wrote more than it may.
    var isOverfull: Bool { output.isOverfull || errors.isOverfull }

    /// Does with the next answer what its request wants.
    mutating func expect(_ job: ShellJob?) {
        (output.limit, errors.limit) = (job?.limit ?? .max, job?.limit ?? .max)
        output.sink = job?.sink.map { sink in { sink(.output, $0) } }
        errors.sink = job?.sink.map { sink in { sink(.errors, $0) } }
    }

    mutating func feed(_ bytes: UnsafeRawBufferPointer, from stream: ShellStream) -> [AnswerReader.Event] {
        stream == .output ? output.feed(bytes) : errors.feed(bytes)
    }

    /// Gives what the current command wrote to a stream, and forgets it.
    mutating func take(_ stream: ShellStream) -> [UInt8] { stream == .output ? output.take() : errors.take() }

    /// Keeps what is held back as possible marker, when the streams have ended.
    mutating func finish() {
        output.finish()
        errors.finish()
    }
}
