public import Fleet
import Foundation

/// The journal that several controllers share: keys in an etcd cluster.
///
/// What a call wrote stands on most members' disks when it returns. Nothing is asked before the first call. Calls do not heed
/// the cancellation of their task, because what was done must be recorded also, and above all, when the run is being
/// stopped.
public final class EtcdJournal: RunJournal {
    let store: EtcdStore
    let keys: EtcdKeys
    let now: @Sendable () -> Timestamp
    private let opening: OpenedOnce
    var place: EtcdPlace { store.place }

    /// The version of what this program keeps in etcd.
    static let format = 1

    /// The journal of `service` at `place`.
    /// - Parameter now: The time, for telling when a lease ends; etcd itself counts by clocks of its own.
    public init(
        _ place: EtcdPlace, service: String, web: any WebExchange, now: @escaping @Sendable () -> Timestamp
    ) {
        store = EtcdStore(client: EtcdClient(place, web: web))
        keys = EtcdKeys(place, service: service)
        self.now = now
        opening = OpenedOnce()
    }

    /// Finds a member that can write, and makes sure that it takes something; see ``RunJournal``.
    public func expectRoom() async throws(JournalError) {
        try await using { store throws(EtcdFailure) in
            do throws(JournalError) { try await store.client.findMember() } catch { throw .refused(error) }
            var change = EtcdStore.Change(())
            change.put(self.keys.prefix + "room", self.now())
            try await store.change(change)
        }
    }

    /// Does `work` once the journal is known to be there and of a version that this program knows.
    ///
    /// In a task of its own: one that is cancelled still records what it did.
    func using<Answer: Sendable>(
        restoring: Bool = false, _ work: @escaping @Sendable (EtcdStore) async throws(EtcdFailure) -> Answer
    ) async throws(JournalError) -> Answer {
        let outcome = await Task {
            await Result { () async throws(JournalError) -> Answer in try await self.opened(restoring, work) }
        }.value
        return try outcome.get()
    }

    private func opened<Answer: Sendable>(
        _ restoring: Bool, _ work: @Sendable (EtcdStore) async throws(EtcdFailure) -> Answer
    ) async throws(JournalError) -> Answer {
        try await opening.open { () async throws(JournalError) in
            try await store.client.findMember()
            try await prepare(restoring)
        }
        do throws(EtcdFailure) { return try await work(store) } catch { throw error.explained(place) }
    }

    /// Makes a new journal, or looks at the one that is there.
    private func prepare(_ restoring: Bool) async throws(JournalError) {
        let (store, keys, place) = (store, keys, place)
        do throws(EtcdFailure) {
            try await store.update([.key(keys.format), .key(keys.restoring), .last(keys.prefix)]) {
                found throws(JournalError) in
                var change = EtcdStore.Change(())
                if found[1] != nil, !restoring { throw .etcdIsCutOff(place) }
                if let format = found[0] {
                    try Self.check(try store.decoded(format), place)
                } else if let other = found[2], found[1] == nil {
                    throw .etcdIsDamaged(place, keys.format, "is gone, while \(other.name) is there")
                } else {
                    change.put(keys.format, Self.format)
                }
                return change
            }
        } catch {
            throw error.explained(place)
        }
    }

    private static func check(_ format: Int, _ place: EtcdPlace) throws(JournalError) {
        guard format > Self.format else { return }
        throw JournalError(
            .storage, subject: place.description, "the journal was written by a newer drover (its format is \(format))",
            hints: ["use that version, or another prefix: state: etcd://…/OTHER"])
    }
}

extension EtcdPair {
    /// The key, for people.
    var name: String { String(decoding: key, as: UTF8.self) }
}

/// Makes sure that something is opened once, by whoever comes first; a failure is tried again by the next.
actor OpenedOnce {
    private var isOpen = false

    func open(_ body: () async throws(JournalError) -> Void) async throws(JournalError) {
        guard !isOpen else { return }
        try await body()
        isOpen = true
    }
}

/// A record with the mark of the attempt that wrote it, by which that attempt knows it again when etcd's answer was lost.
struct Marked<Record: Codable>: Codable {
    var record: Record
    var attempt: String

    static var newAttempt: String { UUID().uuidString }
}

extension JournalError {
    /// Taking over a journal did not come to its end.
    static func etcdIsCutOff(_ place: EtcdPlace) -> Self {
        Self(
            .damaged, subject: place.description,
            "a journal was being taken over here, and that did not come to its end",
            hints: ["begin it again: drover state import FILE"])
    }
}
