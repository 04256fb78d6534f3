public import Fleet
import Foundation

/// That a lease was taken away by hand, or held by force, as the journal keeps it.
public struct LeaseOverride: Hashable, Sendable, Codable {
    /// Who held it.
    public let holder: String
    /// Its fencing token.
    public let token: Int64
    /// Why, in the words of whoever did it.
    public let reason: String

    /// What the journal calls it.
    static let kind = "released"

    /// Reads a line of the journal.
    /// - Throws: ``JournalError`` `.storage` for a line that is none of these.
    public init(_ entry: JournalEntry) throws(JournalError) {
        self = try entry.payload(as: Self.self)
    }

    init(_ lease: Lease, reason: String) { (holder, token, self.reason) = (lease.holder, lease.token, reason) }

    /// Journals it as a run of its own, which has ended.
    func record(
        as kind: RunKind, on stage: String, in journal: any RunJournal, by controller: Controller,
        under lease: Lease? = nil
    ) async throws -> RunRecord {
        let now = controller.now
        let run = try await journal.begin(
            NewRun(kind, stage: stage, holder: controller.name), under: lease, at: now())
        try await journal.append(Self.kind, payload: try payload(), to: run.id, under: lease, at: now())
        try await journal.finish(run.id, .succeeded, at: now())
        return run
    }

    private func payload() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(self), as: UTF8.self)
    }
}

/// The lease of one stage, for whoever wants to know of it or take it away.
public struct StageLock: Sendable {
    private let stage: String
    private let journal: any RunJournal
    private let controller: Controller
    private let keeper: LeaseKeeper
    /// Takes a lease away from hosts and balancers.
    private let revoke: @Sendable (Lease) async -> Void

    /// The lease of the session's stage.
    public init(_ session: StageSession) {
        self.init(session.name, journal: session.journal, controller: session.controller, session.keeper) { lease in
            await session.notes(token: lease.token).release(lease.token, isRevoked: true)
        }
    }

    init(
        _ stage: String, journal: any RunJournal, controller: Controller, _ keeper: LeaseKeeper,
        revoke: @escaping @Sendable (Lease) async -> Void = { _ in }
    ) {
        self.stage = stage
        self.journal = journal
        self.controller = controller
        self.keeper = keeper
        self.revoke = revoke
    }

    /// The lease as hosts and balancers hold it, else as the journal has it, expired or not; `nil` when nobody holds it.
    /// - Throws: ``JournalError``; ``RolloutError`` for what stands on a host and cannot be read.
    public func lease() async throws -> Lease? { try await keeper.lease(stage) }

    /// Takes the lease away from a controller that is gone, which is journaled first.
    ///
    /// - Parameters:
    ///   - reason: Why, without secrets.
    ///   - isForced: Whether it is taken away although its holder is at work.
    /// - Returns: What was taken away and the run that says so; `nil` when nobody held it.
    /// - Throws: ``StageError`` `.leaseInUse`; ``JournalError``.
    public func release(
        reason: String, isForced: Bool
    ) async throws -> (lease: Lease, run: RunRecord)? {
        guard let lease = try await lease() else { return nil }
        if !isForced { try await refuseWhileAlive(lease) }
        let run = try await LeaseOverride(lease, reason: reason).record(
            as: .lockRelease, on: stage, in: journal, by: controller)
        try await takeAway(lease)
        if let other = try await self.lease() {
            throw StageError.leaseInUse(other, "it was taken or renewed meanwhile")
        }
        return (lease, run)
    }

    /// From hosts, balancers and the journal: whoever held it is refused from now on.
    private func takeAway(_ lease: Lease) async throws {
        await revoke(lease)
        try await journal.see(token: lease.tokenAbove, stage: stage)
        if let own = try await journal.lease(stage: stage) { try await journal.release(own) }
    }

    private func refuseWhileAlive(_ lease: Lease) async throws {
        switch controller.holder(of: lease) {
        case .running(let process): throw StageError.leaseInUse(lease, "it runs on this machine", process: process)
        case .gone: return
        case .elsewhere: break
        }
        // Its time is over: nobody is kept from taking it as it is.
        if lease.expiresAt < controller.now() { return }
        guard try await keeper.isAlive(lease), let other = try await self.lease() else { return }
        throw StageError.leaseInUse(other, "its heartbeat was seen")
    }
}
