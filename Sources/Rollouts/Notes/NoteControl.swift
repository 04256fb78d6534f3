public import Fleet

/// Reads and writes what stands on a stage's hosts and balancers about the stage.
///
/// Every call may be repeated. What changes something carries a fencing token as ``ReleaseControl`` does.
public protocol NoteControl: Sendable {
    /// What stands on the host. Changes nothing.
    /// - Throws: ``RolloutError`` `.newer` when a newer Drover wrote it.
    func notes(on host: HostName) async throws(RolloutError) -> HostNotes

    /// Puts a lease on the host, and notes its token, unless another one stands there.
    ///
    /// - Parameter token: That of a lease that is replaced although its time is not over.
    /// - Returns: What stands there now: another lease than the one given, when that was in the way.
    /// - Throws: ``RolloutError`` `.fenced` when the host has seen a greater token; `.newer`.
    func take(_ lease: StageLease, replacing token: Int64?, on host: HostName) async throws(RolloutError) -> HostNotes

    /// Has a lease stand on the host for its whole time again.
    /// - Throws: ``RolloutError`` `.fenced` when the host has seen a greater token, or holds another lease.
    /// - Returns: What is asked there of whoever drives the stage's rollout.
    @discardableResult
    func renew(_ lease: StageLease, on host: HostName) async throws(RolloutError) -> [RolloutRequest]

    /// Leaves a request to whoever drives the stage's rollout, in place of an earlier one of the kind. It needs no lease.
    func post(_ request: RolloutRequest, on host: HostName) async throws(RolloutError)

    /// Takes a lease away, if it is the one that stands there.
    /// - Parameter isRevoked: Whether its holder, who may not know, is refused from now on.
    func release(_ token: Int64, isRevoked: Bool, on host: HostName) async throws(RolloutError)

    /// Replaces what stands there of a rollout that is under way.
    func write(_ note: RolloutNote, on host: HostName) async throws(RolloutError)

    /// Replaces what the stage is said to run, and takes the note of the rollout away that came to it.
    func write(_ note: StageNote, on host: HostName) async throws(RolloutError)
}
