import CLibSSH2
import Fleet

extension SSHSession {
    /// Connects and reads what the host says to everybody, through jump hosts where there are some; then hangs up.
    func probe(_ context: ConnectorContext) async throws(ServerProbeError) -> ServerIdentification {
        var stage = ServerIdentification.Stage.port
        do throws(TransportError) {
            if endpoint.jumps.isEmpty {
                stage = .name
                _ = try await addresses(context.resolver)
                stage = .port
            }
            return try await untilCancelled { () throws(TransportError) in
                try await overTheWay(context) { stream throws(TransportError) in
                    stage = .banner
                    return try await identification(over: stream, &stage)
                }
            }
        } catch {
            throw ServerProbeError(stage: stage, cause: error)
        }
    }

    private func identification(
        over stream: any SessionStream, _ stage: inout ServerIdentification.Stage
    ) async throws(TransportError) -> ServerIdentification {
        let conversation = PlainConversation(over: stream, on: loop)
        defer { conversation.end() }
        var reader = IdentificationReader()
        // A host that says a little again and again does not keep us for ever.
        let end = ContinuousClock.now + endpoint.connectTimeout
        while true {
            guard .now < end else { throw unfinished(reader, stream, stage) }
            guard let bytes = await receive(from: conversation) else { throw unfinished(reader, stream, stage) }
            let progress = reader.read(bytes)
            if stage == .banner, reader.banner != nil {
                stage = .algorithms
                conversation.send(Array("SSH-2.0-Drover\r\n".utf8))
            }
            switch progress {
            case .needsMore: continue
            case .senseless: throw failure(.unreachable, "what listens there is no SSH server")
            case .offer(let offer):
                if let handle = SessionHandle(over: stream) { try check(offer, AlgorithmOffer(of: handle.raw)) }
                return ServerIdentification(address: address(of: stream), banner: reader.banner ?? "")
            }
        }
    }

    private func address(of stream: any SessionStream) -> String {
        if let address = (stream as? Socket)?.address { return "\(address)" }
        let through = endpoint.jumps.last.map { " through \($0.host)" } ?? ""
        return "\(endpoint.address):\(endpoint.port)\(through)"
    }

    /// The next bytes; `nil` when none come in time, or any more.
    private func receive(from conversation: PlainConversation) async -> [UInt8]? {
        while loss == nil {
            switch conversation.read() {
            case .bytes(let bytes): return bytes
            case .ended: return nil
            case .nothing: guard await isReadyInTime(conversation.whenReady) else { return nil }
            }
        }
        return nil
    }

    private func unfinished(
        _ reader: IdentificationReader, _ stream: any SessionStream, _ stage: ServerIdentification.Stage
    ) -> TransportError {
        if let loss { return loss }
        if let cause = stream.causeOfEnd { return failure(.unreachable, cause) }
        let end = EarlyEnd(said: reader.prelude)
        if end == .tooManyLogins {
            earlyEnd = end
            return turnedAway()
        }
        guard stage == .banner else {
            return failure(
                .unreachable, "the server greets, but then says nothing that can be read",
                hints: [
                    "sshd may be refusing: see MaxStartups and PerSourcePenalties in sshd_config, and the host's log"
                ])
        }
        return failure(
            .unreachable,
            "the port is open, but no SSH server greets there within \(describe(endpoint.connectTimeout))",
            hints: ["is sshd frozen, overloaded or refusing (MaxStartups), or is this another service's port?"])
    }

    private func check(_ offer: AlgorithmOffer, _ ours: AlgorithmOffer) throws(TransportError) {
        guard let gap = offer.gaps(to: ours).first else { return }
        var hint =
            "\(settings.library.name) needs a \(gap.part) that is not among them: enable one in the host's sshd_config"
        if gap.part == "host key", !settings.library.signsRSAWithSHA2, gap.offered.allSatisfy({ $0.contains("rsa") }) {
            hint = """
                \(settings.library.name) knows RSA host keys only with SHA-1 (ssh-rsa), which today's sshd does not offer: make an ed25519 \
                key there with ssh-keygen -A, and restart sshd
                """
        }
        let offered = gap.offered.joined(separator: ", ")
        throw failure(
            .unsupported, "no \(gap.part) algorithm in common; the host offers \(offered)", hints: [hint])
    }
}
