public import Fleet

/// What a host says of its service.
public struct HostSurvey: Hashable, Sendable, Codable {
    /// The release that is current; `nil` without one.
    public var release: ReleaseID?
    /// The whole digest of the current release, as noted when it was unpacked.
    public var digest: String?
    /// Each unit's state in systemd's words, such as `active`.
    public var units: [String: String]
    /// Whether nobody has said that the current release stays.
    public var isUnconfirmed: Bool
    /// Whether an unconfirmed release goes back by itself: its timer runs.
    public var goesBack: Bool

    /// What a host said.
    public init(
        release: ReleaseID? = nil, digest: String? = nil, units: [String: String] = [:], isUnconfirmed: Bool = false,
        goesBack: Bool = false
    ) {
        self.release = release
        self.digest = digest
        self.units = units
        self.isUnconfirmed = isUnconfirmed
        self.goesBack = goesBack
    }
}

/// Changes which release hosts run. Every call may be repeated after a crash and comes to the same.
///
/// Every change carries the lease's fencing token; a host that has seen a greater one refuses with `.fenced`.
public protocol ReleaseControl: Sendable {
    /// Asks the host what it runs. Changes nothing.
    func survey(_ host: HostName) async throws(RolloutFault) -> HostSurvey

    /// Brings the release to the host, verified against its digest there and unpacked, without using it.
    ///
    /// Refused before anything is sent when the host has no room for it.
    /// - Returns: What was done, in a few words.
    func stage(_ release: ReleaseID, on host: HostName) async throws(RolloutFault) -> String

    /// Makes the release current and restarts the service; `nil` stops the service and leaves none.
    /// - Parameter revertAfter: How long the host waits for ``confirm(_:on:)`` before it goes back by itself; `nil`
    ///   means never, and ends an earlier wait.
    func activate(_ release: ReleaseID?, on host: HostName, revertAfter: Duration?) async throws(RolloutFault)

    /// Waits until the service answers on the host itself.
    /// - Throws: ``RolloutFault`` `.unhealthy` with the last answer and the service's last lines; `.reverted` when the
    ///   host runs another release.
    func check(_ release: ReleaseID, on host: HostName, patience: Duration) async throws(RolloutFault) -> String

    /// Asks how the service is now: its release, its units, and one answer of its own. Changes nothing.
    func inspect(_ host: HostName) async throws(RolloutFault) -> HostCondition

    /// Tells the host that the release stays, and prunes old ones.
    /// - Throws: ``RolloutFault`` `.reverted` when the host runs another release.
    func confirm(_ release: ReleaseID, on host: HostName) async throws(RolloutFault)
}
