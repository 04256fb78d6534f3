public import Fleet

/// What a host says of its service.
public struct HostSurvey: Hashable, Sendable, Codable {
    /// The release that is current; `nil` without one.
    public var release: ReleaseID?
    /// The build of the current release, as noted when it was unpacked.
    public var digest: BuildDigest?
    /// Each unit's state in systemd's words, such as `active`.
    public var units: [String: String]
    /// Whether nobody has said that the current release stays.
    public var isUnconfirmed: Bool
    /// Whether an unconfirmed release goes back by itself: its timer runs.
    public var goesBack: Bool
    /// The release that the host goes back to while the current one is unconfirmed; `nil` for none.
    public var previous: ReleaseID?
    /// The release that was confirmed last.
    public var good: ReleaseID?
    /// The one that was confirmed before that.
    public var goodBefore: ReleaseID?

    /// Who stopped the units by hand; `nil` where nobody did, or somebody has started them since.
    public var stopped: UnitStop?

    /// What a host said.
    public init(
        release: ReleaseID? = nil, digest: BuildDigest? = nil, units: [String: String] = [:],
        isUnconfirmed: Bool = false, goesBack: Bool = false, previous: ReleaseID? = nil, good: ReleaseID? = nil,
        goodBefore: ReleaseID? = nil, stopped: UnitStop? = nil
    ) {
        self.stopped = stopped
        self.release = release
        self.digest = digest
        self.units = units
        self.isUnconfirmed = isUnconfirmed
        self.goesBack = goesBack
        self.previous = previous
        self.good = good
        self.goodBefore = goodBefore
    }
}

/// Changes which release hosts run. Every call may be repeated after a crash and comes to the same.
///
/// Every change carries the lease's fencing token; a host that has seen a greater one refuses with `.fenced`.
public protocol ReleaseControl: Sendable {
    /// Asks the host what it runs. Changes nothing.
    func survey(_ host: HostName) async throws(RolloutError) -> HostSurvey

    /// Brings the release to the host, verified against its digest there and unpacked, without using it.
    ///
    /// Refused before anything is sent when the host has no room for it.
    /// - Parameter build: What it is unpacked from; `nil` where nobody knows, which is well as long as the host has it.
    /// - Returns: What was done, in a few words.
    func deliver(
        _ release: ReleaseID, of build: BuildDigest?, to host: HostName
    ) async throws(RolloutError) -> String

    /// Makes the release current and restarts the service; `nil` stops the service and leaves none.
    /// - Parameter revertAfter: How long the host waits for ``confirm(_:on:)`` before it goes back by itself; `nil`
    ///   means never, and ends an earlier wait.
    func activate(_ release: ReleaseID?, on host: HostName, revertAfter: Duration?) async throws(RolloutError)

    /// Waits until the service answers on the host itself.
    /// - Throws: ``RolloutError`` `.unhealthy` with the last answer and the service's last lines; `.reverted` when the
    ///   host runs another release.
    func check(_ release: ReleaseID, on host: HostName, patience: Duration) async throws(RolloutError) -> String

    /// Asks how the service is now: its release, its units, and one answer of its own. Changes nothing.
    func inspect(_ host: HostName) async throws(RolloutError) -> HostCondition

    /// Asks the service on the host itself for a page, once. Changes nothing.
    /// - Returns: The first line of the answer: its status and reason, or why there is none.
    func get(_ path: String, port: Int, on host: HostName) async throws(RolloutError) -> String

    /// Runs a script on the host that asks something. Changes nothing.
    /// - Returns: What it printed.
    /// - Throws: ``RolloutError`` `.command` where it did not end well.
    func ask(_ script: String, on host: HostName) async throws(RolloutError) -> String
    /// How busy the host is; `nil` where nobody can say. Changes nothing.
    func load(of host: HostName) async throws(RolloutError) -> HostLoad?

    /// Tells the host that the release stays, and prunes old ones.
    /// - Throws: ``RolloutError`` `.reverted` when the host runs another release.
    func confirm(_ release: ReleaseID, on host: HostName) async throws(RolloutError)
}

extension ReleaseControl {
    /// Nobody can be asked.
    public func ask(_ script: String, on host: HostName) async throws(RolloutError) -> String {
        throw RolloutError(.command, host: host, "cannot be asked")
    }
    /// Nobody can say.
    public func load(of host: HostName) async throws(RolloutError) -> HostLoad? { nil }
}
