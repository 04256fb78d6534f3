import Fleet

/// A long-lived shell on a host. Used on one loop's thread, by the actor that made it.
final class Shell: Pollable {
    private enum Phase { case starting, open, ending, over }

    private let port: any ShellPort
    private let loop: SessionLoop
    private var input: ShellInput
    private var output: ShellOutput
    private var openStreams = ShellStream.allCases
    /// The stream whose reading left a packet half sent: libssh2 has to be called just so again, before anything else.
    private var blockedRead: ShellStream?
    private var jobs: [ShellJob] = []
    private var lastSequence = 0
    private var phase = Phase.starting
    private var exit = ShellExit()
    /// How much one step reads before others get their turn.
    private static let readsInOneStep = 32
    /// Why the waiting requests are about to be stopped.
    private var stopping: StopReason?
    /// Ends the wait for the line that says where a stopped request runs.
    private var startPatience: TriggerID?
    private static let longestStart: Duration = .seconds(5)

    /// The shell's session in the host's kernel, once it runs, and the process that reads requests.
    private(set) var kernelSession: Int?
    private(set) var runner = 0
    /// Asks the owner to step; set by the owner.
    var wake: () -> Void = {}

    init(_ launch: ShellLaunch, over port: any ShellPort, on loop: SessionLoop) {
        self.port = port
        self.loop = loop
        input = ShellInput(launch)
        output = ShellOutput(token: launch.token)
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
        input.append(request, as: sequence, isAlone: jobs.isEmpty)
        jobs.append(ShellJob(request, sequence, canceller, continuation))
        if jobs.count == 1 { output.expect(jobs[0]) }
        watch(sequence, for: request.deadline, isStallLimit: request.isStallLimit)
        wake()
    }

    private func watch(_ sequence: Int, for deadline: Duration, isStallLimit: Bool) {
        guard let index = jobs.firstIndex(where: { $0.sequence == sequence }) else { return }
        let before = input.written
        jobs[index].timer = loop.after(deadline) { [weak self] in
            guard let self else { return }
            guard isStallLimit, self.input.written > before else { return self.stop(sequence, .expired) }
            self.watch(sequence, for: deadline, isStallLimit: true)
        }
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
            let result: IOResult?
            do throws(OpenFile.Shrunk) {
                result = try input.write(to: port)
            } catch {
                // The host waits for bytes that will never come: this shell can't be used again.
                stopAll(.cancelled)
                return closePort()
            }
            switch result {
            case nil, .waiting, .ended, .failed: return nil
            case .sendBlocked: return .sendBlocked
            case .done: hasMoved = true
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
        for event in output.feed(bytes, from: stream) {
            switch event {
            case .started(let fields): if fields.count == 2 { begin(session: fields[1], runner: fields[0]) }
            case .ended(let sequence, let status): end(sequence, status, of: stream)
            }
        }
        if !input.passPrompt(output.preludes) {
            phase = .ending
            settleAll(.refused(exit: exit, said: input.refusal(output.preludes)))
        }
        if output.isOverfull, let job = jobs.first { stop(job.sequence, .overfull) }
    }

    private func begin(session: Int, runner: Int) {
        (kernelSession, self.runner) = (session, runner)
        if let reason = stopping { stopAll(reason) }
    }

    private func end(_ sequence: Int, _ status: Int32, of stream: ShellStream) {
        guard stopping == nil, let job = jobs.first, job.sequence == sequence else { return }
        // What came in one piece with the end was too much all the same.
        if output.isOverfull { return stop(job.sequence, .overfull) }
        jobs[0].end(stream, output.take(stream), status: status)
        if let answer = jobs[0].answer { settleFirst(.answer(answer)) }
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
        if kernelSession == nil {
            settleAll(.refused(exit: exit, said: input.refusal(output.preludes)))
        } else if let job = jobs.first {
            settleAll(.ended(job.cutShort(exit, &output), exit: exit))
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
            startPatience = loop.after(Self.longestStart) { [weak self] in self?.goOnStopping() }
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
        loop.drop(startPatience)
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
        while !jobs.isEmpty { settleFirst(outcome) }
    }

    private func settleFirst(_ outcome: ShellOutcome) {
        let job = jobs.removeFirst()
        loop.drop(job.timer)
        loop.drop(job.canceller)
        output.expect(jobs.first)
        job.continuation.resume(returning: outcome)
    }
}
