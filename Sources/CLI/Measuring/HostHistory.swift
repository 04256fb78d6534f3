import AdHoc
import Fleet
import Sampling

/// What an agent kept of a host, asked over SSH.
enum HostHistory {
    /// What a host answered.
    struct Answer: Sendable {
        /// What the host is.
        var machine: MachineName?
        /// Oldest first; `nil` where no agent is there.
        var samples: [Sample]?
    }

    /// From when to when, and how long each sample is, in seconds.
    struct Span: Sendable, Equatable {
        var from: Int64
        var to: Int64
        var step: Int
    }

    /// Where the agent's program is.
    static let program = "/usr/local/bin/drover-agent"

    /// Asks one host.
    /// - Throws: ``TransportError`` `.badAnswer` when the agent's program fails.
    static func ask(
        _ span: Span, over transport: any Transport, _ privilege: Privilege = .login
    ) async throws(TransportError) -> Answer {
        let command = RemoteCommand(shell: script(span), privilege: privilege, deadline: .seconds(60))
        let result = try await transport.run(command)
        let lines = result.text.split(separator: "\n", maxSplits: 1, omittingEmptySubsequences: false)
        var answer = Answer(machine: lines.first.flatMap { MachineName(answer: String($0)) })
        if result.status == missing { return answer }
        guard result.succeeded else {
            let said = result.errorText.split(separator: "\n").last.map(String.init) ?? "status \(result.status)"
            throw TransportError(
                .badAnswer, host: transport.host, "its agent gives no history: \(said)",
                hints: ["look at the agent: drover agent status \(transport.host)"])
        }
        answer.samples = HistoryText.samples(in: lines.count > 1 ? String(lines[1]) : "")
        return answer
    }

    /// The script's status where no agent is there.
    private static let missing: Int32 = 69

    static func script(_ span: Span) -> String {
        """
        \(MachineName.question)
        [ -x \(program) ] || exit \(missing)
        exec \(program) history --from \(span.from) --to \(span.to) --step \(span.step)
        """
    }
}
