import AdHoc
import Fleet

/// Shows what a command says on many hosts. Used from any thread.
protocol CommandReporter: Sendable {
    func tell(_ event: CommandEvent)
    /// All hosts are done.
    func finish()
}

/// One JSON object for every host, as it ends.
struct JSONCommandReporter: CommandReporter {
    let terminal: Terminal
    let store: OutputStore

    func tell(_ event: CommandEvent) {
        switch event {
        case .wrote(let host, let stream, let piece): store.take(piece, stream, from: host)
        case .ended(let end): terminal.write(line: CommandRecord(store.answer(end)), about: end.host)
        }
    }

    func finish() {}
}

/// How a command went on one host, as programs read it.
struct CommandRecord: SchemaDocument {
    static let schema = DocumentSchema(
        "command", "How a command went on one host",
        [
            .always("host", .text, "the host"),
            .maybe("status", .integer, "the command's exit status; absent where it did not end by itself"),
            .always("stdout", .text, "what it wrote, bytes that are no UTF-8 replaced"),
            .always("stderr", .text, "what it wrote there"),
            .maybe("stdoutOmitted", .integer, "bytes at the beginning that were not kept (`--keep`)"),
            .maybe("stderrOmitted", .integer, "bytes at the beginning that were not kept"),
            .maybe("elapsed", .number, "seconds by the controller's clock, without connecting"),
            .maybe("error", .text, "why there is no status, for people"),
            .maybe("code", .text, "what kind of error it is: a connection's, or `leftOut`"),
            .maybe("hints", .list(.text), "what to do about it"),
        ])

    let host: HostName
    var status: Int32?
    let stdout: String
    let stderr: String
    /// Bytes at the beginning that were not kept.
    var stdoutOmitted: Int?
    var stderrOmitted: Int?
    /// Seconds on the controller's clock, connecting not included.
    var elapsed: Double?
    /// Why there is no status.
    var error: String?
    /// What kind of error, such as `unreachable`.
    var code: String?
    var hints: [String]?

    init(_ answer: CommandAnswer) {
        host = answer.host
        stdout = answer.output.text
        stderr = answer.errors.text
        stdoutOmitted = answer.output.omitted == 0 ? nil : answer.output.omitted
        stderrOmitted = answer.errors.omitted == 0 ? nil : answer.errors.omitted
        elapsed = answer.end.elapsed.map { $0 / .seconds(1) }
        switch answer.end.result {
        case .success(let status): self.status = status
        case .failure(let failure):
            (error, code) = (failure.message, failure.code.description)
            hints = failure.hints.isEmpty ? nil : failure.hints
        case nil: (error, code) = ("left out", "leftOut")
        }
    }
}
