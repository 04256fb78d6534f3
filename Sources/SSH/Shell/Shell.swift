import Fleet

/// What a shell is asked to run.
struct ShellRequest {
    var script: String
    var input: Outbox.Item = .bytes([])
    /// Whether the script reads from the connection itself, and takes exactly `input`.
    var isInputRaw = false
    var limit: Int
    var deadline: Duration
    /// Whether the deadline counts from the last progress instead of from the beginning.
    var isStallLimit = false
    /// Takes the output as it comes; the answer then holds none.
    var sink: OutputSink?
}

/// What came of a request.
enum ShellOutcome {
    case answer(CommandResult)
    /// The caller stopped waiting; the command may still run.
    case stopped(StopReason)
    /// The shell itself ended, with what the command had written.
    case ended(CommandResult, exit: ShellExit)
    /// The shell never ran: its exit, and what was said instead.
    case refused(exit: ShellExit, said: String)
    case lost(TransportError)
}

enum StopReason {
    case expired, overfull, cancelled
}

/// A long-lived shell on a host. Used on one loop's thread, by the actor that made it.
final class Shell: Stepper {
    private struct Job {
        var sequence: Int
        var continuation: CheckedContinuation<ShellOutcome, Never>
        var timer: TriggerID?
        var canceller: TriggerID?
        var began: ContinuousClock.Instant
        var limit: Int
        var sink: OutputSink?
        var status: Int32?
        var output: [UInt8]?
        var errors: [UInt8]?
    }

    private enum Phase { case starting, open, ending, over }

    private let port: any ShellPort
    private let loop: SessionLoop
    private var outbox = Outbox()
    private var gate: PasswordGate?
    /// What is written once the gate is open.
    private var backlog: [Outbox.Item] = []
    private var output: AnswerReader
    private var errors: AnswerReader
    private var openStreams = ShellStream.allCases
    /// The stream whose reading left a packet half sent: libssh2 has to be called just so again, before anything else.
    private var blockedRead: ShellStream?
    private var jobs: [Job] = []
    private var lastSequence = 0
    /// Whether the first request went with the line that starts the shell.
    private let firstIsSent: Bool
    private var written = 0
    private var phase = Phase.starting
    private var exit = ShellExit()
    /// How much one step reads before others get their turn.
    private static let readsInOneStep = 32
    /// Why the waiting requests are about to be stopped.
    private var stopping: StopReason?
    private var greeting: TriggerID?
    private static let greetingPatience: Duration = .seconds(5)

    /// The shell's session in the host's kernel, once it runs.
    private(set) var kernelSession: Int?
    /// Asks the owner to step; set by the owner.
    var wake: () -> Void = {}

    init(_ launch: ShellLaunch, over port: any ShellPort, on loop: SessionLoop) {
        self.port = port
        self.loop = loop
        output = AnswerReader(token: launch.token)
        errors = AnswerReader(token: launch.token)
        gate = launch.gate
        firstIsSent = launch.carriesFirst
        queue(.bytes(launch.opening))
    }

    /// How far it is, for whoever loses it.
    var standing: String { kernelSession == nil ? "while a shell was being started" : "during a command" }

    /// Whether it takes another request.
    var isUsable: Bool { (phase == .starting || phase == .open) && stopping == nil }

    /// Runs a request. A second one may be on its way while the first runs; answers come in order.
    ///
    /// - Parameter isolation: The actor that made the shell; the handler's closure stays on it only by naming it.
    func perform(
        _ request: ShellRequest, isolation: isolated (any Actor)? = #isolation
    ) async -> ShellOutcome {
        lastSequence += 1
        let sequence = lastSequence
        let canceller = loop.trigger { [weak self] in self?.stop(sequence, .cancelled) }
        return await withTaskCancellationHandler {
            _ = isolation
            return await withCheckedContinuation { continuation in
                begin(request, sequence, canceller, continuation)
            }
        } onCancel: { [loop] in
            loop.fire(canceller)
        }
    }

    /// As ``perform(_:)``, but goes on when the caller's task has been cancelled: for tidying up.
    nonisolated(nonsending) func performUncancelled(_ request: ShellRequest) async -> ShellOutcome {
        lastSequence += 1
        let sequence = lastSequence
        return await withCheckedContinuation { begin(request, sequence, nil, $0) }
    }

    private func begin(
        _ request: ShellRequest, _ sequence: Int, _ canceller: TriggerID?,
        _ continuation: CheckedContinuation<ShellOutcome, Never>
    ) {
        guard isUsable else {
            loop.drop(canceller)
            return continuation.resume(returning: .refused(exit: exit, said: ""))
        }
        send(request, sequence)
        jobs.append(
            Job(
                sequence: sequence, continuation: continuation, canceller: canceller, began: .now,
                limit: request.limit, sink: request.sink))
        if jobs.count == 1 { prepareReaders() }
        watch(sequence, for: request.deadline, isStallLimit: request.isStallLimit)
        wake()
    }

    private func watch(_ sequence: Int, for deadline: Duration, isStallLimit: Bool) {
        guard let index = jobs.firstIndex(where: { $0.sequence == sequence }) else { return }
        let before = written
        jobs[index].timer = loop.after(deadline) { [weak self] in
            guard let self else { return }
            guard isStallLimit, self.written > before else { return self.stop(sequence, .expired) }
            self.watch(sequence, for: deadline, isStallLimit: true)
        }
    }

    private func send(_ request: ShellRequest, _ sequence: Int) {
        if sequence == 1, firstIsSent { return }
        let script = Array(request.script.utf8)
        let isLine = script.count <= 1024 && !script.contains(UInt8(ascii: "\n"))
        let link = jobs.isEmpty ? "a" : "p"
        let inputCount =
            switch request.input {
            case _ where request.isInputRaw: "r"
            case .bytes(let bytes): "\(bytes.count)"
            case .file(_, _, let count): "\(count)"
            }
        let header = "\(sequence) \(isLine ? "l" : "b") \(script.count) \(inputCount) \(link)\n"
        queue(.bytes(Array(header.utf8) + script + (isLine ? [UInt8(ascii: "\n")] : [])))
        queue(request.input)
    }

    private func queue(_ item: Outbox.Item) {
        if gate == nil { outbox.append(item) } else { backlog.append(item) }
    }

    /// Hands over the password when it is asked for, and everything else once the shell runs.
    private func passGate() {
        guard gate != nil, let step = gate?.next(output: output.prelude, errors: errors.prelude) else { return }
        switch step {
        case .wait: break
        case .answer: outbox.append(.bytes(Array("\(gate?.password?.reveal() ?? "")\n".utf8)))
        case .open:
            gate = nil
            for item in backlog { outbox.append(item) }
            backlog = []
        case .giveUp:
            let said = said
            phase = .ending
            settleAll(.refused(exit: exit, said: said))
        }
    }

    /// What came instead of the shell.
    private var said: String {
        let said =
            String(decoding: errors.prelude, as: UTF8.self) + "\n" + String(decoding: output.prelude, as: UTF8.self)
        return gate?.cleaned(said) ?? said
    }

    /// Makes the readers do with the next answer what its request wants.
    private func prepareReaders() {
        let limit = jobs.first?.limit ?? Int.max
        let sink = jobs.first?.sink
        (output.limit, errors.limit) = (limit, limit)
        output.sink = sink.map { sink in { sink(.output, $0) } }
        errors.sink = sink.map { sink in { sink(.errors, $0) } }
    }

    // MARK: Stepping

    func step() -> StepResult {
        var hasMoved = false
        if phase != .over, let stream = blockedRead, let result = read(stream, &hasMoved) { return result }
        switch phase {
        case .over: return .finished
        case .ending: return closePort()
        case .starting, .open: break
        }
        if phase == .starting {
            switch port.start() {
            case .done, .ended: phase = .open
            case .waiting: return .waiting
            case .sendBlocked: return .sendBlocked
            case .failed(let reason): return refuse(reason)
            }
        }
        if let result = writeAll(&hasMoved) ?? readAll(&hasMoved) { return result }
        return hasMoved ? .progressed : .waiting
    }

    private func writeAll(_ hasMoved: inout Bool) -> StepResult? {
        while true {
            let attempt: Attempt?
            do throws(OpenFile.Shrunk) {
                attempt = try outbox.withNext { port.write($0) }
            } catch {
                // The host waits for bytes that will never come: this shell can't be used again.
                stopAll(.cancelled)
                return closePort()
            }
            switch attempt {
            case nil, .waiting, .ended, .failed: return nil
            case .sendBlocked: return .sendBlocked
            case .done(let count):
                outbox.consume(count)
                written += count
                hasMoved = true
            }
        }
    }

    private func readAll(_ hasMoved: inout Bool) -> StepResult? {
        for stream in openStreams {
            if let result = read(stream, &hasMoved) { return result }
        }
        return openStreams.isEmpty ? finish() : nil
    }

    private func read(_ stream: ShellStream, _ hasMoved: inout Bool) -> StepResult? {
        blockedRead = nil
        for _ in 0..<Self.readsInOneStep {
            switch port.read(stream, into: loop.scratch) {
            case .done(let count):
                hasMoved = true
                take(UnsafeRawBufferPointer(rebasing: loop.scratch[..<count]), from: stream)
                if phase == .ending { return closePort() }
            case .sendBlocked:
                blockedRead = stream
                return .sendBlocked
            case .ended, .failed:
                openStreams.removeAll { $0 == stream }
                return nil
            case .waiting: return nil
            }
        }
        return nil
    }

    private func take(_ bytes: UnsafeRawBufferPointer, from stream: ShellStream) {
        let events = stream == .output ? output.feed(bytes) : errors.feed(bytes)
        for event in events {
            switch event {
            case .started(let fields): if fields.count == 2 { greet(session: fields[1]) }
            case .ended(let sequence, let status): end(sequence, status, of: stream)
            }
        }
        passGate()
        if output.isOverfull || errors.isOverfull, let job = jobs.first { stop(job.sequence, .overfull) }
    }

    private func greet(session: Int) {
        kernelSession = session
        if let reason = stopping { stopAll(reason) }
    }

    private func end(_ sequence: Int, _ status: Int32, of stream: ShellStream) {
        guard stopping == nil, let job = jobs.first, job.sequence == sequence else { return }
        switch stream {
        case .output: (jobs[0].output, jobs[0].status) = (output.take(), status)
        case .errors: jobs[0].errors = errors.take()
        }
        guard let output = jobs[0].output, let errors = jobs[0].errors else { return }
        settle(
            .answer(CommandResult(status: status, output: output, errors: errors, elapsed: .now - job.began)),
            at: 0)
    }

    // MARK: Ends

    /// The streams have ended: says how to whoever waits.
    private func finish() -> StepResult? {
        switch port.exit(&exit) {
        case .waiting: return nil
        case .sendBlocked: return .sendBlocked
        case .done, .ended, .failed: break
        }
        output.finish()
        errors.finish()
        if kernelSession == nil {
            settleAll(.refused(exit: exit, said: said))
        } else if let job = jobs.first {
            let result = CommandResult(
                status: exit.status ?? -1, output: job.output ?? output.take(), errors: job.errors ?? errors.take(),
                elapsed: .now - job.began)
            settleAll(.ended(result, exit: exit))
        }
        return closePort()
    }

    private func refuse(_ reason: String) -> StepResult {
        settleAll(.refused(exit: exit, said: reason))
        return closePort()
    }

    /// Ends the wait for a request; what it started on the host is the owner's to end.
    private func stop(_ sequence: Int, _ reason: StopReason) {
        guard jobs.contains(where: { $0.sequence == sequence }), stopping == nil else { return }
        if phase == .open, kernelSession == nil {
            // The command may run already, and only the shell's first line says where: waits for that a moment.
            stopping = reason
            greeting = loop.after(Self.greetingPatience) { [weak self] in self?.goOnStopping() }
        } else {
            stopAll(reason)
        }
        wake()
    }

    private func goOnStopping() {
        guard let reason = stopping else { return }
        stopAll(reason)
        wake()
    }

    private func stopAll(_ reason: StopReason) {
        if phase != .over { phase = .ending }
        loop.drop(greeting)
        settleAll(.stopped(reason))
    }

    /// Gives the shell up: standard input ends, so an idle shell does too.
    func retire() {
        if phase != .over { phase = .ending }
        settleAll(.stopped(.cancelled))
        wake()
    }

    func abort(_ error: TransportError) {
        phase = .over
        settleAll(.lost(error))
    }

    private func closePort() -> StepResult {
        phase = .ending
        switch port.close() {
        case .waiting: return .waiting
        case .sendBlocked: return .sendBlocked
        case .done, .ended, .failed:
            phase = .over
            return .finished
        }
    }

    private func settleAll(_ outcome: ShellOutcome) {
        while !jobs.isEmpty { settle(outcome, at: 0) }
    }

    private func settle(_ outcome: ShellOutcome, at index: Int) {
        let job = jobs.remove(at: index)
        loop.drop(job.timer)
        loop.drop(job.canceller)
        if index == 0 { prepareReaders() }
        job.continuation.resume(returning: outcome)
    }
}
