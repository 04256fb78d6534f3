import Fleet

/// Changes releases on hosts of several tiers, each with its own units and checks.
struct TierReleases: ReleaseControl, UnitControl, NoteControl, ArchiveControl, SettingsControl, HookControl {
    private typealias Control =
        any ReleaseControl & UnitControl & NoteControl & ArchiveControl & SettingsControl & HookControl

    private let own: [HostName: Control]
    /// Of balancers, and of hosts that left: any of the service's units may be on them.
    private let others: Control

    /// - Parameter open: Gives what changes one host, or what changes those that are in no tier.
    init(
        _ site: StageSite,
        open: (HostName?) -> any ReleaseControl & UnitControl & NoteControl & ArchiveControl & SettingsControl
            & HookControl
    ) {
        own = Dictionary(site.pool.members.map { ($0.host, open($0.host)) }) { first, _ in first }
        others = open(nil)
    }

    private func of(_ host: HostName) -> Control { own[host] ?? others }

    // MARK: releases

    func survey(_ host: HostName) async throws(RolloutError) -> HostSurvey { try await of(host).survey(host) }
    func deliver(
        _ release: ReleaseID, of build: BuildDigest?, to host: HostName
    ) async throws(RolloutError) -> String {
        try await of(host).deliver(release, of: build, to: host)
    }
    func activate(_ release: ReleaseID?, on host: HostName, revertAfter: Duration?) async throws(RolloutError) {
        try await of(host).activate(release, on: host, revertAfter: revertAfter)
    }
    func check(_ release: ReleaseID, on host: HostName, patience: Duration) async throws(RolloutError) -> String {
        try await of(host).check(release, on: host, patience: patience)
    }
    func inspect(_ host: HostName) async throws(RolloutError) -> HostCondition { try await of(host).inspect(host) }
    func get(_ path: String, port: Int, on host: HostName) async throws(RolloutError) -> String {
        try await of(host).get(path, port: port, on: host)
    }
    func ask(_ script: String, on host: HostName) async throws(RolloutError) -> String {
        try await of(host).ask(script, on: host)
    }
    func load(of host: HostName) async throws(RolloutError) -> HostLoad? { try await of(host).load(of: host) }
    func confirm(_ release: ReleaseID, on host: HostName) async throws(RolloutError) {
        try await of(host).confirm(release, on: host)
    }

    // MARK: units

    func start(_ host: HostName) async throws(RolloutError) { try await of(host).start(host) }
    func restart(_ host: HostName) async throws(RolloutError) { try await of(host).restart(host) }
    func stop(_ host: HostName, _ note: UnitStop) async throws(RolloutError) { try await of(host).stop(host, note) }
    func prepareToLeave(_ host: HostName, _ retirement: Retirement) async throws(RolloutError) {
        try await of(host).prepareToLeave(host, retirement)
    }
    func retire(_ host: HostName) async throws(RolloutError) { try await of(host).retire(host) }
    func rejoin(_ host: HostName) async throws(RolloutError) { try await of(host).rejoin(host) }

    // MARK: hooks

    func run(_ call: HookCall, on host: HostName) async throws(RolloutError) -> String? {
        try await of(host).run(call, on: host)
    }

    // MARK: notes

    func notes(on host: HostName) async throws(RolloutError) -> HostNotes { try await of(host).notes(on: host) }
    func take(
        _ lease: StageLease, replacing token: Int64?, on host: HostName
    ) async throws(RolloutError) -> HostNotes {
        try await of(host).take(lease, replacing: token, on: host)
    }
    func renew(_ lease: StageLease, on host: HostName) async throws(RolloutError) -> [RolloutRequest] {
        try await of(host).renew(lease, on: host)
    }
    func post(_ request: RolloutRequest, on host: HostName) async throws(RolloutError) {
        try await of(host).post(request, on: host)
    }
    func release(_ token: Int64, isRevoked: Bool, on host: HostName) async throws(RolloutError) {
        try await of(host).release(token, isRevoked: isRevoked, on: host)
    }
    func write(_ note: RolloutNote, on host: HostName) async throws(RolloutError) {
        try await of(host).write(note, on: host)
    }
    func write(_ note: StageNote, on host: HostName) async throws(RolloutError) {
        try await of(host).write(note, on: host)
    }

    // MARK: what hosts hold

    func holding(of build: BuildDigest, on host: HostName) async throws(RolloutError) -> HostHolding {
        try await of(host).holding(of: build, on: host)
    }
    func fetch(_ build: BuildDigest, size: Int64, from host: HostName, into store: BuildStore) async throws {
        try await of(host).fetch(build, size: size, from: host, into: store)
    }
    func fetch(
        _ build: BuildDigest, repacked: RepackedArchive, from host: HostName, into store: BuildStore
    ) async throws {
        try await of(host).fetch(build, repacked: repacked, from: host, into: store)
    }
    func settingsMarks(on host: HostName) async throws(RolloutError) -> [SettingsMark] {
        try await of(host).settingsMarks(on: host)
    }
    func settings(_ id: SettingsID, on host: HostName) async throws(RolloutError) -> SettingsFile? {
        try await of(host).settings(id, on: host)
    }
}
