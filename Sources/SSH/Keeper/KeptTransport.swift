import CLibSSH2
import Fleet
import Glibc

/// A host over a connection that a keeper has; where there is none, over one of this process.
actor KeptTransport: Opened {
    nonisolated let host: HostName
    private nonisolated let loop: SessionLoop
    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    private enum Way {
        case kept(KeeperCall)
        case direct(any Transport)
    }

    private let endpoint: Endpoint
    private let record: EndpointRecord
    private let link: KeeperLink
    private var call: KeeperCall?
    private var direct: (any Transport)?
    private(set) var login: LoginFacts?
    private let connecting = AsyncLock()

    init(to endpoint: Endpoint, _ record: EndpointRecord, over link: KeeperLink, on loop: SessionLoop) {
        host = endpoint.host
        (self.endpoint, self.record, self.link, self.loop) = (endpoint, record, link, loop)
    }

    isolated deinit { call?.hangUp() }

    // MARK: Transport

    func connect() async throws(TransportError) { _ = try await way() }

    func run(_ command: RemoteCommand, outputLimit: ByteCount) async throws(TransportError) -> CommandResult {
        switch try await way() {
        case .kept(let call): try await run(command, limit: outputLimit, handing: nil, by: call)
        case .direct(let transport): try await transport.run(command, outputLimit: outputLimit)
        }
    }

    func run(
        _ command: RemoteCommand, streaming sink: @escaping OutputSink
    ) async throws(TransportError) -> CommandResult {
        switch try await way() {
        case .kept(let call): try await run(command, limit: nil, handing: sink, by: call)
        case .direct(let transport): try await transport.run(command, streaming: sink)
        }
    }

    private func run(
        _ command: RemoteCommand, limit: ByteCount?, handing sink: OutputSink?, by call: KeeperCall
    ) async throws(TransportError) -> CommandResult {
        let script = Array(command.shellLine.utf8)
        let words = KeeperRequest.Running(
            privilege: PrivilegeRecord(command.privilege), scriptLength: script.count, deadline: command.deadline,
            isForAllToSee: command.isForAllToSee, leavesNothing: command.leavesNothing, limit: limit?.bytes)
        guard script.count + command.input.count <= KeeperFrame.mostBytes else {
            throw TransportError(
                .unsupported, host: host, "a command and its input can't be larger than 1 GiB together")
        }
        return try await perform(by: call) {
            call.begin(
                { .run($0, words) }, script + command.input, handing: sink, $0)
        }
    }

    func upload(
        _ localFile: String, to path: String, mode: UInt16, privilege: Privilege
    ) async throws(TransportError) {
        switch try await way() {
        case .direct(let transport):
            try await transport.upload(localFile, to: path, mode: mode, privilege: privilege)
        case .kept(let call):
            guard let file = OpenFile(localFile) else {
                throw TransportError(
                    .fileUnreadable, host: host, "cannot read \(localFile): \(describe(errorNumber: errno))")
            }
            var status = stat()
            fstat(file.descriptor, &status)
            let words = KeeperRequest.Copying(
                descriptor: file.descriptor, device: UInt64(status.st_dev), inode: UInt64(status.st_ino),
                name: localFile, path: path, mode: mode, privilege: PrivilegeRecord(privilege))
            let told = UploadProgress(host: host, path: path, sent: file.size, size: file.size, isOver: true)
            let tell = link.direct.context.settings.tellUploads
            // The keeper opens it anew, from here, while it is open.
            defer { withExtendedLifetime(file) { tell(told) } }
            _ = try await perform(by: call) { [host] in
                call.begin(
                    { .upload($0, words) },
                    passed: { tell(UploadProgress(host: host, path: path, sent: $0, size: $1)) }, $0)
            }
        }
    }

    /// Gives the connection back: another command may have it from now on.
    func close() async {
        call?.hangUp()
        call = nil
        await direct?.close()
    }

    /// Has the keeper do something, and stop it when the caller's task is cancelled.
    private func perform(
        by call: KeeperCall, _ begin: (CheckedContinuation<KeeperCall.Result, Never>) -> Int
    ) async throws(TransportError) -> CommandResult {
        var number = 0
        let canceller = loop.trigger { call.cancel(number) }
        let result = await withTaskCancellationHandler {
            // The closure stays on the actor only by naming it.
            _ = self
            return await withCheckedContinuation { number = begin($0) }
        } onCancel: { [loop] in
            loop.fire(canceller)
        }
        loop.drop(canceller)
        return try result.get()
    }

    // MARK: The way

    /// The connection, made anew when it is lost: nothing has been asked of the host through it then.
    private func way() async throws(TransportError) -> Way {
        try await connecting.withLock(cancelled: TransportError(.cancelled, host: host, "cancelled")) {
            () async throws(TransportError) in
            if let call, call.isAlive { return .kept(call) }
            if let direct { return .direct(direct) }
            if let call = try await opened() { return .kept(call) }
            let direct = try await link.direct.transport(to: endpoint)
            self.direct = direct
            login = await link.direct.login(to: endpoint)
            return .direct(direct)
        }
    }

    private func outcome(of request: KeeperRequest, by call: KeeperCall) async -> KeeperCall.Outcome {
        let canceller = loop.trigger { call.hangUp() }
        defer { loop.drop(canceller) }
        return await withTaskCancellationHandler {
            // The closure stays on the actor only by naming it.
            _ = self
            return await withCheckedContinuation { call.ask(request, $0) }
        } onCancel: { [loop] in
            loop.fire(canceller)
        }
    }

    /// A connection of the keeper's; `nil` when there is no keeper.
    private func opened() async throws(TransportError) -> KeeperCall? {
        guard let descriptor = await link.descriptor() else { return nil }
        let call = KeeperCall(descriptor, about: host, on: loop)
        self.call = call
        let outcome = await outcome(of: link.opening(record), by: call)
        if Task.isCancelled { throw TransportError(.cancelled, host: host, "cancelled while connecting") }
        switch outcome {
        case .answer(.opened(let record)):
            login = record.facts
            if let reason = record.detour { link.direct.context.detours.add(Detour(host: host, reason: reason)) }
            return call
        case .answer(.refused(let error)):
            call.hangUp()
            // What `ssh` may mend is for this command's own, where surroundings count.
            if record.dependsOnSurroundings, error.error.mayBeMended { return nil }
            throw error.error
        case .answer, .nobody, .gone:
            call.hangUp()
            // Whatever is wrong with it: this command does without.
            link.giveUp()
            return nil
        }
    }
}
