import Fleet
import Foundation

/// Reads keys and changes them, each change as a whole or not at all.
struct EtcdStore: Sendable {
    let client: EtcdClient
    var place: EtcdPlace { client.place }
    /// How often a change is tried that others get in the way of.
    private static let attempts = 64

    /// What is read before a change.
    enum Source {
        /// One key. The change fails when it changes meanwhile.
        case key(String)
        /// The last key that begins so, whatever happens to it meanwhile.
        case last(String)

        var range: EtcdRange {
            switch self {
            case .key(let key): EtcdRange(key: key)
            case .last(let prefix): EtcdRange(prefix: prefix, order: .descending, limit: 1)
            }
        }
    }

    /// A change, and what comes of it.
    struct Change<Result> {
        /// Keys that must not be there.
        fileprivate var absent: [String] = []
        var puts: [EtcdPut] = []
        var deletes: [EtcdDelete] = []
        var result: Result

        /// Nothing is changed.
        init(_ result: Result) { self.result = result }

        /// Writes `record` as JSON.
        mutating func put(_ key: String, _ record: some Encodable, lease: EtcdNumber? = nil) {
            puts.append(EtcdPut(key: Data(key.utf8), value: EtcdStore.json(record), lease: lease))
        }

        /// As ``put(_:_:lease:)``; the change fails when the key is there already.
        mutating func create(_ key: String, _ record: some Encodable, lease: EtcdNumber? = nil) {
            absent.append(key)
            put(key, record, lease: lease)
        }

        mutating func delete(_ key: String) { deletes.append(EtcdDelete(key: Data(key.utf8))) }

        mutating func delete(prefix: String) {
            let range = EtcdRange(prefix: prefix)
            deletes.append(EtcdDelete(key: range.key, rangeEnd: range.rangeEnd))
        }

        fileprivate var steps: [EtcdStep] {
            puts.map { EtcdStep(requestPut: $0) } + deletes.map { EtcdStep(requestDeleteRange: $0) }
        }
    }

    // MARK: changing

    /// Reads `sources` at one moment, asks `body` what to change, and changes that unless something of it changed meanwhile;
    /// then it begins again. `body` must know again what an attempt before it has done whose answer was lost.
    /// - Returns: What `body` gave, and the revision of the change; of the reading where there is nothing to change.
    @discardableResult
    func update<Result>(
        _ sources: [Source], _ body: ([EtcdPair?]) throws(JournalError) -> Change<Result>
    ) async throws(EtcdFailure) -> (result: Result, revision: Int64) {
        for _ in 0..<Self.attempts {
            let (found, revision) = try await pairs(sources)
            let change = try EtcdFailure.refusing { () throws(JournalError) in try body(found) }
            if change.steps.isEmpty { return (change.result, revision) }
            let conditions =
                zip(sources, found).compactMap { Self.condition($0, $1) }
                + change.absent.compactMap { Self.condition(.key($0), nil) }
            let transaction = EtcdTransaction(compare: conditions, success: change.steps)
            do throws(EtcdFailure) {
                let answer: EtcdTransactionAnswer = try await client.call("kv/txn", transaction, isRepeatable: false)
                if answer.succeeded == true { return (change.result, answer.header?.revision?.value ?? revision) }
            } catch .unknown {
                // The next reading tells whether it was done.
            }
        }
        throw .refused(
            JournalError(
                .busy, subject: place.description, "others change the journal again and again",
                hints: ["try again; see who else works on this service: drover lock status"]))
    }

    /// Changes without reading first, in as few transactions as etcd allows.
    func change(_ change: Change<Void>) async throws(EtcdFailure) {
        let steps = change.steps
        for start in stride(from: 0, to: steps.count, by: Self.limit) {
            let part = Array(steps[start..<min(steps.count, start + Self.limit)])
            let _: EtcdTransactionAnswer = try await client.call("kv/txn", EtcdTransaction(success: part))
        }
    }

    /// How many steps a transaction may have, by etcd's own default (`--max-txn-ops`) with some to spare.
    private static let limit = 100

    private func pairs(_ sources: [Source]) async throws(EtcdFailure) -> ([EtcdPair?], Int64) {
        let steps = sources.map { EtcdStep(requestRange: $0.range) }
        let answer: EtcdTransactionAnswer = try await client.call("kv/txn", EtcdTransaction(success: steps))
        let found = (answer.responses ?? []).map { $0.responseRange?.kvs?.first }
        guard found.count == sources.count, let revision = answer.header?.revision?.value else {
            throw .refused(.etcdIsDamaged(place, "", "was asked for, and etcd gave another answer"))
        }
        return (found, revision)
    }

    private static func condition(_ source: Source, _ found: EtcdPair?) -> EtcdCompare? {
        guard case .key(let key) = source else { return nil }
        return EtcdCompare(key: Data(key.utf8), modRevision: found?.modRevision ?? EtcdNumber(0))
    }

    // MARK: reading

    /// One key's pair; `nil` where it is not there.
    func pair(_ key: String) async throws(EtcdFailure) -> EtcdPair? {
        let answer: EtcdRangeAnswer = try await client.call("kv/range", EtcdRange(key: key))
        return answer.kvs?.first
    }

    /// The pairs whose keys begin with `prefix`, in order, page by page until `isEnough` says so.
    func pairs(
        _ prefix: String, order: EtcdRange.Order = .ascending, at revision: Int64? = nil, page: Int = 200,
        until isEnough: ([EtcdPair]) throws(JournalError) -> Bool = { _ in false }
    ) async throws(EtcdFailure) -> [EtcdPair] {
        var (found, revision, last) = ([EtcdPair](), revision, Data?.none)
        while true {
            var range = EtcdRange(prefix: prefix, after: order == .ascending ? last : nil, order: order, limit: page)
            if order == .descending, let last { range.rangeEnd = last }
            range.revision = revision.map { EtcdNumber($0) }
            let answer: EtcdRangeAnswer = try await client.call("kv/range", range)
            let pairs = answer.kvs ?? []
            found += pairs
            // Pages are of one moment.
            revision = revision ?? answer.header?.revision?.value
            last = pairs.last?.key
            if answer.more != true || pairs.isEmpty { return found }
            if try EtcdFailure.refusing({ () throws(JournalError) in try isEnough(found) }) { return found }
        }
    }

    // MARK: values

    /// What a pair holds.
    /// - Throws: ``JournalError`` `.damaged` with the key for what this program did not write.
    func decoded<Record: Decodable>(_ pair: EtcdPair, as type: Record.Type = Record.self) throws(JournalError) -> Record
    {
        do {
            return try JSONDecoder().decode(type, from: pair.value ?? Data())
        } catch {
            throw .etcdIsDamaged(place, String(decoding: pair.key, as: UTF8.self), "does not hold what belongs there")
        }
    }

    /// What a pair holds; `nil` where there is none.
    func held<Record: Decodable>(_ pair: EtcdPair?, as type: Record.Type = Record.self) throws(JournalError) -> Record?
    {
        guard let pair else { return nil }
        return try decoded(pair, as: type)
    }

    static func json(_ record: some Encodable) -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // Records hold text, numbers and lists of these, which can be encoded whatever they are.
        return (try? encoder.encode(record)) ?? Data()
    }
}

extension EtcdStore.Change: Sendable where Result: Sendable {}
