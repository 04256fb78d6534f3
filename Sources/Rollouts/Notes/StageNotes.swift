import Fleet

/// What stands on all hosts and balancers of a stage about the stage, read and written on all at once.
struct StageNotes: Sendable {
    /// What was read.
    struct Answers: Sendable {
        /// Of those that answered.
        var notes: [HostName: HostNotes] = [:]
        /// Those that did not, or could not be read or written to.
        var silent: [HostName: RolloutError] = [:]

        /// What could not be read or written, by host.
        var faults: [RolloutError] { silent.sorted { $0.key < $1.key }.map(\.value).filter { $0.code == .command } }

        /// The greatest token that any of them has seen.
        var token: Int64 { notes.values.map(\.token).max() ?? 0 }

        /// The latest of the leases that stand there.
        var lease: StandingLease? { notes.values.compactMap(\.lease).max { $0.lease.token < $1.lease.token } }

        /// What the stage was last said to run.
        var record: StageNote? { notes.values.compactMap(\.record).max { $0.token < $1.token } }

        /// The rollout that nobody has ended: one that is ended was ended under its own token, or a later one.
        var rollout: RolloutNote? {
            let latest = notes.values.compactMap(\.rollout).max { $0.token < $1.token }
            return latest.flatMap { $0.token > record?.token ?? 0 ? $0 : nil }
        }

        /// What is asked of whoever drives it, each once.
        var requests: [RolloutRequest] {
            var seen: Set<String> = []
            return notes.sorted { $0.key < $1.key }.flatMap(\.value.requests).filter { seen.insert($0.id).inserted }
        }

        /// What all hosts have that say what was good there, where they agree; earlier versions noted nothing else.
        var good: (build: BuildDigest, before: BuildDigest?)? {
            let hosts = notes.values.filter { $0.good != nil }
            guard let first = hosts.first, let build = first.good, hosts.allSatisfy({ $0.good == build }) else {
                return nil
            }
            return (build, hosts.allSatisfy { $0.goodBefore == first.goodBefore } ? first.goodBefore : nil)
        }

        /// Hosts whose state was brought to the present format just now.
        var upgraded: [HostName] { notes.filter { $0.value.upgradedFrom != nil }.keys.sorted() }
    }

    let stage: String
    let control: any NoteControl
    /// Members and balancers but for those that are left out, in the order in which a lease is taken.
    let hosts: [HostName]

    init(_ site: StageSite, _ control: any NoteControl) {
        let balancers = site.balancers.filter { site.leftOut[$0] == nil }
        self.init(site.stage.name, control, site.pool.members.map(\.host) + balancers)
    }

    init(_ stage: String, _ control: any NoteControl, _ hosts: [HostName]) {
        self.stage = stage
        self.control = control
        self.hosts = Set(hosts).sorted()
    }

    /// Asks all, none for longer than `patience` has; for 10 s unless said otherwise.
    /// - Throws: ``RolloutError`` `.newer` where a newer Drover has been.
    func read(within patience: Patience? = nil) async throws -> Answers {
        try await collect(hosts, patience ?? Self.patience(.seconds(10))) { [control] host throws(RolloutError) in
            try await control.notes(on: host)
        }
    }

    /// Who is silent must not keep the others' leases from being renewed.
    private static func patience(_ time: Duration) -> Patience { Patience(ContinuousClock(), least: time) }

    // MARK: lease

    /// Puts the lease on every host that answers.
    ///
    /// The first host that answers decides between two who begin at once.
    /// - Parameters:
    ///   - silent: Hosts that said nothing just now, and are not asked again.
    ///   - token: That of a lease whose holder is known to be gone.
    ///   - isForced: Whether it is well when no more than half of them answer.
    /// - Returns: What stands there now.
    /// - Throws: ``LeaseConflict``; ``StageError`` `.noMajority`; ``RolloutError`` `.newer`, `.fenced`.
    func take(
        _ lease: StageLease, replacing token: Int64?, silent: [HostName: RolloutError], isForced: Bool
    ) async throws -> Answers {
        var answers = Answers(silent: silent)
        do {
            for host in hosts where answers.notes.isEmpty && silent[host] == nil {
                answers.merge(try await take(lease, replacing: token, on: [host]))
            }
            let others = hosts.filter { answers.notes[$0] == nil && answers.silent[$0] == nil }
            answers.merge(try await take(lease, replacing: token, on: others))
            if let other = answers.lease, other.lease.token != lease.token { throw LeaseConflict(other) }
            guard isForced || 2 * answers.notes.count > hosts.count else {
                throw StageError.noMajority(stage, answered: answers.notes.count, silent: answers.silent)
            }
            return answers
        } catch {
            await release(lease.token)
            throw error
        }
    }

    private func take(_ lease: StageLease, replacing token: Int64?, on hosts: [HostName]) async throws -> Answers {
        let answers = try await collect(hosts, Self.patience(.seconds(10))) { [control] host throws(RolloutError) in
            try await control.take(lease, replacing: token, on: host)
        }
        if let other = answers.notes.values.compactMap(\.lease).first(where: { $0.lease.token != lease.token }) {
            throw LeaseConflict(other)
        }
        return answers
    }

    /// Has the lease stand for its whole time again.
    /// - Returns: Whether it does on more than half of them, and what is asked of its holder there.
    /// - Throws: ``RolloutError`` `.fenced` when another has the stage.
    func renew(_ lease: StageLease) async throws -> (isHeld: Bool, requests: [RolloutRequest]) {
        let reached = try await collect(hosts, Self.patience(.seconds(5))) { [control] host throws(RolloutError) in
            var notes = HostNotes()
            notes.requests = try await control.renew(lease, on: host)
            return notes
        }
        return (2 * reached.notes.count > hosts.count, reached.requests)
    }

    /// Leaves a request on every host that answers.
    /// - Returns: On how many.
    func post(_ request: RolloutRequest) async throws -> Int {
        try await everywhere { [control] host throws(RolloutError) in
            try await control.post(request, on: host)
        }.notes.count
    }

    /// Takes the lease away wherever it stands. Where that cannot be done, it ends by itself.
    func release(_ token: Int64, isRevoked: Bool = false) async {
        // Nothing can be done about it that time does not do.
        _ = try? await everywhere { [control] host throws(RolloutError) in
            try await control.release(token, isRevoked: isRevoked, on: host)
        }
    }

    // MARK: writing

    /// Notes a rollout on every host that answers.
    func write(_ note: RolloutNote) async throws {
        _ = try await everywhere { [control] host throws(RolloutError) in try await control.write(note, on: host) }
    }

    /// Notes what the stage runs on every host that answers.
    func write(_ note: StageNote) async throws {
        _ = try await everywhere { [control] host throws(RolloutError) in try await control.write(note, on: host) }
    }

    private func everywhere(
        _ work: @escaping @Sendable (HostName) async throws(RolloutError) -> Void
    ) async throws -> Answers {
        try await collect(hosts, Self.patience(.seconds(5))) { host throws(RolloutError) in
            try await work(host)
            return HostNotes()
        }
    }

    private func collect(
        _ hosts: [HostName], _ patience: Patience,
        _ ask: @escaping @Sendable (HostName) async throws(RolloutError) -> HostNotes
    ) async throws -> Answers {
        let results = await forEachBounded(hosts) { host in
            await patience.bounded(
                { Result.failure(RolloutError(.unreachable, host: host, StageReading.slowness($0))) },
                { await Result { () async throws(RolloutError) in try await ask(host) } })
        }
        var answers = Answers()
        for (host, result) in zip(hosts, results) {
            switch result {
            case .success(let notes): answers.notes[host] = notes
            // One whose disk is full, or whose notes are damaged, is no reason not to change the others.
            case .failure(let error) where error.code == .unreachable || error.code == .command:
                answers.silent[host] = error
            case .failure(let error): throw error
            }
        }
        return answers
    }
}

extension StageNotes.Answers {
    mutating func merge(_ other: Self) {
        notes.merge(other.notes) { _, new in new }
        silent.merge(other.silent) { _, new in new }
    }
}

/// Another lease stands on a host.
struct LeaseConflict: Error {
    let other: StandingLease

    init(_ other: StandingLease) { self.other = other }
}
