import AdHoc
import Fleet
import Foundation

/// Brings the agent to a host, and takes it away again.
struct AgentInstallation: Sendable {
    let binary: AgentBinary
    /// The program's SHA-256.
    let sum: String
    /// Settings for hosts that have none, by host; for all hosts where `replaces` says so.
    let configurations: [HostName: String]
    let replaces: Bool
    let privileges: [HostName: Privilege]

    /// What came of it on one host.
    struct Outcome: Sendable {
        /// The version that was there before.
        let before: String?
        let version: String?
        let hasChanged: Bool
    }

    /// Does what is missing.
    func install(over transport: any Transport) async throws(TransportError) -> Outcome {
        let host = transport.host
        let privilege = privileges[host] ?? .root
        let before = try await Self.survey(over: transport, privilege)
        try Self.check(before, host, privilege, for: binary.architecture)
        let isNew = before.sum != sum
        if isNew {
            try await transport.upload(binary.path, to: AgentUnit.program, mode: 0o755, privilege: privilege)
        }
        let script = AgentScript.install(
            configuration: configurations[host] ?? AgentUnit.configuration(address: nil, balancers: []),
            replaces: replaces, isNew: isNew)
        let answer = try await transport.run(
            RemoteCommand(shell: script, privilege: privilege, deadline: .seconds(120)))
        guard answer.succeeded else { throw Self.failure(answer, host, "the agent does not run") }
        let after = try await Self.settled(over: transport, privilege)
        return Outcome(
            before: before.version, version: after.version,
            hasChanged: answer.text.split(separator: "\n").contains("changed"))
    }

    /// What an agent says of itself once it has taken a sample, which one that was just started has not.
    /// - Throws: ``TransportError`` `.badAnswer` when it has none after ten seconds.
    private static func settled(
        over transport: any Transport, _ privilege: Privilege
    ) async throws(TransportError) -> AgentSurvey {
        let end = ContinuousClock.now + .seconds(10)
        while true {
            let survey = try await survey(over: transport, privilege, withStatus: true)
            // One that listens nowhere is not asked.
            if survey.isHealthy ?? true { return survey }
            guard ContinuousClock.now < end, !Task.isCancelled else {
                throw TransportError(
                    .badAnswer, host: transport.host, "the agent runs and takes no samples",
                    hints: ["see what it says: drover run \(transport.host) -b -- journalctl -u drover-agent -n 20"])
            }
            // Cancelled when nobody waits any more, which is looked at above.
            try? await Task.sleep(for: .milliseconds(300))
        }
    }

    /// The rights for it, by host: root's, as rollouts have them, where nobody names another's.
    static func rights(_ asked: [HostName: Privilege]) -> [HostName: Privilege] {
        asked.mapValues { $0 == .login ? .root : $0 }
    }

    /// What the host has of an agent.
    static func survey(
        over transport: any Transport, _ privilege: Privilege, withStatus: Bool = false
    ) async throws(TransportError) -> AgentSurvey {
        let command = RemoteCommand(
            shell: withStatus ? AgentScript.status : AgentScript.survey, privilege: privilege, deadline: .seconds(30))
        let answer = try await transport.run(command)
        guard answer.succeeded else { throw failure(answer, transport.host, "it cannot be asked for its agent") }
        return AgentSurvey(answer: answer.text)
    }

    /// Takes the agent away.
    /// - Returns: Whether anything was there.
    static func remove(
        over transport: any Transport, _ privilege: Privilege, keepsHistory: Bool
    ) async throws(TransportError) -> Bool {
        let survey = try await survey(over: transport, privilege)
        guard survey.isRoot else { throw needsRoot(transport.host, privilege) }
        let script = AgentScript.remove(keepsHistory: keepsHistory)
        let answer = try await transport.run(
            RemoteCommand(shell: script, privilege: privilege, deadline: .seconds(120)))
        guard answer.succeeded else { throw failure(answer, transport.host, "the agent is not taken away whole") }
        return answer.text.split(separator: "\n").contains("found")
    }

    private static func check(
        _ survey: AgentSurvey, _ host: HostName, _ privilege: Privilege, for architecture: String
    ) throws(TransportError) {
        if let own = survey.architecture, own != architecture {
            throw TransportError(
                .unsupported, host: host, "it is \(own), and the agent's program is built for \(architecture)",
                hints: ["name one that is built for it: --binary PATH"])
        }
        guard survey.isRoot else { throw needsRoot(host, privilege) }
        guard survey.hasSystemd else {
            throw TransportError(
                .unsupported, host: host, "systemd does not run there, which starts the agent",
                hints: ["without an agent its figures are shown live: drover sar \(host) 1"])
        }
    }

    private static func needsRoot(_ host: HostName, _ privilege: Privilege) -> TransportError {
        TransportError(
            .becomeFailed, host: host,
            "the agent is installed and removed with root's rights, which it was not done with",
            hints: ["leave --become-user out, or name root there"])
    }

    private static func failure(_ answer: CommandResult, _ host: HostName, _ what: String) -> TransportError {
        let said = answer.errorText.split(separator: "\n").suffix(3).joined(separator: "; ")
        return TransportError(.badAnswer, host: host, "\(what): \(said.isEmpty ? "status \(answer.status)" : said)")
    }
}
