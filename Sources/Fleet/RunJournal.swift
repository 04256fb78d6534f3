/// What was done, in order and durable; who may change a stage; which builds there are and what they passed.
///
/// Whatever a call wrote is on disk when it returns: losing power after that loses nothing. Several processes may use one
/// journal at once. No call reads a clock: the caller passes the time.
public protocol RunJournal: Sendable {
    /// Begins a run and gives it the next number.
    /// - Parameter lease: Checked in the same transaction; `nil` checks nothing.
    /// - Throws: ``JournalError`` `.leaseLost` when `lease` is no longer the stage's.
    func begin(_ run: NewRun, under lease: Lease?, at: Timestamp) async throws(JournalError) -> RunRecord

    /// Begins a run that was done, or begun, elsewhere, unless a run of that holder and that beginning is there already: however
    /// many learn of it at the same moment, it is noted once.
    /// - Parameter line: The first line of one that is noted now, written with it.
    /// - Returns: The run, and whether it was noted just now.
    func note(
        _ run: NewRun, begunAt: Timestamp, line: (kind: String, payload: String)?
    ) async throws(JournalError) -> (run: RunRecord, isNew: Bool)

    /// Makes sure that there is room for what a run writes, before anything is done that has to be journaled.
    /// - Throws: ``JournalError`` `.storage` when there is not.
    func expectRoom() async throws(JournalError)

    /// Adds a line to an open run; on disk when this returns.
    /// - Parameter payload: JSON.
    /// - Throws: ``JournalError`` `.leaseLost`, `.unknownRun`, `.runEnded`.
    @discardableResult
    func append(
        _ kind: String, payload: String, to run: RunID, under lease: Lease?, at: Timestamp
    ) async throws(JournalError) -> JournalEntry

    /// Ends a run. Repeating it with the same outcome changes nothing.
    /// - Throws: ``JournalError`` `.unknownRun`; `.runEnded` when it ended otherwise.
    func finish(_ run: RunID, _ outcome: RunOutcome, at: Timestamp) async throws(JournalError)

    /// One run, or `nil` when there is none of that number.
    func run(_ id: RunID) async throws(JournalError) -> RunRecord?

    /// The latest runs, newest first: of one stage, or of all with `nil`.
    func runs(stage: String?, limit: Int) async throws(JournalError) -> [RunRecord]

    /// A run's lines in the order they were written.
    func entries(of run: RunID) async throws(JournalError) -> [JournalEntry]

    /// Forgets all but the newest `kept` runs of a stage that have ended, with their lines. An open run stays, and so does
    /// one that evidence or a stage's record names.
    /// - Returns: How many are gone.
    @discardableResult
    func pruneRuns(of stage: String, keeping kept: Int) async throws(JournalError) -> Int

    /// Takes the right to change `stage` until `now + timeToLive`.
    ///
    /// A lease that has expired is taken over with a greater token. The holder of a lease that still runs is refused like
    /// anyone else: two invocations of one user are two writers.
    /// - Throws: ``JournalError`` `.leaseHeld`.
    func acquireLease(
        stage: String, holder: String, timeToLive: Duration, now: Timestamp
    ) async throws(JournalError) -> Lease

    /// Notes a token that somebody has seen of `stage`: every later lease's is greater.
    func see(token: Int64, stage: String) async throws(JournalError)

    /// The greatest token that was given out for `stage`, or seen; 0 before the first.
    func lastToken(stage: String) async throws(JournalError) -> Int64

    /// Takes `lease` over, with a greater token, although its end has not come: its holder was found to be gone.
    /// - Throws: ``JournalError`` `.leaseHeld` when the stage's lease is another one by now, or has been renewed.
    func seize(
        _ lease: Lease, holder: String, timeToLive: Duration, now: Timestamp
    ) async throws(JournalError) -> Lease

    /// Moves a lease's end to `now + timeToLive`. A lease whose time has passed can be renewed as long as nobody took it.
    /// - Throws: ``JournalError`` `.leaseLost` when another has it, or it was released.
    func renew(_ lease: Lease, timeToLive: Duration, now: Timestamp) async throws(JournalError) -> Lease

    /// Gives a lease back. One that is no longer ours is left alone.
    func release(_ lease: Lease) async throws(JournalError)

    /// The lease on `stage`, expired or not; `nil` when it was given back.
    func lease(stage: String) async throws(JournalError) -> Lease?

    /// Records a build. One already known keeps its first record, which gets the new name and signatures as well; it is
    /// returned.
    @discardableResult
    func add(_ build: BuildRecord) async throws(JournalError) -> BuildRecord

    /// Builds whose digest begins with `prefix`, newest first; all with an empty prefix.
    func builds(prefix: String) async throws(JournalError) -> [BuildRecord]

    /// Forgets a build and what it passed. Safe to repeat.
    func remove(_ build: BuildDigest) async throws(JournalError)

    /// What every stage runs, by name.
    func stages() async throws(JournalError) -> [StageRecord]

    /// What a stage runs, or `nil` before its first rollout.
    func stage(_ name: String) async throws(JournalError) -> StageRecord?

    /// Replaces what is recorded of a stage.
    func set(_ stage: StageRecord) async throws(JournalError)

    /// Records that changes of a stage are made without a balancer. One that is left out already keeps its `since`.
    func leaveOut(_ balancer: LeftOutBalancer) async throws(JournalError)

    /// Records that a balancer has been made right again. Safe to repeat.
    func takeBack(_ balancer: HostName, stage: String) async throws(JournalError)

    /// The balancers that changes of a stage were made without, by name.
    func leftOut(stage: String) async throws(JournalError) -> [LeftOutBalancer]

    /// Records that a build passed a stage. Safe to repeat.
    func add(_ evidence: Evidence) async throws(JournalError)

    /// When and in which runs `build` passed `stage`, newest first.
    func evidence(build: BuildDigest, stage: String) async throws(JournalError) -> [Evidence]

    /// The members of a stage's pool that are remembered, in order of their names.
    func members(stage: String) async throws(JournalError) -> [MemberRecord]

    /// Remembers members, replacing what was known of each.
    func remember(_ members: [MemberRecord]) async throws(JournalError)

    /// Forgets a member. Safe to repeat.
    func forget(_ host: HostName, stage: String) async throws(JournalError)
}

extension RunJournal {
    /// There is always room.
    public func expectRoom() async throws(JournalError) {}

    /// The one build whose digest begins with `prefix`.
    /// - Throws: ``JournalError`` `.unknownBuild` when none does, `.ambiguousBuild` when several do.
    public func build(_ prefix: String) async throws(JournalError) -> BuildRecord {
        let found = prefix.isEmpty ? [] : try await builds(prefix: prefix)
        guard let build = found.first else { throw .unknownBuild(prefix) }
        guard found.count == 1 else { throw .ambiguousBuild(prefix, found) }
        return build
    }
}
