import Fleet

/// One balancer's HAProxy: what it is told, what it answers, and the pool's file beside it.
struct BalancerConsole: BalancerEnd {
    let transport: any Transport
    let pool: Pool
    let installation: HAProxyInstallation
    let timings: HAProxyTimings
    let privilege: Privilege
    let fence: BalancerFence?
    let clock: any Clock<Duration>
    private let fileLock: AsyncLock
    private let known: KnownBalancer

    init(
        transport: any Transport, pool: Pool, installation: HAProxyInstallation, timings: HAProxyTimings,
        privilege: Privilege, fence: BalancerFence?, clock: any Clock<Duration>
    ) {
        self.transport = transport
        self.pool = pool
        self.installation = installation
        self.timings = timings
        self.privilege = privilege
        self.fence = fence
        self.clock = clock
        known = KnownBalancer(installation.dialect)
        fileLock = BalancerFileLock.of(pool.configFile, on: transport.host)
    }

    /// A failure of this balancer.
    func failure(_ code: TrafficError.Code, _ message: String, hints: [String] = []) -> TrafficError {
        TrafficError(code, balancer: host, message, hints: hints)
    }

    // MARK: - The admin socket

    /// What the backend runs.
    func status() async throws(TrafficError) -> BackendStatus { try await say([]) }

    func expectAnswer() async throws(TrafficError) { _ = try await status() }

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
        var lines: [String] = []
        if !commands.isEmpty {
            let dialect = try await dialect()
            lines = commands.flatMap { dialect.lines(of: $0, backend: pool.name) }
        }
        let answer = try await state(after: lines)
        guard answer.isOfNamesake, !known.hasNamesake else { return try read(answer) }
        known.hasNamesake = true
        let (_, status) = try read(try await state(after: []))
        return (answer.refusals, status)
    }

    /// What HAProxy answers to commands, and to the question for its backend.
    private func state(after lines: [String]) async throws(TrafficError) -> SocketAnswer {
        let question = known.hasNamesake ? SocketCommand.showAllStat : .showStat
        let line = (["set severity-output number"] + lines + [question.line(backend: pool.name)]).joined(separator: ";")
        let fence = lines.isEmpty ? nil : fence
        let words = BalancerScript.exchange(
            socket: pool.socket, line: line, seconds: timings.answer.components.seconds, fence: fence)
        // The fence's lock may have to be waited for.
        let deadline = fence == nil ? deadline : deadline + .seconds(10)
        let answer = try await exchange(words, deadline)
        // HAProxy ended before it answered: what it was told went with it, and it comes back from its file.
        return answer.isEmpty ? try await exchange(words, deadline) : answer
    }

    /// What HAProxy here understands: asked once.
    /// - Throws: `.refused` for a version that is too old.
    func dialect() async throws(TrafficError) -> HAProxyDialect {
        let dialect =
            if let found = known.dialect { found } else { HAProxyDialect(version: try await version()) }
        guard dialect.isSupported else {
            throw failure(
                .refused,
                "HAProxy \(dialect.version) is too old to have members changed: \(HAProxyDialect.oldest) or newer is needed"
            )
        }
        known.dialect = dialect
        return dialect
    }

    private func version() async throws(TrafficError) -> HAProxyVersion {
        let words = BalancerScript.exchange(
            socket: pool.socket, line: "show info", seconds: timings.answer.components.seconds, fence: nil)
        let result = try await answer(words, deadline)
        guard let version = HAProxyVersion(info: result) else {
            throw failure(
                .refused, "\(pool.socket) does not tell HAProxy's version: \(Self.phrase(result))",
                hints: ["the socket has to be of level admin: stats socket \(pool.socket) … level admin"])
        }
        return version
    }

    /// How long a question may take; a balancer that is frozen is found out by it.
    private var deadline: Duration { timings.answer + .seconds(5) }

    private func exchange(_ words: [String], _ deadline: Duration) async throws(TrafficError) -> SocketAnswer {
        SocketAnswer(try await answer(words, deadline))
    }

    private func answer(_ words: [String], _ deadline: Duration) async throws(TrafficError) -> String {
        let result = try await run(RemoteCommand(words, privilege: privilege, deadline: deadline))
        try passedFence(result)
        guard result.succeeded else {
            throw failure(
                .unreachable, "HAProxy does not answer on \(pool.socket): \(Self.phrase(result.errorText))",
                hints: ["see 'systemctl status haproxy' on \(host)"])
        }
        return result.text
    }

    /// - Throws: `.fenced` when the balancer knows of a newer controller; `.refused` when it could not be asked that.
    private func passedFence(_ result: CommandResult) throws(TrafficError) {
        guard let fence else { return }
        switch result.status {
        case BalancerFence.Status.fenced:
            throw failure(
                .fenced,
                "another controller has taken over: the balancer has seen its token \(Self.phrase(result.text))",
                hints: [
                    "see what it does: drover status",
                    "if the journal was lost, remove \(fence.folder)/fence on the host",
                ])
        case BalancerFence.Status.unusable:
            throw failure(
                .refused, "the fence that keeps other controllers away is not usable: \(Self.phrase(result.errorText))")
        default: break
        }
    }

    private func read(
        _ answer: SocketAnswer
    ) throws(TrafficError) -> (refusals: [String], status: BackendStatus) {
        if answer.lacksBackend { return ([], .missing) }
        if answer.table.isEmpty, !answer.refusals.isEmpty { return (answer.refusals, .missing) }
        do {
            return (answer.refusals, try ShowStatParser.backend(answer.table, named: pool.name))
        } catch {
            throw failure(.unreachable, "HAProxy's answer makes no sense: \(error.message)")
        }
    }

    // MARK: - Members

    /// What each member answers to the check's path from here; `nil` for one that passes.
    /// - Parameter members: Where each is asked, by name.
    func trial(_ members: [(name: String, ServerAddress)]) async throws(TrafficError) -> [String: String?] {
        if members.isEmpty { return [:] }
        let words = BalancerScript.trial(pool.check, pool: pool.name, members: members)
        let result = try await run(RemoteCommand(words, privilege: privilege, deadline: .seconds(75)))
        let said = TrialAnswer(result.text)
        guard result.succeeded || !said.answers.isEmpty else {
            throw failure(.refused, "members cannot be asked from here: \(Self.phrase(result.errorText))")
        }
        return members.reduce(into: [:]) {
            $0.updateValue(said.refusal(of: $1.name, expecting: pool.check.expect), forKey: $1.name)
        }
    }

    // MARK: - The file

    /// A pool's file as it was read.
    struct Reading: Sendable {
        var file: PoolFile
        var bytes: [UInt8]
        /// What tells it from later ones; `none` when there was no file.
        var sum: String

        var isAbsent: Bool { sum == "none" }
        var text: String { String(decoding: bytes, as: UTF8.self) }
    }

    /// Makes the file what `change` says, if that differs, and reads it back.
    /// - Returns: Whether it differed.
    @discardableResult
    func rewriteFile(_ change: @Sendable (PoolFile) -> PoolFile) async throws(TrafficError) -> Bool {
        try await rewrite { reading in
            let wanted = change(reading.file)
            return wanted == reading.file ? nil : wanted.bytes
        }
    }

    /// Makes the file `text`, if it differs.
    func rewriteFile(as text: String) async throws(TrafficError) {
        _ = try await rewrite { $0.text == text ? nil : Array(text.utf8) }
    }

    private func rewrite(_ change: @Sendable (Reading) -> [UInt8]?) async throws(TrafficError) -> Bool {
        try await fileLock.withLock(
            cancelled: failure(.cancelled, "cancelled while another changed \(pool.configFile)")
        ) {
            () async throws(TrafficError) in
            for attempt in 1... {
                let current = try await readFile()
                guard let wanted = change(current) else { return false }
                do throws(TrafficError) {
                    try await replace(current.sum, by: wanted)
                    return true
                } catch {
                    // Another wrote it between our reading and our writing: its change is kept, and ours made to it.
                    guard error.code == .notApplied, attempt < Self.patienceWithOthers else { throw error }
                }
            }
            return true
        }
    }

    private static let patienceWithOthers = 20
    /// For what checks or loads a whole configuration.
    private static let longest: Duration = .seconds(60)

    /// The pool's file as it is.
    func readFile() async throws(TrafficError) -> Reading {
        let words = BalancerScript.read(pool.configFile)
        let result = try await run(RemoteCommand(words, privilege: privilege, deadline: deadline))
        guard result.succeeded else {
            throw failure(.refused, "\(pool.configFile) cannot be read: \(Self.phrase(result.errorText))")
        }
        return try read(result.output)
    }

    private func replace(_ sum: String, by bytes: [UInt8]) async throws(TrafficError) {
        let words =
            pool.adoption == nil
            ? BalancerScript.write(pool.configFile, sum: sum, installation: installation, fence: fence)
            : BalancerScript.edit(pool.configFile, sum: sum, installation: installation, fence: fence)
        let result = try await run(
            RemoteCommand(words, privilege: privilege, input: bytes, deadline: Self.longest))
        try passedFence(result)
        switch result.status {
        case 0:
            guard Self.split(result.output).bytes == bytes else {
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

    private static func split(_ output: [UInt8]) -> (sum: String, bytes: [UInt8]) {
        let end = output.firstIndex(of: 0x0A) ?? output.count
        return (String(decoding: output[..<end], as: UTF8.self), Array(output[min(end + 1, output.count)...]))
    }

    private func read(_ output: [UInt8]) throws(TrafficError) -> Reading {
        let (sum, bytes) = Self.split(output)
        guard pool.adoption != nil else {
            return Reading(file: PoolFile(parsing: String(decoding: bytes, as: UTF8.self)), bytes: bytes, sum: sum)
        }
        do throws(AdoptionError) {
            if sum == "none" { throw AdoptionError(nil, "there is no such file", ["config: names the file"]) }
            let file = try AdoptedFile(bytes, AdoptedFile.Terms(pool))
            return Reading(file: PoolFile(adopting: file), bytes: bytes, sum: sum)
        } catch {
            let place = error.place.map { "\(pool.configFile):\($0 + 1)" } ?? pool.configFile
            throw failure(.refused, "\(place): \(Self.phrase(error.message))", hints: error.hints)
        }
    }

    // MARK: - The service

    /// Has the service read its files again, and waits until what runs is as `isSo` says.
    func reload(until isSo: @Sendable (BackendStatus) -> Bool) async throws(TrafficError) {
        let words = BalancerScript.reload(installation, fence: fence)
        let result = try await run(RemoteCommand(words, privilege: privilege, deadline: Self.longest))
        try passedFence(result)
        guard result.succeeded else {
            throw failure(
                .refused, "HAProxy was not reloaded: \(Self.phrase(result.errorText))",
                hints: ["see 'journalctl -u haproxy' on \(host)"])
        }
        let hasReloaded = try await wait(
            upTo: timings.reload, every: timings.poll, on: clock, for: host
        ) { () async throws(TrafficError) -> Bool? in
            do throws(TrafficError) {
                return isSo(try await status()) ? true : nil
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

    /// Foreign words as part of our sentence: one line of a sentence's length, without a final stop.
    private static func phrase(_ text: String) -> String {
        guard let last = text.split(whereSeparator: \.isNewline).last else { return "no reason given" }
        if last.count > 300 { return last.prefix(300) + "…" }
        return String(last.hasSuffix(".") ? last.dropLast() : last)
    }

    /// The first thing `haproxy -c` complains of, without its date and process number.
    private static func alert(_ text: String) -> String {
        let lines = text.split(whereSeparator: \.isNewline)
        guard let alert = lines.first(where: { $0.hasPrefix("[ALERT]") }) else { return phrase(text) }
        return phrase(alert.split(separator: " : ", maxSplits: 1).last.map(String.init) ?? String(alert))
    }
}
