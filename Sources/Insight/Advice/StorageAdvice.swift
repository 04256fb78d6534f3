import Foundation

/// Where objects are kept best.
public enum StorageKind: String, CaseIterable, Sendable, Codable, Hashable {
    /// A relational database: MariaDB with InnoDB.
    case database = "rdbms"
    /// A key-value store on disks, its keys shared out over hosts.
    case keyValueStore = "key-value-store"
    /// A key-value cache in memory: memcached.
    case keyValueCache = "key-value-cache"
    /// A file for each object on one host.
    case files
    /// A file for each object in a file system over several hosts: GlusterFS, Ceph.
    case distributedFiles = "distributed-files"

    /// In words.
    public var words: String {
        switch self {
        case .database: "relational database (MariaDB, InnoDB)"
        case .keyValueStore: "key-value store, sharded by key"
        case .keyValueCache: "key-value cache in memory (memcached)"
        case .files: "a file for each object on one host"
        case .distributedFiles: "distributed file system (GlusterFS), a file for each object"
        }
    }
}

/// Where to keep objects, by which rule, and what would change it.
public struct StorageAdvice: Sendable, Hashable, Codable {
    /// A place to keep objects, and why it is or is not the one.
    public struct Choice: Sendable, Hashable, Codable {
        /// The place.
        public var kind: StorageKind
        /// Why, or why not.
        public var reason: String
    }

    /// A change of what is needed that turns the advice.
    public struct Turn: Sendable, Hashable, Codable {
        /// What would have to be otherwise.
        public var change: String
        /// What it would be then.
        public var kind: StorageKind
    }

    /// A number that was worked out.
    public struct Figure: Sendable, Hashable, Codable {
        /// What of.
        public var name: String
        /// How much.
        public var value: Double
        /// In which unit.
        public var unit: String

        /// As a line for people.
        public var message: String { "\(name): \(FigureText.of(value, unit))" }
    }

    /// Best first; the second is the runner-up.
    public var ranking: [Choice]
    /// The rule that decided.
    public var rule: String
    /// What it comes to: bytes, operations, hosts, memory.
    public var figures: [Figure]
    /// What to heed with the first choice.
    public var remarks: [String]
    /// What would turn it, the smallest change first.
    public var turns: [Turn]

    /// The first choice.
    public var kind: StorageKind { ranking.first?.kind ?? .database }

    /// What `needs` are served by best.
    public init(_ needs: StorageNeeds) {
        let decided = StorageRules(needs: needs).decision
        rule = decided.rule
        turns = Self.turns(of: needs, from: decided.kind)
        let others = StorageKind.allCases.filter { $0 != decided.kind }
        // The runner-up is what the smallest change would make of it.
        let second = turns.first?.kind
        let order = others.filter { $0 == second } + others.filter { $0 != second }
        let sizes = StorageSizes(needs: needs, kind: decided.kind)
        ranking =
            [Choice(kind: decided.kind, reason: decided.rule)]
            + order.map { Choice(kind: $0, reason: StorageRules(needs: needs).against($0)) }
        figures = sizes.figures
        remarks = sizes.remarks
    }

    /// Tries each need a little otherwise, then more.
    private static func turns(of needs: StorageNeeds, from kind: StorageKind) -> [Turn] {
        var turns: [Turn] = []
        for (name, path, unit) in StorageRules.numbers where needs[keyPath: path] > 0 {
            for factor in [2.0, 0.5, 4, 0.25, 10, 0.1, 100, 0.01, 1000, 0.001] {
                var other = needs
                other[keyPath: path] = needs[keyPath: path] * factor
                // Bigger objects are bigger throughout.
                if path == \.averageBytes { other.maximumBytes = needs.maximumBytes * factor }
                other.maximumBytes = max(other.maximumBytes, other.averageBytes)
                let found = StorageRules(needs: other).decision.kind
                guard found != kind else { continue }
                let value = FigureText.of(other[keyPath: path], unit)
                turns.append(
                    Turn(
                        change: "\(name) of \(value) instead of \(FigureText.of(needs[keyPath: path], unit))",
                        kind: found))
                break
            }
        }
        for (name, path) in StorageRules.flags {
            var other = needs
            other[keyPath: path].toggle()
            let found = StorageRules(needs: other).decision.kind
            if found != kind {
                turns.append(Turn(change: needs[keyPath: path] ? "no \(name)" : "\(name) needed", kind: found))
            }
        }
        return turns + survivalTurn(of: needs, from: kind)
    }

    private static func survivalTurn(of needs: StorageNeeds, from kind: StorageKind) -> [Turn] {
        var other = needs
        other.survives = needs.survives == nil ? 1 : nil
        let found = StorageRules(needs: other).decision.kind
        let change =
            needs.survives == nil
            ? "objects that must survive the loss of a host" : "objects that may go, since they can be made again"
        return found == kind ? [] : [Turn(change: change, kind: found)]
    }
}

/// The rules, the first that applies deciding. Sizes are those of Sears, van Ingen and Gray, To BLOB or Not To BLOB (2006): under
/// 256 KiB a database, over 1 MiB files; between, by how often objects are overwritten.
struct StorageRules {
    let needs: StorageNeeds

    nonisolated static let numbers: [(String, any WritableKeyPath<StorageNeeds, Double> & Sendable, String)] = [
        ("a mean size", \.averageBytes, "bytes"), ("a greatest size", \.maximumBytes, "bytes"),
        ("a number", \.count, "objects"), ("adding", \.adds, "/s"), ("updating", \.updates, "/s"),
        ("deleting", \.deletes, "/s"),
    ]
    nonisolated static let flags: [(String, any WritableKeyPath<StorageNeeds, Bool> & Sendable)] = [
        ("transactions", \.needsTransactions), ("joins", \.needsJoins), ("search by other fields", \.needsSearch),
    ]

    static let small = 262_144.0
    static let large = 1_048_576.0
    static let packet = 16_777_216.0
    static let diskShare = 0.7

    var decision: (kind: StorageKind, rule: String) {
        func text(_ bytes: Double) -> String { FigureText.of(bytes, "bytes") }
        let (mean, most) = (needs.averageBytes, needs.maximumBytes)
        if most > Self.packet || mean >= Self.large {
            let why =
                mean >= Self.large
                ? "mean size \(text(mean)) is at least 1 MiB" : "greatest size \(text(most)) is over 16 MiB"
            return (files, "\(why): files; names and what is searched for in a database")
        }
        if needs.survives == nil, !needs.isRelational, most <= Self.large {
            return (
                .keyValueCache, "any object may go, all are asked for by name and none is over 1 MiB: a cache in memory"
            )
        }
        if mean >= Self.small {
            let changes = needs.changesPerObjectAndDay
            let how =
                "mean size \(text(mean)) is between 256 KiB and 1 MiB, and an object changes \(FigureText.number(changes)) times a day"
            return changes < 1
                ? (files, "\(how), less than once: files") : (.keyValueStore, "\(how): a key-value store")
        }
        if needs.isRelational {
            return (.database, "transactions, joins or search are needed, and objects are under 256 KiB: a database")
        }
        let writes = needs.changes * needs.copies
        if writes > needs.host.commits / 2 {
            return (
                .keyValueStore,
                "\(FigureText.number(needs.changes)) changes a second on \(FigureText.number(needs.copies)) hosts are over half of the "
                    + "\(FigureText.number(needs.host.commits)) that one primary commits: a key-value store, sharded"
            )
        }
        if !fitsOneHost {
            return (.keyValueStore, "\(text(needs.bytes)) are over 70 % of one host's disk: a key-value store, sharded")
        }
        return (
            .database, "objects are under 256 KiB, fit on one host, and one primary bears their changes: a database"
        )
    }

    var fitsOneHost: Bool { needs.bytes <= Self.diskShare * needs.host.diskBytes }

    private var files: StorageKind { (needs.survives ?? 0) == 0 && fitsOneHost ? .files : .distributedFiles }

    /// Why it is not the one.
    func against(_ kind: StorageKind) -> String {
        switch kind {
        case .database:
            needs.averageBytes >= Self.small
                ? "objects of 256 KiB and more fragment a database, and each byte is written \(FigureText.number(1 + needs.copies)) times"
                : fitsOneHost ? "one primary has to commit every change" : "all bytes do not fit on one primary"
        case .keyValueStore:
            needs.isRelational
                ? "it finds objects by name only, and changes one at a time"
                : "nothing here needs more than one primary"
        case .keyValueCache:
            needs.survives == nil
                ? "items are 1 MiB at most, and found by name only"
                : "what it holds is gone with its host, or when it is full"
        case .files:
            (needs.survives ?? 0) > 0
                ? "its host's loss is the objects' loss" : fitsOneHost ? smallFiles : "all bytes do not fit on one host"
        case .distributedFiles:
            needs.averageBytes < Self.small ? smallFiles : "one host holds it all, and a network file system is slower"
        }
    }

    private var smallFiles: String {
        needs.isRelational
            ? "files are found by name only, and change one at a time"
            : "small files take a block and an inode each, and open and close cost more than the read"
    }
}
