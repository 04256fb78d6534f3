public import Fleet
import Foundation

extension EtcdJournal: PortableJournal {
    /// Everything in it; see ``PortableJournal``.
    public func dump() async throws(JournalError) -> JournalDump {
        let (pairs, prefix) = (
            try await using { store throws(EtcdFailure) in try await store.pairs(self.keys.prefix) }, keys.prefix
        )
        var parts: [String: [EtcdPair]] = [:]
        for pair in pairs {
            let name = pair.name.dropFirst(prefix.count).prefix { $0 != "/" }
            parts[String(name), default: []].append(pair)
        }
        var dump = JournalDump(lastRun: RunID(try number(parts["lastRun"]?.first)))
        dump.runs = try decoded(parts["run"] ?? [], Marked<RunRecord>.self).map(\.record)
        dump.entries = try decoded(parts["entry"] ?? [], Marked<JournalEntry>.self).map(\.record)
        dump.builds = try decoded(parts["build"] ?? [], BuildRecord.self)
            .sorted { ($0.addedAt, $0.digest.description) < ($1.addedAt, $1.digest.description) }
        dump.stages = try decoded(parts["stage"] ?? [], StageRecord.self).sorted { $0.stage < $1.stage }
        dump.evidence = try decoded(parts["evidence"] ?? [], Evidence.self)
            .sorted { ($0.run, $0.stage) < ($1.run, $1.stage) }
        dump.members = try decoded(parts["member"] ?? [], MemberRecord.self)
            .sorted { ($0.stage, $0.host.description) < ($1.stage, $1.host.description) }
        dump.leftOut = try decoded(parts["leftOut"] ?? [], LeftOutBalancer.self)
            .sorted { ($0.stage, $0.balancer.description) < ($1.stage, $1.balancer.description) }
        for pair in parts["token"] ?? [] { try add(pair, to: &dump) }
        for pair in parts["lease"] ?? [] { try add(lease: pair, to: &dump) }
        return dump
    }

    private func add(_ pair: EtcdPair, to dump: inout JournalDump) throws(JournalError) {
        dump.tokens[try stageName(pair, keys.tokens)] = try number(pair)
    }

    private func add(lease pair: EtcdPair, to dump: inout JournalDump) throws(JournalError) {
        let stage = try stageName(pair, keys.lease(""))
        dump.tokens[stage] = max(dump.tokens[stage] ?? 0, try held(stage, pair)?.token ?? 0)
    }

    private func stageName(_ pair: EtcdPair, _ prefix: String) throws(JournalError) -> String {
        guard let name = String(pair.name.dropFirst(prefix.count)).removingPercentEncoding else {
            throw .etcdIsDamaged(place, pair.name, "is no key of a journal")
        }
        return name
    }

    /// Takes over everything, or nothing; see ``PortableJournal``.
    ///
    /// etcd changes only so much at once: a mark stands while this goes on, under which nobody uses the journal, and what was
    /// cut off is begun again.
    public func restore(_ dump: JournalDump) async throws(JournalError) {
        let everything = everything(dump)
        guard Set(everything.puts.map(\.key)).count == everything.puts.count else {
            throw JournalError(.storage, subject: place.description, "the journal to take over has the same twice")
        }
        try await using(restoring: true) { store throws(EtcdFailure) in
            try await self.expectEmpty()
            let mark = self.keys.restoring
            var begin = EtcdStore.Change(())
            begin.put(mark, self.now())
            try await store.change(begin)
            do throws(EtcdFailure) {
                try await store.change(everything)
            } catch {
                try await self.clear()
                throw error
            }
            var end = EtcdStore.Change(())
            end.delete(mark)
            try await store.change(end)
        }
    }

    private func expectEmpty() async throws(EtcdFailure) {
        if try await store.pair(keys.restoring) != nil { return try await clear() }
        let own = [keys.format, keys.prefix + "room"]
        let other = try await store.pairs(keys.prefix).first { !own.contains($0.name) }
        guard other != nil else { return }
        throw .refused(
            JournalError(
                .notEmpty, subject: place.description, "the journal holds something already, and is left as it is",
                hints: ["import under a prefix that is new: state: etcd://…/OTHER"]))
    }

    /// Removes everything that a journal holds, and then the mark of a restoring that was cut off.
    private func clear() async throws(EtcdFailure) {
        let own = [keys.format, keys.restoring]
        var change = EtcdStore.Change(())
        for pair in try await store.pairs(keys.prefix) where !own.contains(pair.name) { change.delete(pair.name) }
        try await store.change(change)
        var last = EtcdStore.Change(())
        last.delete(keys.restoring)
        try await store.change(last)
    }

    private func everything(_ dump: JournalDump) -> EtcdStore.Change<Void> {
        var change = EtcdStore.Change(())
        for run in dump.runs { change.put(keys.run(run.id), Marked(record: run, attempt: "")) }
        for entry in dump.entries {
            change.put(keys.entry(entry.run, entry.sequence), Marked(record: entry, attempt: ""))
        }
        for build in dump.builds { change.put(keys.build(build.digest.description), build) }
        for stage in dump.stages { change.put(keys.stage(stage.stage), stage) }
        for evidence in dump.evidence { change.put(keys.evidence(evidence), evidence) }
        for member in dump.members { change.put(keys.member(member.host, member.stage), member) }
        for balancer in dump.leftOut { change.put(keys.leftOut(balancer.balancer, balancer.stage), balancer) }
        for (stage, token) in dump.tokens { change.put(keys.token(stage), token) }
        change.put(keys.lastRun, dump.lastRun.number)
        return change
    }
}
