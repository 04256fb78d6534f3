public import Fleet

extension EtcdJournal {
    /// Records a build; see ``RunJournal``.
    @discardableResult
    public func add(_ build: BuildRecord) async throws(JournalError) -> BuildRecord {
        try await using { store throws(EtcdFailure) in
            let key = self.keys.build(build.digest.description)
            return try await store.update([.key(key)]) { found throws(JournalError) in
                let known: BuildRecord? = try found[0].map { pair throws(JournalError) in try store.decoded(pair) }
                let merged = known?.taking(newsOf: build) ?? build
                var change = EtcdStore.Change(merged)
                if merged != known { change.put(key, merged) }
                return change
            }.result
        }
    }

    /// Builds by the beginning of their digest, newest first; see ``RunJournal``.
    public func builds(prefix: String) async throws(JournalError) -> [BuildRecord] {
        let builds = try await all(keys.build(prefix.lowercased()), BuildRecord.self)
        return builds.sorted { ($1.addedAt, $0.digest.description) < ($0.addedAt, $1.digest.description) }
    }

    /// Forgets a build and what it passed; see ``RunJournal``.
    public func remove(_ build: BuildDigest) async throws(JournalError) {
        try await change { change in
            change.delete(prefix: self.keys.evidence(build))
            change.delete(self.keys.build(build.description))
        }
    }

    /// What every stage runs; see ``RunJournal``.
    public func stages() async throws(JournalError) -> [StageRecord] {
        try await all(keys.stages, StageRecord.self).sorted { $0.stage < $1.stage }
    }

    /// What a stage runs; see ``RunJournal``.
    public func stage(_ name: String) async throws(JournalError) -> StageRecord? {
        let pair = try await using { store throws(EtcdFailure) in try await store.pair(self.keys.stage(name)) }
        return try store.held(pair)
    }

    /// Replaces what is recorded of a stage; see ``RunJournal``.
    public func set(_ stage: StageRecord) async throws(JournalError) {
        try await change { $0.put(self.keys.stage(stage.stage), stage) }
    }

    /// Records that a build passed a stage; see ``RunJournal``.
    public func add(_ evidence: Evidence) async throws(JournalError) {
        let key = keys.evidence(evidence)
        try await using { store throws(EtcdFailure) in
            _ = try await store.update([.key(key)]) { found throws(JournalError) in
                var change = EtcdStore.Change(())
                if found[0] == nil { change.put(key, evidence) }
                return change
            }
        }
    }

    /// When a build passed a stage, newest first; see ``RunJournal``.
    public func evidence(build: BuildDigest, stage: String) async throws(JournalError) -> [Evidence] {
        try await all(keys.evidence(build, stage), Evidence.self).sorted { ($1.at, $1.run) < ($0.at, $0.run) }
    }

    /// All that any build passed.
    func evidence() async throws(JournalError) -> [Evidence] { try await all(keys.allEvidence, Evidence.self) }

    // MARK: members and balancers

    /// The members that are remembered; see ``RunJournal``.
    public func members(stage: String) async throws(JournalError) -> [MemberRecord] {
        try await all(keys.members(stage), MemberRecord.self).sorted { $0.host.description < $1.host.description }
    }

    /// Remembers members; see ``RunJournal``.
    public func remember(_ members: [MemberRecord]) async throws(JournalError) {
        try await change { change in
            for member in members { change.put(self.keys.member(member.host, member.stage), member) }
        }
    }

    /// Forgets a member; see ``RunJournal``.
    public func forget(_ host: HostName, stage: String) async throws(JournalError) {
        try await change { $0.delete(self.keys.member(host, stage)) }
    }

    /// Records that changes are made without a balancer; see ``RunJournal``.
    public func leaveOut(_ balancer: LeftOutBalancer) async throws(JournalError) {
        let key = keys.leftOut(balancer.balancer, balancer.stage)
        try await using { store throws(EtcdFailure) in
            _ = try await store.update([.key(key)]) { found throws(JournalError) in
                let known: LeftOutBalancer? = try store.held(found[0])
                var change = EtcdStore.Change(())
                change.put(
                    key,
                    LeftOutBalancer(
                        stage: balancer.stage, balancer: balancer.balancer, reason: balancer.reason, by: balancer.by,
                        since: known?.since ?? balancer.since))
                return change
            }
        }
    }

    /// Records that a balancer has been made right again; see ``RunJournal``.
    public func takeBack(_ balancer: HostName, stage: String) async throws(JournalError) {
        try await change { $0.delete(self.keys.leftOut(balancer, stage)) }
    }

    /// The balancers that changes of a stage were made without; see ``RunJournal``.
    public func leftOut(stage: String) async throws(JournalError) -> [LeftOutBalancer] {
        try await all(keys.leftOut(stage), LeftOutBalancer.self)
            .sorted { $0.balancer.description < $1.balancer.description }
    }

    // MARK: parts

    /// What stands at all keys that begin with `prefix`, in the order of the keys.
    private func all<Record: Decodable>(_ prefix: String, _ type: Record.Type) async throws(JournalError) -> [Record] {
        try decoded(try await using { store throws(EtcdFailure) in try await store.pairs(prefix) }, type)
    }

    private func change(_ body: (inout EtcdStore.Change<Void>) -> Void) async throws(JournalError) {
        var change = EtcdStore.Change(())
        body(&change)
        let made = change
        try await using { store throws(EtcdFailure) in try await store.change(made) }
    }
}
