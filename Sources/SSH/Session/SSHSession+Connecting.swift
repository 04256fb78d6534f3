import CLibSSH2
import Fleet
import Glibc

extension SSHSession {
    /// Connects, checks the host's key and logs in, within the endpoint's time for each.
    func connect(_ context: ConnectorContext) async throws(TransportError) {
        do throws(TransportError) {
            try await untilCancelled { () throws(TransportError) in try await establish(context) }
        } catch {
            disconnect()
            throw error
        }
    }

    /// Does `work`, and ends what it waits for as soon as the caller's task is cancelled.
    func untilCancelled<Value>(
        _ work: nonisolated(nonsending) () async throws(TransportError) -> Value
    ) async throws(TransportError) -> Value {
        let canceller = loop.trigger { [weak self] in self?.assumeIsolated { $0.cancelConnecting() } }
        let result: Result<Value, TransportError> = await withTaskCancellationHandler {
            do throws(TransportError) {
                return .success(try await work())
            } catch {
                return .failure(error)
            }
        } onCancel: { [loop] in
            loop.fire(canceller)
        }
        loop.drop(canceller)
        return try result.get()
    }

    private func cancelConnecting() {
        lose(failure(.cancelled, "cancelled while connecting"))
        connectingEnds?()
    }

    private func establish(_ context: ConnectorContext) async throws(TransportError) {
        try await overTheWay(context) { stream throws(TransportError) in
            let known = try await context.hostKeys.firstKnown(for: endpoint)
            try await shakeHands(over: stream, preferring: known.algorithms, context) { () throws(TransportError) in
                try await check(known, context.hostKeys)
                try await logIn(context)
            }
        }
        silences = context.silences
        beginPulse()
    }

    /// Asks for the host's key and no more: for ``HostKeyScanner``.
    func scan(_ algorithm: HostKeyAlgorithm, _ context: ConnectorContext) async throws(TransportError) -> HostKey? {
        defer { disconnect() }
        try await overTheWay(context) { stream throws(TransportError) in
            try await shakeHands(over: stream, preferring: [algorithm], context) {}
        }
        return hostKey.flatMap { $0.algorithm == algorithm ? $0 : nil }
    }

    // MARK: The way there

    /// Does `work` over a way to the host, which is to be let in to before others are that come to the same place.
    func overTheWay<Value>(
        _ context: ConnectorContext,
        _ work: nonisolated(nonsending) (any SessionStream) async throws(TransportError) -> Value
    ) async throws(TransportError) -> Value {
        guard let jump = context.jumps.last(before: endpoint, settings: settings) else {
            let socket = try await open(try await addresses(context.resolver), context)
            defer { door?.leave() }
            return try await work(socket)
        }
        let place = try await slot(among: jump.handshakes)
        defer { place.leave() }
        let tunnel = try await jump.tunnel(to: endpoint, context)
        do throws(TransportError) {
            if let loss { throw loss }
            return try await work(TunnelStream(tunnel, on: loop))
        } catch {
            tunnel.close()
            throw error
        }
    }

    private func slot(among handshakes: AsyncSemaphore) async throws(TransportError) -> HandshakeSlot {
        guard let permit = await handshakes.acquire() else { throw failure(.cancelled, "cancelled") }
        return HandshakeSlot(permit, for: settings.handshakePatience, on: loop)
    }

    func addresses(_ resolver: Resolver) async throws(TransportError) -> [SocketAddress] {
        switch await resolver.addresses(of: endpoint.address, port: endpoint.port) {
        case .addresses(let addresses):
            let wanted = addresses.filter { $0.isOf(endpoint.addressFamily) }
            guard wanted.isEmpty, let family = endpoint.addressFamily else { return wanted }
            throw failure(
                .unreachable, "'\(endpoint.address)' has no address of the kind that AddressFamily asks for: \(family)",
                hints: ["take AddressFamily out of ~/.ssh/config for this host, or set ansible_host to an address"])
        case .failure(let reason):
            guard !Task.isCancelled else { throw failure(.cancelled, "cancelled while connecting") }
            throw failure(
                .unreachable, "cannot resolve '\(endpoint.address)': \(reason.lowercased())",
                hints: ["set ansible_host to an address, or check the name and the resolver"])
        }
    }

    private func open(
        _ addresses: [SocketAddress], _ context: ConnectorContext
    ) async throws(TransportError) -> Socket {
        var reasons: [String] = []
        for address in addresses {
            let part = Silences.Part.address(address.description)
            guard let patience = context.silences.patience(with: part, of: endpoint) else {
                reasons.append(silence(of: address))
                continue
            }
            guard let permit = await context.doors.places(at: address).acquire() else {
                throw failure(.cancelled, "cancelled")
            }
            let place = HandshakeSlot(permit, for: Doors.patience, on: loop)
            if let loss { throw loss }
            let (socket, code) = try await knock(at: address, within: patience, context.silences)
            if code == 0 {
                socket.limitSilence(to: settings.silenceLimit)
                door = place.kept(for: Doors.greetingPatience)
                return socket
            }
            place.leave()
            // A listener that is short of room resets connections that it had taken.
            if code == ECONNRESET { earlyEnd = .silent }
            reasons.append(
                code == ETIMEDOUT ? silence(of: address) : "\(address): \(describe(errorNumber: code))")
        }
        throw failure(
            .unreachable, reasons.joined(separator: "; "),
            hints: [
                "is the host up, and does its sshd listen there? try: ssh -v -p \(endpoint.port) \(endpoint.address)"
            ])
    }

    /// A socket that is connected to `address`, or the number of the error that connecting ended with.
    private func knock(
        at address: SocketAddress, within patience: Duration, _ silences: Silences
    ) async throws(TransportError) -> (socket: Socket, code: Int32) {
        guard let socket = Socket(family: address.family, on: loop) else {
            throw failure(
                .unreachable, "no socket: \(describe(errorNumber: errno))",
                hints: ["each host takes one: raise the limit (ulimit -Hn), or take fewer hosts at once"])
        }
        let began = ContinuousClock.now
        var code = socket.beginConnecting(to: address)
        if code == 0 { code = await waitUntilWritable(socket, within: patience) ? socket.error : ETIMEDOUT }
        silences.note(code != ETIMEDOUT, by: .address(address.description), of: endpoint, since: began)
        if let loss { throw loss }
        return (socket, code)
    }

    private func silence(of address: SocketAddress) -> String {
        "no answer from \(address) within \(describe(endpoint.connectTimeout))"
    }

    private func waitUntilWritable(_ socket: Socket, within patience: Duration) async -> Bool {
        var watch: Watch?
        defer { if let watch { loop.end(watch) } }
        return await isReadyInTime(within: patience) { settle in
            watch = loop.watch(socket.descriptor, for: .writing) { _ in settle() }
        }
    }

    /// Whether something is ready within the endpoint's time for connecting, and before the caller gives up.
    ///
    /// - Parameters:
    ///   - patience: A shorter time, where there is one.
    ///   - watch: Begins to watch for it, and calls what it is given once it is ready.
    func isReadyInTime(
        within patience: Duration? = nil, _ watch: (_ settle: @escaping () -> Void) -> Void
    ) async -> Bool {
        var timer: TriggerID?
        let isReady = await withCheckedContinuation { (continuation: CheckedContinuation<Bool, Never>) in
            var waiting: CheckedContinuation<Bool, Never>? = continuation
            let settle = { (isReady: Bool) in
                waiting?.resume(returning: isReady)
                waiting = nil
            }
            timer = loop.after(patience ?? endpoint.connectTimeout) { settle(false) }
            connectingEnds = { settle(false) }
            watch { settle(true) }
        }
        connectingEnds = nil
        loop.drop(timer)
        return isReady
    }

    // MARK: The handshake

    /// Agrees on keys with the host, and does `rest`, which logs in, at once.
    ///
    /// Both cost more than connections do: a slot is taken for them, once the host has said its first line.
    private func shakeHands(
        over stream: any SessionStream, preferring algorithms: [HostKeyAlgorithm], _ context: ConnectorContext,
        then rest: nonisolated(nonsending) () async throws(TransportError) -> Void
    ) async throws(TransportError) {
        guard let handle = SessionHandle(over: stream) else {
            throw failure(.unreachable, "libssh2 has no memory left")
        }
        let names = settings.library.hostKeyPreference(knowing: algorithms)
        libssh2_session_method_pref(handle.raw, LIBSSH2_METHOD_HOSTKEY, names)
        let greeted = try await greet(handle, over: stream, context.silences)
        let slot = try await slot(among: context.handshakes)
        defer { slot.leave() }
        if let loss { throw loss }
        begin(handle, over: stream)
        let descriptor = stream.descriptor
        let code =
            greeted == LIBSSH2_ERROR_EAGAIN
            ? try await call("the SSH handshake") { Int(libssh2_session_handshake(handle.raw, descriptor)) }
            : Int(greeted)
        guard code == 0 else { throw handshakeFailure(Int32(code), handle, stream) }
        try await rest()
    }

    /// Says who we are, and waits until the host says anything.
    /// - Returns: What libssh2 says; it is to be called again.
    private func greet(
        _ handle: SessionHandle, over stream: any SessionStream, _ silences: Silences
    ) async throws(TransportError) -> Int32 {
        var code = LIBSSH2_ERROR_EAGAIN
        guard let patience = silences.patience(with: .greeting, of: endpoint) else {
            throw noAnswer("the SSH handshake")
        }
        let began = ContinuousClock.now
        let hasGreeted = await isReadyInTime(within: patience) { settle in
            stream.begin { _ in settle() }
            // libssh2 says its own line first, and takes what there is; its answer is for the call that goes on.
            code = libssh2_session_handshake(handle.raw, stream.descriptor)
            if code != LIBSSH2_ERROR_EAGAIN || handle.received > 0 { settle() }
        }
        stream.end()
        silences.note(hasGreeted, by: .greeting, of: endpoint, since: began)
        if let loss { throw loss }
        guard hasGreeted else { throw noAnswer("the SSH handshake") }
        door = door?.kept(for: settings.handshakePatience)
        return code
    }

    private func handshakeFailure(
        _ code: Int32, _ handle: SessionHandle, _ stream: any SessionStream
    ) -> TransportError {
        if let cause = stream.causeOfEnd { return failure(.unreachable, cause) }
        switch code {
        case LIBSSH2_ERROR_KEX_FAILURE, LIBSSH2_ERROR_METHOD_NONE:
            return failure(
                .unsupported, "no algorithm in common with the host's sshd: \(handle.lastError.lowercasedFirst)",
                hints: [
                    "\(settings.library.name) needs an ed25519 or ECDSA host key and curve25519 or ECDH key exchange on the host"
                ])
        case LIBSSH2_ERROR_BANNER_RECV: return cutOff(handle)
        case let code where SessionHandle.meansCutOff(Int(code)) || handle.causeOfLoss != nil: return cutOff(handle)
        default:
            return failure(.unreachable, "SSH handshake failed: \(handle.lastError.lowercasedFirst)")
        }
    }

    /// The host ended the connection before we agreed on keys.
    private func cutOff(_ handle: SessionHandle) -> TransportError {
        let cut = EarlyEnd(said: handle.greeting)
        earlyEnd = cut
        let hint: String
        switch cut {
        case .tooManyLogins: return turnedAway()
        case .silent: hint = "sshd may be refusing (MaxStartups, a firewall, hosts.deny), or the port is not sshd's"
        case .midway: hint = "its sshd may have failed: see the host's log; or something on the way cuts connections"
        }
        let cause = handle.causeOfLoss.map { $0 == SessionHandle.endedByHost ? "" : ": \($0)" } ?? ""
        let moment = cut == .silent ? ", before it said anything" : ""
        return failure(
            .unreachable, "the host closed the connection during the SSH handshake\(moment)\(cause)", hints: [hint])
    }

    /// sshd let nobody in for as long as we tried.
    func turnedAway() -> TransportError {
        let patience = describe(endpoint.connectTimeout)
        return failure(
            .unreachable, "sshd has turned us away for \(patience): too many others are logging in (MaxStartups)",
            hints: ["raise MaxStartups in the host's sshd_config (100:30:200), or find out who else connects to it"])
    }

    /// The host's key, as it proved to have.
    var hostKey: HostKey? {
        // Not there while nothing is connected.
        guard let handle = try? liveHandle() else { return nil }
        var length = 0
        var type: Int32 = 0
        guard let bytes = libssh2_session_hostkey(handle.raw, &length, &type) else { return nil }
        return HostKey(blob: UnsafeRawBufferPointer(start: bytes, count: length).map { $0 })
    }

    private func check(_ known: KnownHosts.Matches, _ store: HostKeyStore) async throws(TransportError) {
        guard endpoint.checksHostKey || !endpoint.pinnedHostKeys.isEmpty else { return }
        guard let key = hostKey else { throw failure(.hostKeyUnknown, "the host showed no key that can be read") }
        if known.refusal(of: key, by: endpoint) == nil { return }
        if let refusal = try await store.known(for: endpoint).refusal(of: key, by: endpoint) { throw refusal }
    }
}
