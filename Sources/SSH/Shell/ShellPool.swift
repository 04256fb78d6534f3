import Fleet
import Values

/// The shells of one host, one for each privilege, opened when first needed. Used inside one actor.
final class ShellPool {
    private let endpoint: Endpoint
    private var host: HostName { endpoint.host }
    private let open: Opener
    private var shells: [Privilege: Shell] = [:]
    private var locks: [Privilege: AsyncLock] = [:]
    /// How long ending what a command started may take.
    private static let endingDeadline: Duration = .seconds(10)

    /// Opens a shell; throws when the connection that carries shells is gone.
    typealias Opener = (_ privilege: Privilege, _ first: String?) throws(TransportError) -> Shell

    init(_ endpoint: Endpoint, open: @escaping Opener) {
        self.endpoint = endpoint
        self.open = open
    }

    /// Runs a command in the privilege's shell, after those that asked before.
    nonisolated(nonsending) func run(
        _ command: RemoteCommand, limit: ByteCount, sink: OutputSink? = nil
    ) async throws(TransportError) -> CommandResult {
        guard !command.shellLine.utf8.contains(0) else {
            throw TransportError(.unsupported, host: host, "a command can't hold a NUL byte")
        }
        let lock = locks[command.privilege] ?? AsyncLock()
        locks[command.privilege] = lock
        return try await lock.withLock(cancelled: TransportError(.cancelled, host: host, "cancelled")) {
            () async throws(TransportError) in
            try await runAlone(command, limit: limit, sink: sink)
        }
    }

    private nonisolated(nonsending) func runAlone(
        _ command: RemoteCommand, limit: ByteCount, sink: OutputSink?
    ) async throws(TransportError) -> CommandResult {
        let mayLead = command.isForAllToSee && command.input.isEmpty
        let shell: Shell
        do throws(TransportError) {
            // The connection may have ended while others had their turn.
            shell = try self.shell(for: command.privilege, first: mayLead ? command.shellLine : nil)
        } catch {
            throw error.adding("before this command was sent")
        }
        let request = ShellRequest(
            script: command.shellLine, input: .bytes(command.input),
            isDirect: command.leavesNothing && command.input.isEmpty, limit: limit.bytes, deadline: command.deadline,
            sink: sink)
        let outcome = await shell.perform(request)
        var isEnded = true
        if case .stopped = outcome {
            shells[command.privilege] = nil
            isEnded = await endWhatRuns(in: shell, command.privilege)
        }
        if case .lost(let error) = outcome { throw error.adding(shell.standing) }
        return try answer(outcome, to: command, limit: limit, end: isEnded ? "was ended" : "could not be ended")
    }

    /// How many shells wait for commands, or run one.
    var count: Int { shells.values.count(where: \.isUsable) }

    /// Whether a shell answers in time that nothing is asked of otherwise; one is opened where there is none.
    nonisolated(nonsending) func answers(within patience: Duration) async -> Bool {
        // Without a connection nobody answers.
        guard let shell = try? shells.values.first(where: \.isUsable) ?? shell(for: .login) else { return false }
        let request = ShellRequest(script: "", isEmpty: true, limit: 4096, deadline: patience)
        if case .answer = await shell.perform(request) { return true }
        return false
    }

    /// A shell of its own for something long; the caller retires it.
    func extraShell(for privilege: Privilege) throws(TransportError) -> Shell { try open(privilege, nil) }

    /// Ends what a stopped request started in a shell's session, through the shell that takes its place.
    /// - Returns: Whether they have ended, as far as can be told; a shell that never ran left none.
    @discardableResult
    nonisolated(nonsending) func endWhatRuns(in stopped: Shell, _ privilege: Privilege) async -> Bool {
        guard let session = stopped.kernelSession else { return true }
        let script = RunnerScript.endSession(session, of: stopped.runner)
        // Without a connection nothing can be ended, which the answer says.
        guard let shell = try? shell(for: privilege) else { return false }
        let outcome = await shell.performUncancelled(
            ShellRequest(script: script, limit: 65536, deadline: Self.endingDeadline))
        if case .stopped = outcome { shells[privilege] = nil }
        if case .answer = outcome { return true }
        return false
    }

    /// The privilege's shell. `first` is what a new one runs first, if that may be sent with the request for it.
    private func shell(for privilege: Privilege, first: String? = nil) throws(TransportError) -> Shell {
        if let shell = shells[privilege], shell.isUsable { return shell }
        let shell = try open(privilege, first.flatMap { $0.utf8.count <= ShellLaunch.roomForFirst ? $0 : nil })
        shells[privilege] = shell
        return shell
    }

    private func answer(
        _ outcome: ShellOutcome, to command: RemoteCommand, limit: ByteCount, end: String
    ) throws(TransportError) -> CommandResult {
        switch outcome {
        case .answer(let result): return result
        case .ended(let result, let exit):
            guard exit.status != nil else {
                throw TransportError(.connectionLost, host: host, "the host's shell ended during a command")
            }
            return result
        case .stopped(.expired):
            throw TransportError(
                .timedOut, host: host, "command did not end within \(describe(command.deadline)), and \(end)")
        case .stopped(.overfull):
            throw TransportError(
                .outputTooLong, host: host, "command wrote more than \(limit), and \(end)",
                hints: ["redirect its output into a file on the host"])
        case .stopped(.cancelled):
            throw TransportError(.cancelled, host: host, "the command was stopped before it was done, and \(end)")
        case .refused(let exit, let said): throw refusal(of: command.privilege, exit, said)
        case .lost(let error): throw error
        }
    }

    /// Why a shell did not start, from what was said instead.
    func refusal(of privilege: Privilege, _ exit: ShellExit, _ said: String) -> TransportError {
        let lines = said.split(whereSeparator: \.isNewline).map { $0.stripped }.filter { !$0.isEmpty }
        let reason = lines.suffix(3).joined(separator: "; ")
        let status = exit.status.map { "status \($0)" } ?? "no status"
        switch privilege {
        case .login:
            return TransportError(
                .unsupported, host: host,
                "could not start a shell (\(status))" + (reason.isEmpty ? "" : ": \(reason)"),
                hints: ["the login user needs a POSIX shell at /bin/sh, and the coreutils"])
        case .become(let user): return BecomeRefusal(endpoint: endpoint, user: user, said: lines, exit: exit).error
        }
    }
}

/// A duration for messages: `300 s`, `1.5 s`.
func describe(_ duration: Duration) -> String {
    let milliseconds = duration.wholeMilliseconds
    return milliseconds % 1000 == 0 ? "\(milliseconds / 1000) s" : "\(Double(milliseconds) / 1000) s"
}

extension TransportError {
    /// The same error with what was going on when a connection was lost.
    func adding(_ moment: String) -> TransportError {
        guard code == .connectionLost else { return self }
        return TransportError(code, host: host, "\(message), \(moment)", hints: hints)
    }
}
