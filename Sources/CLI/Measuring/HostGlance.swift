import Fleet
import Insight
import Sampling

/// What a host says of itself at one moment: its counters, and what its services have counted.
struct HostGlance: Sendable {
    /// What is asked for.
    enum Scope: Sendable {
        /// The counters alone.
        case counters
        /// Services too, but for those that are dear to ask.
        case cheapServices
        /// All services.
        case allServices
    }

    var reading: Reading
    var services: [ServiceAnswer]

    /// For a POSIX shell.
    static func script(_ scope: Scope) -> String {
        let kinds: [ServiceKind] =
            switch scope {
            case .counters: []
            case .cheapServices: ServiceKind.allCases.filter { $0 != .rabbitmq }
            case .allServices: ServiceKind.allCases
            }
        guard !kinds.isEmpty else { return ReadingScript.text }
        return "(\(ReadingScript.text)\n)\necho '\(mark)'\n(\(ServiceScript.text(kinds))\n)\nexit 0"
    }

    private static let mark = "== drover services"

    /// Asks a host.
    /// - Throws: ``TransportError``; `.badAnswer` for a host without counters.
    static func ask(
        _ scope: Scope, over transport: any Transport, _ privilege: Privilege = .login
    ) async throws(TransportError) -> HostGlance {
        var command = RemoteCommand(shell: script(scope), privilege: privilege, deadline: .seconds(20))
        command.leavesNothing = true
        let text = try await transport.run(command, outputLimit: .mebibytes(16)).text
        let parts = text.split(separator: mark + "\n", maxSplits: 1, omittingEmptySubsequences: false)
        guard let reading = parts.first.flatMap({ Reading(answer: String($0)) }) else {
            throw TransportError(
                .badAnswer, host: transport.host, "its counters cannot be read: /proc is missing, or no Linux is there",
                hints: ["see what it says: drover run \(transport.host) -- cat /proc/stat /proc/uptime"])
        }
        return HostGlance(
            reading: reading, services: parts.count > 1 ? ServiceScript.answers(in: String(parts[1])) : [])
    }
}
