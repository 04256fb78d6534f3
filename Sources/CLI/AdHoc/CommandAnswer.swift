import Fleet

/// How a command went on one host.
struct CommandAnswer: Sendable {
    let host: HostName
    /// Its exit status, or why there is none; not there when the host was left out.
    var result: Result<Int32, TransportError>?
    /// What it wrote, also when it did not come to its end.
    var output = OutputTail(ByteCount(0))
    var errors = OutputTail(ByteCount(0))
    var elapsed: Duration?
}

extension CommandAnswer {
    /// The answer as programs read it.
    struct Record: Encodable {
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
            elapsed = answer.elapsed.map { $0 / .seconds(1) }
            switch answer.result {
            case .success(let status): self.status = status
            case .failure(let failure):
                (error, code) = (failure.message, failure.code.description)
                hints = failure.hints.isEmpty ? nil : failure.hints
            case nil: (error, code) = ("left out", "leftOut")
            }
        }
    }
}

/// Shows what a command says on many hosts. Used from any thread.
protocol RunReporting: Sendable {
    /// Takes a piece of what the command writes on a host.
    func take(_ piece: [UInt8], _ stream: CommandStream, from host: HostName)
    /// A host is done; none of its pieces come after this.
    func end(_ host: HostName, _ result: Result<Int32, TransportError>?, elapsed: Duration?)
    /// All are done.
    func finish()
}
