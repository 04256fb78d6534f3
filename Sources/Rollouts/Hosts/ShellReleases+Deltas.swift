import Fleet

/// How builds are sent as what differs from one that a host keeps.
struct DeltaDelivery: Sendable {
    /// Makes each delta once.
    let deltas: BuildDeltas
    /// Has a base here that is not on this machine.
    let findBase: BuildDeltas.FindBase
    /// Hears why a whole build is sent, once for each reason.
    let tellWhole: @Sendable (RolloutError) -> Void
}

extension ShellReleases {
    /// What differs was sent, and the host made the build's tar of it.
    struct Patched {
        /// What lies on the host.
        let build: StoredBuild
        /// How it came, for people.
        let note: String
    }

    /// Sends what differs from a build that the host keeps, where that is less than the whole.
    /// - Parameter lines: What the host said when it was prepared.
    /// - Returns: `nil` when the whole has to be sent.
    func patched(
        _ build: StoredBuild, _ lines: [Substring], on host: HostName
    ) async throws(RolloutError) -> Patched? {
        guard let delivery, let tar = build.tar, let whole = build.extent?.packed, whole >= BuildDelta.smallestFile
        else { return nil }
        let ground = DeltaGround(parsing: lines)
        guard ground.bases.contains(where: { $0 != build.digest }) else { return nil }
        guard let delta = try await delta(to: build, whole, ground, lines, delivery, host) else { return nil }
        try await upload(delta.path, to: layout.incomingDelta(build.digest), on: host)
        let memory = Int(clamping: delta.memory >> 20)
        let made = try await run(
            script.patch(build.digest, into: tar, from: delta.base, memory: memory), on: host,
            deadline: .seconds(120 + (delta.baseSize + delta.tarSize) >> 22))
        if made.status == ReleaseScript.Status.unpatched {
            let reason = made.text.lines.first ?? "no reason given"
            tellWhole(host, "could not make the build of what differs from \(delta.base.release): \(reason)", delivery)
            return nil
        }
        try expectSuccess(made, host, doing: "making the build of what differs")
        var arrived = build
        (arrived.kind, arrived.isRepacked) = (.plain, !tar.isFile(of: build.digest))
        let sent = "\(ByteCount(Int(delta.size))) of \(ByteCount(Int(whole)))"
        return Patched(
            build: arrived, note: "\(sent) sent, what differs from \(delta.base.release); verified and unpacked")
    }

    private func delta(
        to build: StoredBuild, _ whole: Int64, _ ground: DeltaGround, _ lines: [Substring], _ delivery: DeltaDelivery,
        _ host: HostName
    ) async throws(RolloutError) -> BuildDelta? {
        guard ground.tool == .ready else {
            let lack = ground.tool == .old ? "a zstd older than 1.4.5" : "no zstd"
            tellWhole(
                host, "there is \(lack), so the whole build is sent and not only what differs", delivery,
                hints: ["install zstd in the playbook"])
            return nil
        }
        let found: (delta: BuildDelta?, reason: String?)
        do { found = try await delivery.deltas.delta(to: build, from: ground.bases, delivery.findBase) } catch {
            throw RolloutError(.command, host: host, "cancelled")
        }
        if let reason = found.reason { tellWhole(host, "the whole build is sent: \(reason)", delivery) }
        guard let delta = found.delta, delta.isWorthIt(inPlaceOf: whole) else { return nil }
        if let memory = ground.memory, memory / 2 < delta.memory {
            tellWhole(
                host,
                "the whole build is sent: what differs would need \(Self.size(delta.memory)) of memory, more than half "
                    + "of the \(Self.size(memory)) that are available", delivery)
            return nil
        }
        let room = HostRoom(parsing: lines)
        let needed = delta.room + (build.extent?.unpacked ?? 0)
        if let free = room.free, free < needed + 4 << 20 {
            tellWhole(
                host,
                "the whole build is sent: what differs would need \(Self.size(needed)) on \(room.mount), which has "
                    + "\(Self.size(free)) free", delivery)
            return nil
        }
        return delta
    }

    private static func size(_ bytes: Int64) -> ByteCount { ByteCount(Int(clamping: bytes)) }

    private func tellWhole(
        _ host: HostName, _ reason: String, _ delivery: DeltaDelivery, hints: [String] = []
    ) {
        guard delivery.deltas.isNews(reason) else { return }
        delivery.tellWhole(RolloutError(.command, host: host, reason, hints: hints))
    }
}
