import Fleet

/// One balancer's HAProxy: what it is told, what it answers, and the pool's file beside it.
struct BalancerConsole: Sendable {
    let transport: any Transport
    let pool: Pool
    let installation: HAProxyInstallation
    let timings: HAProxyTimings
    let privilege: Privilege
    let clock: any Clock<Duration>
    private let turnstile = Turnstile()

    init(
        transport: any Transport, pool: Pool, installation: HAProxyInstallation, timings: HAProxyTimings,
        privilege: Privilege, clock: any Clock<Duration>
    ) {
        self.transport = transport
        self.pool = pool
        self.installation = installation
        self.timings = timings
        self.privilege = privilege
        self.clock = clock
    }

    var host: HostName { transport.host }

    /// A failure of this balancer.
    func failure(_ code: TrafficError.Code, _ message: String, hints: [String] = []) -> TrafficError {
        TrafficError(code, balancer: host, message, hints: hints)
    }

    // MARK: - The admin socket

    /// What the backend runs.
    func status() async throws(TrafficError) -> BackendStatus { try await say([]) }

    /// Says `commands` in one line, and gives the state after them.
    /// - Throws: `.refused` when HAProxy refuses one of them.
    func say(_ commands: [SocketCommand]) async throws(TrafficError) -> BackendStatus {
        let (refusals, status) = try await attempt(commands)
        if let refusal = refusals.first {
            throw failure(.refused, "HAProxy refused: \(Self.phrase(refusal))")
        }
        return status
    }

    /// Says `commands` in one line, and gives what HAProxy refused with the state after them.
    func attempt(
        _ commands: [SocketCommand]
    ) async throws(TrafficError) -> (refusals: [String], status: BackendStatus) {
        let lines = (commands + [.showStat]).map { $0.line(backend: pool.name) }
        let line = (["set severity-output number"] + lines).joined(separator: ";")
        let words = BalancerScript.exchange(
            socket: pool.socket, line: line, seconds: timings.answer.components.seconds)
        let result = try await run(RemoteCommand(words, privilege: privilege, deadline: timings.answer + .seconds(5)))
        guard result.succeeded else {
            throw failure(
                .unreachable, "HAProxy does not answer on \(pool.socket): \(Self.phrase(result.errorText))",
                hints: ["see 'systemctl status haproxy' on \(host)"])
        }
        return try read(SocketAnswer(result.text))
    }

    private func read(
        _ answer: SocketAnswer
    ) throws(TrafficError) -> (refusals: [String], status: BackendStatus) {
        if answer.lacksBackend { return ([], .missing) }
        if answer.table.isEmpty, !answer.refusals.isEmpty { return (answer.refusals, .missing) }
        do {
            return (answer.refusals, try ShowStatParser.backend(answer.table))
        } catch {
            throw failure(.unreachable, "HAProxy's answer makes no sense: \(error.message)")
        }
    }

    // MARK: - The file

    /// The pool's file as it is; empty when there is none.
    func file() async throws(TrafficError) -> PoolFile { try await readFile().file }

    /// Makes the file what `change` says, if that differs, and reads it back.
    /// - Returns: Whether it differed.
    @discardableResult
    func rewriteFile(_ change: @Sendable (PoolFile) -> PoolFile) async throws(TrafficError) -> Bool {
        try await turnstile.pass { () async throws(TrafficError) in
            let current = try await readFile()
            let wanted = change(current.file)
            if wanted == current.file { return false }
            try await replace(current.sum, by: wanted)
            return true
        }
    }

    private func readFile() async throws(TrafficError) -> (file: PoolFile, sum: String) {
        let result = try await run(RemoteCommand(BalancerScript.read(pool.configFile), privilege: privilege))
        guard result.succeeded else {
            throw failure(.refused, "\(pool.configFile) cannot be read: \(Self.phrase(result.errorText))")
        }
        return Self.split(result.text)
    }

    private func replace(_ sum: String, by file: PoolFile) async throws(TrafficError) {
        let words = BalancerScript.write(pool.configFile, sum: sum, installation: installation)
        let result = try await run(RemoteCommand(words, privilege: privilege, input: Array(file.text.utf8)))
        switch result.status {
        case 0:
            guard Self.split(result.text).file == file else {
                throw failure(.notApplied, "\(pool.configFile) is not as written when read back")
            }
        case BalancerScript.invalid:
            throw failure(
                .refused, "HAProxy does not accept the new \(pool.configFile): \(Self.alert(result.errorText))",
                hints: ["the file on \(host) is unchanged"])
        case BalancerScript.changed:
            throw failure(.notApplied, "\(pool.configFile) was changed by another at the same time")
        default:
            throw failure(.refused, "\(pool.configFile) cannot be replaced: \(Self.phrase(result.errorText))")
        }
    }

    private static func split(_ text: String) -> (file: PoolFile, sum: String) {
        let parts = text.split(separator: "\n", maxSplits: 1, omittingEmptySubsequences: false)
        return (PoolFile(parsing: parts.count > 1 ? String(parts[1]) : ""), String(parts.first ?? "none"))
    }

    // MARK: - The service

    /// Has the service read its files again, and waits until the backend with `id` runs.
    func reload(until id: Int?) async throws(TrafficError) {
        let result = try await run(RemoteCommand(installation.reloadCommand, privilege: privilege))
        guard result.succeeded else {
            throw failure(
                .refused, "HAProxy was not reloaded: \(Self.phrase(result.errorText))",
                hints: ["see 'journalctl -u haproxy' on \(host)"])
        }
        let hasReloaded = try await wait(
            upTo: timings.reload, every: timings.poll, on: clock, for: host
        ) { () async throws(TrafficError) -> Bool? in
            do throws(TrafficError) {
                return try await status().id == id ? true : nil
            } catch {
                guard error.code == .unreachable else { throw error }
                // The new process may not listen yet; one that never does ends the wait.
                return nil
            }
        }
        if hasReloaded == nil {
            throw failure(
                .notApplied, "HAProxy still runs its old settings \(timings.reload) after its reload",
                hints: ["see 'journalctl -u haproxy' on \(host)"])
        }
    }

    private func run(_ command: RemoteCommand) async throws(TrafficError) -> CommandResult {
        do {
            return try await transport.run(command, outputLimit: .mebibytes(16))
        } catch {
            if error.code == .cancelled { throw failure(.cancelled, "cancelled while talking to the balancer") }
            throw failure(error.meansUnreachable ? .unreachable : .refused, error.message, hints: error.hints)
        }
    }

    /// Foreign words as part of our sentence: one line, without a final stop.
    private static func phrase(_ text: String) -> String {
        let line = text.split(whereSeparator: \.isNewline).last.map(String.init) ?? "no reason given"
        return line.hasSuffix(".") ? String(line.dropLast()) : line
    }

    /// The first thing `haproxy -c` complains of, without its date and process number.
    private static func alert(_ text: String) -> String {
        let lines = text.split(whereSeparator: \.isNewline)
        guard let alert = lines.first(where: { $0.hasPrefix("[ALERT]") }) else { return phrase(text) }
        return phrase(alert.split(separator: " : ", maxSplits: 1).last.map(String.init) ?? String(alert))
    }
}
