import Fleet

/// What hosts answered to a command.
struct RunReport {
    /// One host's answer, as programs read it.
    struct Answer: Encodable {
        let host: HostName
        var status: Int32?
        var stdout: String?
        var stderr: String?
        /// Seconds on the controller's clock.
        var elapsed: Double?
        /// Why there is no status.
        var error: String?
        /// What kind of error, such as `unreachable`.
        var code: String?
        var hints: [String]?
    }

    private struct Said: Hashable {
        var status: Int32
        var output: [UInt8]
        var errors: [UInt8]
    }

    private let said: [(said: Said, hosts: [HostName])]
    private let failures: [(host: HostName, error: TransportError)]
    private let leftOut: [HostName]
    /// For programs.
    let answers: [Answer]

    init(_ answers: [HostAnswer<CommandResult>]) {
        var groups: [Said: [HostName]] = [:]
        var order: [Said] = []
        for answer in answers {
            guard case .success(let result) = answer.result else { continue }
            let said = Said(status: result.status, output: result.output, errors: result.errors)
            if groups[said] == nil { order.append(said) }
            groups[said, default: []].append(answer.host)
        }
        said = order.map { ($0, groups[$0] ?? []) }
        failures = answers.compactMap { answer in
            guard case .failure(let error) = answer.result else { return nil }
            return (answer.host, error)
        }
        leftOut = answers.filter { $0.result == nil }.map(\.host)
        self.answers = answers.map(Answer.init)
    }

    /// Whether a host failed, or was left out.
    var hasFailed: Bool { !failures.isEmpty || !leftOut.isEmpty || said.contains { $0.said.status != 0 } }

    /// What hosts said to standard output, what went wrong to standard error.
    func tell(on terminal: Terminal) {
        for (said, hosts) in said where said.status == 0 { tell(said, hosts, terminal) }
        for (said, hosts) in said where said.status != 0 {
            tell(said, hosts, terminal)
            terminal.say(
                terminal.paint("error:", .red) + " \(HostGroup.text(hosts)): command ended with status \(said.status)")
        }
        terminal.show(failures: failures)
        if !leftOut.isEmpty { terminal.warn("not run on \(HostGroup.text(leftOut)): stopped before") }
    }

    private func tell(_ said: Said, _ hosts: [HostName], _ terminal: Terminal) {
        let who = hosts.count == 1 ? "1 host" : "\(hosts.count) hosts"
        let isSilent = said.output.isEmpty && said.errors.isEmpty
        terminal.write("\(who) said\(isSilent ? " nothing" : ""): \(HostGroup.text(hosts))")
        if !said.output.isEmpty { terminal.write(String(decoding: said.output, as: UTF8.self)) }
        if !said.errors.isEmpty { terminal.write(String(decoding: said.errors, as: UTF8.self)) }
    }
}

extension RunReport.Answer {
    fileprivate init(_ answer: HostAnswer<CommandResult>) {
        host = answer.host
        switch answer.result {
        case .success(let result):
            status = result.status
            stdout = result.text
            stderr = result.errorText
            elapsed = result.elapsed / .seconds(1)
        case .failure(let failure):
            error = failure.message
            code = failure.code.description
            hints = failure.hints
        case nil:
            error = "stopped before"
            code = "cancelled"
        }
    }
}
