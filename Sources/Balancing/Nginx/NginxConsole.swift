import Fleet

/// One balancer's nginx: what it runs, and the pool's file beside it.
struct NginxConsole: BalancerEnd {
    let transport: any Transport
    let pool: Pool
    let installation: NginxInstallation
    let timings: NginxTimings
    let privilege: Privilege
    let fence: BalancerFence?
    let clock: any Clock<Duration>
    private let lock: AsyncLock

    init(
        transport: any Transport, pool: Pool, installation: NginxInstallation, timings: NginxTimings,
        privilege: Privilege, fence: BalancerFence?, clock: any Clock<Duration>
    ) {
        (self.transport, self.pool, self.installation, self.timings) = (transport, pool, installation, timings)
        (self.privilege, self.fence, self.clock) = (privilege, fence, clock)
        lock = BalancerFileLock.of(pool.configFile, on: transport.host)
    }

    /// A failure of this balancer.
    func failure(_ code: TrafficError.Code, _ message: String, hints: [String] = []) -> TrafficError {
        TrafficError(code, balancer: host, message, hints: hints)
    }

    // MARK: asking

    func expectAnswer() async throws(TrafficError) { _ = try await status() }

    /// What runs.
    /// - Parameter others: Members beside the pool's whose connections are counted.
    func status(_ others: [PoolMember] = []) async throws(TrafficError) -> UpstreamStatus {
        let addresses = Set((pool.members + others).map { ServerAddress(address: $0.address, port: $0.port) })
        let words = NginxScript.ask(
            pool.name, unit: installation.unit, seconds: timings.answer.components.seconds,
            addresses: addresses.sorted { $0.description < $1.description })
        let result = try await run(
            RemoteCommand(words, privilege: privilege, deadline: timings.answer + .seconds(5)))
        guard result.succeeded else {
            throw failure(
                .unreachable, "nginx cannot be asked: \(NginxScript.phrase(result.errorText))",
                hints: ["see 'systemctl status \(installation.unit)' on \(host)"])
        }
        return UpstreamStatus(parsing: result.text)
    }

    /// What each of `members` answers to the check's path from here that would not count as healthy.
    func trial(_ members: [PoolMember]) async throws(TrafficError) -> [HostName: String] {
        if members.isEmpty { return [:] }
        let words = NginxScript.trial(
            pool.check, pool: pool.name,
            members: members.map { ($0.host.description, ServerAddress(address: $0.address, port: $0.port)) })
        let result = try await run(RemoteCommand(words, privilege: privilege, deadline: .seconds(75)))
        let said = TrialAnswer(result.text)
        guard result.succeeded || !said.answers.isEmpty else {
            throw failure(.refused, "members cannot be asked from here: \(NginxScript.phrase(result.errorText))")
        }
        return members.reduce(into: [:]) { found, member in
            found[member.host] = said.refusal(of: member.host.description, expecting: pool.check.expect)
        }
    }

    // MARK: the file

    /// A pool's file as it was read.
    struct Reading: Sendable {
        var text: String
        /// What tells it from later ones; `none` when there was no file.
        var sum: String

        var file: UpstreamFile { UpstreamFile(parsing: text) }

        init(_ answer: String) {
            let parts = answer.split(separator: "\n", maxSplits: 1, omittingEmptySubsequences: false)
            text = parts.count > 1 ? String(parts[1]) : ""
            sum = String(parts.first ?? "none")
        }
    }

    /// The pool's file as it is.
    func readFile() async throws(TrafficError) -> Reading {
        let result = try await run(
            RemoteCommand(BalancerScript.read(pool.configFile), privilege: privilege, deadline: timings.answer))
        guard result.succeeded else {
            throw failure(
                .refused, "\(pool.configFile) cannot be read: \(NginxScript.phrase(result.errorText))")
        }
        return Reading(result.text)
    }

    /// Makes the file what `change` says, and what runs the same: where either differs, nginx reads it again.
    func bring(_ change: @Sendable (UpstreamFile) -> UpstreamFile) async throws(TrafficError) {
        try await lock.withLock(cancelled: failure(.cancelled, "cancelled while another changed \(pool.configFile)")) {
            () async throws(TrafficError) in
            let before = try await readFile()
            let wanted = change(before.file)
            if wanted.text != before.text { try await write(wanted, instead: before.sum) }
            if try await runs(wanted) { return }
            try await reload()
            guard try await runs(wanted) else {
                throw failure(
                    .notApplied, "nginx does not run \(pool.configFile) after its reload",
                    hints: ["does nginx.conf include it in http {}? see also: journalctl -u \(installation.unit)"])
            }
        }
    }

    /// Whether the workers run `file`.
    private func runs(_ file: UpstreamFile) async throws(TrafficError) -> Bool {
        let status = try await status()
        return status.fingerprint == file.fingerprint && status.servers == file.servers
    }

    private func write(_ file: UpstreamFile, instead sum: String) async throws(TrafficError) {
        let words = NginxScript.write(pool.configFile, sum: sum, installation: installation, fence: fence)
        let result = try await run(
            RemoteCommand(words, privilege: privilege, input: Array(file.text.utf8), deadline: .seconds(60)))
        switch result.status {
        case 0:
            guard Reading(result.text).text == file.text else {
                throw failure(.notApplied, "\(pool.configFile) is not as written when read back")
            }
        case NginxScript.invalid:
            throw failure(
                .refused,
                "nginx does not accept the new \(pool.configFile): \(NginxScript.phrase(result.errorText))",
                hints: ["the file on \(host) is unchanged"])
        case NginxScript.changed:
            throw failure(.notApplied, "\(pool.configFile) was changed by another at the same time")
        default:
            throw failure(
                .refused, "\(pool.configFile) cannot be replaced: \(NginxScript.phrase(result.errorText))")
        }
    }

    private func reload() async throws(TrafficError) {
        let words = NginxScript.reload(
            installation, seconds: timings.reload.components.seconds, fence: fence)
        let result = try await run(
            RemoteCommand(words, privilege: privilege, deadline: timings.reload + .seconds(30)))
        guard result.succeeded else {
            throw failure(
                .notApplied, "nginx was not reloaded: \(NginxScript.phrase(result.errorText))",
                hints: ["see 'journalctl -u \(installation.unit)' and its error log on \(host)"])
        }
    }

    func run(_ command: RemoteCommand) async throws(TrafficError) -> CommandResult {
        let result: CommandResult
        do throws(TransportError) {
            result = try await transport.run(command, outputLimit: .mebibytes(8))
        } catch {
            if error.code == .cancelled { throw failure(.cancelled, "cancelled while talking to the balancer") }
            throw failure(error.meansUnreachable ? .unreachable : .refused, error.message, hints: error.hints)
        }
        guard fence != nil else { return result }
        if result.status == BalancerFence.Status.unusable {
            throw failure(
                .refused,
                "the fence that keeps other controllers away is not usable: \(NginxScript.phrase(result.errorText))")
        }
        guard result.status == BalancerFence.Status.fenced else { return result }
        throw failure(
            .fenced,
            "another controller has taken over: the balancer has seen its token \(NginxScript.phrase(result.text))",
            hints: ["see what it does: drover status"])
    }
}
