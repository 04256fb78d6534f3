import Fleet

/// Why a master has no connection, or lost it, in the words that libssh2's sessions have for the same.
struct MasterFailure {
    private let endpoint: Endpoint
    private let report: MasterReport
    private let settings: SSHSettings
    /// What a shell ends with when there is no such program.
    private static let noProgram: Int32 = 127

    init(_ endpoint: Endpoint, _ report: MasterReport, _ settings: SSHSettings) {
        (self.endpoint, self.report, self.settings) = (endpoint, report, settings)
    }

    private func failure(_ code: TransportError.Code, _ message: String, _ hints: String...) -> TransportError {
        TransportError(code, host: endpoint.host, message, hints: hints)
    }

    private func said(_ words: String) -> String? { report.said.last { $0.contains(words) } }

    private var place: String {
        "\(endpoint.address.contains(":") ? "[\(endpoint.address)]" : endpoint.address):\(endpoint.port)"
    }

    // MARK: Before it was ready

    /// Why the master ended before it was ready, and whether it is worth asking once more.
    func refusal(_ exit: ShellExit) -> (TransportError, EarlyEnd?) {
        if exit.status == Self.noProgram, report.phase == .connection, report.banner == nil {
            return (failure(.unsupported, "there is no ssh on this machine", "install OpenSSH's client"), nil)
        }
        if let error = hostKeyError ?? loginError ?? wayError { return (error, nil) }
        return report.phase < .login ? cutOff : (cutOffDuringLogin, nil)
    }

    private var hostKeyError: TransportError? {
        guard said("Host key verification failed") != nil || said("key is known for") != nil else { return nil }
        return HostKeyRefusal(endpoint, report).error
    }

    private var loginError: TransportError? {
        let user = endpoint.loginUser
        let keys = report.offered.joined(separator: ", ")
        if said("Too many authentication failures") != nil {
            return failure(
                .authenticationFailed, "the host ended the connection after refusing \(keys)",
                "it allows a few attempts (MaxAuthTries): name the right key in ansible_ssh_private_key_file")
        }
        guard let denied = said("Permission denied (") else { return nil }
        let methods = denied.split(separator: "(").last.map { $0.filter { $0 != ")" && $0 != "." } } ?? ""
        let ticket = TicketRefusal(report, among: methods.split(separator: ",").map(String.init), user: user)
        if let ticket, ticket.isAllThatCounts {
            return TransportError(.authenticationFailed, host: endpoint.host, ticket.message, hints: ticket.hints)
        }
        let causes = report.said.filter { $0.hasPrefix("sign_and_send_pubkey: ") || $0.hasPrefix("Load key ") }
        let message =
            report.offered.isEmpty
            ? "no key to log in with as '\(user)'" : "the host accepted none of the keys for '\(user)': \(keys)"
        let hints =
            report.offered.isEmpty
            ? ["set ansible_ssh_private_key_file, or start ssh-agent and ssh-add a key; the host takes: \(methods)"]
            : SSHSession.hints(afterRefusing: user)
        return TransportError(
            .authenticationFailed, host: endpoint.host, message, hints: causes + (ticket?.hints ?? []) + hints)
    }

    private var wayError: TransportError? {
        if let line = said("Could not resolve hostname ") {
            return failure(
                .unreachable, "cannot resolve '\(endpoint.address)': \(Self.reason(line))",
                "set ansible_host to an address, or check the name and the resolver")
        }
        if let line = said("Unable to negotiate with ") {
            let parts = line.split(separator: ": ", maxSplits: 1)
            return failure(
                .unsupported, "no algorithm in common with the host's sshd: \(parts.last ?? "")",
                "the installed ssh has none of these either: see Ciphers, KexAlgorithms in ssh_config")
        }
        if said("timed out") != nil { return expiry }
        if let line = said("connect to host ") {
            return failure(.unreachable, "\(place): \(Self.reason(line))", hint)
        }
        if let line = said("ad configuration option") ?? said("terminating, ") {
            return failure(
                .unsupported, "the installed ssh does not take its settings: \(line)",
                "mend ~/.ssh/config, or leave it out with DROVER_SSH_CONFIG=none")
        }
        return said("UNKNOWN port") == nil ? nil : passageError
    }

    /// What stands last in a line of `ssh`, after the name of what failed.
    private static func reason(_ line: String) -> String {
        (line.split(separator: ": ").last.map(String.init) ?? line).lowercased()
    }

    private var hint: String {
        "is the host up, and does its sshd listen there? try: ssh -v -p \(endpoint.port) \(endpoint.address)"
    }

    /// What the connection goes through ended before the host had said anything.
    private var passageError: TransportError {
        if let jump = endpoint.jumps.last {
            return failure(
                .unreachable, "jump host \(jump.host) cannot reach \(place)",
                "try there: nc -vz \(endpoint.address) \(endpoint.port); its sshd must allow TCP forwarding")
        }
        let own = ["kex_exchange_identification: ", "Connection closed by UNKNOWN", "banner exchange: "]
        let last = report.said.last { line in !own.contains { line.hasPrefix($0) } }
        return failure(
            .unreachable, "the ProxyCommand ended before the host answered\(last.map { ": \($0)" } ?? "")",
            "try it by itself: \(endpoint.proxyCommand ?? "")")
    }

    // MARK: Ends that the host made

    private var cutOff: (TransportError, EarlyEnd?) {
        let end = report.banner == nil ? EarlyEnd(said: report.prelude) : .midway
        if report.phase == .connection, report.said.isEmpty || said("onnection") == nil {
            return (failure(.unreachable, "ssh ended: \(report.said.last ?? "it does not say why")", hint), nil)
        }
        let hint: String
        switch end {
        case .tooManyLogins:
            let patience = describe(endpoint.connectTimeout)
            return (
                failure(
                    .unreachable,
                    "sshd has turned us away for \(patience): too many others are logging in (MaxStartups)",
                    "raise MaxStartups in the host's sshd_config (100:30:200), or find out who else connects to it"),
                end
            )
        case .silent: hint = "sshd may be refusing (MaxStartups, a firewall, hosts.deny), or the port is not sshd's"
        case .midway: hint = "its sshd may have failed: see the host's log; or something on the way cuts connections"
        }
        let moment = end == .silent ? ", before it said anything" : ""
        return (
            failure(.unreachable, "the host closed the connection during the SSH handshake\(moment)\(cause)", hint), end
        )
    }

    private var cutOffDuringLogin: TransportError {
        failure(
            .unreachable, "the host ended the connection during login\(cause)",
            "its sshd may have failed: see the host's log; or something on the way cuts connections")
    }

    private var cause: String { said("reset by peer") == nil ? "" : ": connection reset by peer" }

    /// The time for a part of connecting has passed.
    var expiry: TransportError {
        let patience = describe(endpoint.connectTimeout)
        let silence = "the host accepts connections but its sshd does not answer: is it overloaded or frozen?"
        switch report.phase {
        case .connection where endpoint.jumps.isEmpty && endpoint.proxyCommand == nil:
            return failure(.unreachable, "no answer from \(place) within \(patience)", hint)
        case .connection:
            if let jump = endpoint.jumps.last {
                return failure(
                    .unreachable, "no answer from \(place) within \(patience), asked by jump host \(jump.host)",
                    "is the host up, and may the jump host reach it?")
            }
            return failure(.unreachable, "no answer through the ProxyCommand within \(patience)", hint)
        case .greeting, .keys:
            return failure(.unreachable, "no answer within \(patience) during the SSH handshake", silence)
        case .login, .nothing: return failure(.unreachable, "no answer within \(patience) during login", silence)
        }
    }

    // MARK: Once it was ready

    /// Why a connection is gone that was there.
    var loss: TransportError {
        let reason =
            if said("not responding") != nil {
                "no sign of life for \(describe(settings.silenceLimit))"
            } else if let line = said("client_loop: ") ?? said("reset by peer") {
                Self.reason(line)
            } else if said("closed by remote host") != nil {
                endpoint.jumps.last.map { "the host, or jump host \($0.host), ended it" } ?? SessionHandle.endedByHost
            } else {
                // The first two are the shell's words for a signal.
                report.said.last { !["Killed", "Terminated"].contains($0) }.map { "ssh says: \($0)" }
                    ?? "its ssh process was ended"
            }
        return failure(.connectionLost, "connection lost: \(reason)")
    }
}
