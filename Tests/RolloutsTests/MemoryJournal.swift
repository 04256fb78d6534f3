import Fleet
import Synchronization

/// A journal in memory, with the rules of the port.
final class MemoryJournal: RunJournal {
    struct Inside: Sendable {
        var runs: [RunRecord] = []
        var entries: [RunID: [JournalEntry]] = [:]
        var leases: [String: Lease] = [:]
        var tokens: [String: Int64] = [:]
        var builds: [BuildRecord] = []
        var stages: [String: StageRecord] = [:]
        var evidence: [Evidence] = []
        var members: [MemberRecord] = []
        var leftOut: [LeftOutBalancer] = []
    }

    let inside = Mutex(Inside())

    func begin(_ run: NewRun, under lease: Lease?, at: Timestamp) async throws(JournalError) -> RunRecord {
        try check(lease)
        return inside.withLock { inside in
            let record = RunRecord(
                id: RunID(Int64(inside.runs.count + 1)), kind: run.kind, stage: run.stage, build: run.build,
                holder: run.holder, startedAt: at)
            inside.runs.append(record)
            return record
        }
    }

    func note(
        _ run: NewRun, begunAt: Timestamp, line: (kind: String, payload: String)?
    ) async throws(JournalError) -> (run: RunRecord, isNew: Bool) {
        inside.withLock { inside in
            let known = inside.runs.first {
                ($0.stage, $0.holder, $0.startedAt) == (run.stage, run.holder, begunAt) && $0.kind == run.kind
            }
            if let known { return (known, false) }
            let record = RunRecord(
                id: RunID(Int64(inside.runs.count + 1)), kind: run.kind, stage: run.stage, build: run.build,
                holder: run.holder, startedAt: begunAt)
            inside.runs.append(record)
            if let line {
                inside.entries[record.id] = [
                    JournalEntry(run: record.id, sequence: 1, at: begunAt, kind: line.kind, payload: line.payload)
                ]
            }
            return (record, true)
        }
    }

    func append(
        _ kind: String, payload: String, to run: RunID, under lease: Lease?, at: Timestamp
    ) async throws(JournalError) -> JournalEntry {
        try check(lease)
        return inside.withLock { inside in
            let sequence = Int64((inside.entries[run]?.count ?? 0) + 1)
            let entry = JournalEntry(run: run, sequence: sequence, at: at, kind: kind, payload: payload)
            inside.entries[run, default: []].append(entry)
            return entry
        }
    }

    func finish(_ run: RunID, _ outcome: RunOutcome, at: Timestamp) async throws(JournalError) {
        let earlier = inside.withLock { inside -> RunOutcome? in
            guard let index = inside.runs.firstIndex(where: { $0.id == run }) else { return nil }
            let old = inside.runs[index]
            if let outcome = old.outcome { return outcome }
            inside.runs[index] = RunRecord(
                id: old.id, kind: old.kind, stage: old.stage, build: old.build, holder: old.holder,
                startedAt: old.startedAt, endedAt: at, outcome: outcome)
            return nil
        }
        if let earlier, earlier != outcome { throw .runEnded(run, earlier) }
    }

    func run(_ id: RunID) async throws(JournalError) -> RunRecord? {
        inside.withLock { $0.runs.first { $0.id == id } }
    }

    func runs(stage: String?, limit: Int) async throws(JournalError) -> [RunRecord] {
        inside.withLock { Array($0.runs.reversed().filter { stage == nil || $0.stage == stage }.prefix(limit)) }
    }

    func entries(of run: RunID) async throws(JournalError) -> [JournalEntry] {
        inside.withLock { $0.entries[run] ?? [] }
    }

    func pruneRuns(of stage: String, keeping kept: Int) async throws(JournalError) -> Int {
        inside.withLock { inside in
            let ended = inside.runs.filter { $0.stage == stage && !$0.isOpen }
            let named = Set(inside.evidence.map(\.run)).union(inside.stages.values.compactMap(\.run))
            let old = Set(ended.dropLast(kept).map(\.id)).subtracting(named)
            inside.runs.removeAll { old.contains($0.id) }
            for run in old { inside.entries[run] = nil }
            return old.count
        }
    }

    func acquireLease(
        stage: String, holder: String, timeToLive: Duration, now: Timestamp
    ) async throws(JournalError) -> Lease {
        let (lease, held) = inside.withLock { inside -> (Lease?, Lease?) in
            if let held = inside.leases[stage], held.expiresAt > now { return (nil, held) }
            inside.tokens[stage, default: 0] += 1
            let token = inside.tokens[stage] ?? 1
            let lease = Lease(stage: stage, token: token, holder: holder, expiresAt: now + timeToLive)
            inside.leases[stage] = lease
            return (lease, nil)
        }
        if let held { throw .leaseHeld(held, now: now) }
        guard let lease else { throw JournalError(.storage, subject: stage, "no lease") }
        return lease
    }

    func see(token: Int64, stage: String) async throws(JournalError) {
        inside.withLock { inside in
            guard inside.tokens[stage, default: 0] < token else { return }
            inside.tokens[stage] = token
            inside.leases[stage] = nil
        }
    }

    func lastToken(stage: String) async throws(JournalError) -> Int64 { inside.withLock { $0.tokens[stage] ?? 0 } }

    func seize(
        _ lease: Lease, holder: String, timeToLive: Duration, now: Timestamp
    ) async throws(JournalError) -> Lease {
        let held = inside.withLock { $0.leases[lease.stage] }
        if let held, held != lease { throw .leaseHeld(held, now: now) }
        inside.withLock { $0.leases[lease.stage] = nil }
        return try await acquireLease(stage: lease.stage, holder: holder, timeToLive: timeToLive, now: now)
    }

    func renew(_ lease: Lease, timeToLive: Duration, now: Timestamp) async throws(JournalError) -> Lease {
        try check(lease)
        let renewed = Lease(
            stage: lease.stage, token: lease.token, holder: lease.holder, expiresAt: now + timeToLive)
        inside.withLock { $0.leases[lease.stage] = renewed }
        return renewed
    }

    func release(_ lease: Lease) async throws(JournalError) {
        inside.withLock { inside in
            if inside.leases[lease.stage]?.token == lease.token { inside.leases[lease.stage] = nil }
        }
    }

    func lease(stage: String) async throws(JournalError) -> Lease? { inside.withLock { $0.leases[stage] } }

    func add(_ build: BuildRecord) async throws(JournalError) -> BuildRecord {
        inside.withLock { inside in
            guard let known = inside.builds.firstIndex(where: { $0.digest == build.digest }) else {
                inside.builds.append(build)
                return build
            }
            inside.builds[known] = inside.builds[known].taking(newsOf: build)
            return inside.builds[known]
        }
    }

    func builds(prefix: String) async throws(JournalError) -> [BuildRecord] {
        inside.withLock { $0.builds.filter { $0.digest.description.hasPrefix(prefix) } }
    }

    func remove(_ build: BuildDigest) async throws(JournalError) {
        inside.withLock { inside in
            inside.builds.removeAll { $0.digest == build }
            inside.evidence.removeAll { $0.build == build }
        }
    }

    func stages() async throws(JournalError) -> [StageRecord] {
        inside.withLock { $0.stages.values.sorted { $0.stage < $1.stage } }
    }

    func stage(_ name: String) async throws(JournalError) -> StageRecord? { inside.withLock { $0.stages[name] } }

    func set(_ stage: StageRecord) async throws(JournalError) { inside.withLock { $0.stages[stage.stage] = stage } }

    func add(_ evidence: Evidence) async throws(JournalError) {
        inside.withLock { if !$0.evidence.contains(evidence) { $0.evidence.append(evidence) } }
    }

    func evidence(build: BuildDigest, stage: String) async throws(JournalError) -> [Evidence] {
        inside.withLock { $0.evidence.filter { $0.build == build && $0.stage == stage }.reversed() }
    }

    func members(stage: String) async throws(JournalError) -> [MemberRecord] {
        inside.withLock { $0.members.filter { $0.stage == stage }.sorted { $0.host < $1.host } }
    }

    func remember(_ members: [MemberRecord]) async throws(JournalError) {
        inside.withLock { inside in
            inside.members.removeAll { old in members.contains { ($0.stage, $0.host) == (old.stage, old.host) } }
            inside.members += members
        }
    }

    func forget(_ host: HostName, stage: String) async throws(JournalError) {
        inside.withLock { $0.members.removeAll { $0.stage == stage && $0.host == host } }
    }

    func leaveOut(_ balancer: LeftOutBalancer) async throws(JournalError) {
        try await takeBack(balancer.balancer, stage: balancer.stage)
        inside.withLock { $0.leftOut.append(balancer) }
    }

    func takeBack(_ balancer: HostName, stage: String) async throws(JournalError) {
        inside.withLock { $0.leftOut.removeAll { $0.balancer == balancer && $0.stage == stage } }
    }

    func leftOut(stage: String) async throws(JournalError) -> [LeftOutBalancer] {
        inside.withLock { $0.leftOut.filter { $0.stage == stage } }
    }

    private func check(_ lease: Lease?) throws(JournalError) {
        guard let lease else { return }
        let current = inside.withLock { $0.leases[lease.stage] }
        if current?.token != lease.token { throw .leaseLost(lease, to: current) }
    }
}
