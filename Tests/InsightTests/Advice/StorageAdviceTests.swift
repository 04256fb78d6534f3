import Insight
import Testing

/// Objects as somebody needs them kept, and where they belong.
struct StorageCase: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let needs: StorageNeeds
    let kind: StorageKind

    init(_ name: String, _ kind: StorageKind, _ needs: StorageNeeds) {
        (testDescription, self.kind, self.needs) = (name, kind, needs)
    }

    static let kib = 1024.0
    static let mib = 1_048_576.0

    static let all = [
        Self(
            "orders", .database,
            StorageNeeds(averageBytes: 400, count: 2e6, adds: 5, updates: 5, reads: 200, needsTransactions: true)),
        Self(
            "bookmarks with search", .database,
            StorageNeeds(averageBytes: 600, count: 5e6, adds: 20, reads: 400, needsSearch: true)),
        Self("comments", .database, StorageNeeds(averageBytes: 800, count: 3e6, adds: 10, reads: 50)),
        Self("sessions", .keyValueStore, StorageNeeds(averageBytes: 2 * kib, count: 1e6, updates: 900, reads: 1000)),
        Self(
            "sessions that may go", .keyValueCache,
            StorageNeeds(averageBytes: 2 * kib, count: 1e6, updates: 900, reads: 1000, survives: nil)),
        Self(
            "rendered pages", .keyValueCache,
            StorageNeeds(
                averageBytes: 30 * kib, maximumBytes: 500 * kib, count: 2e5, adds: 50, reads: 3000, survives: nil)),
        Self(
            "thumbnails", .distributedFiles,
            StorageNeeds(averageBytes: 300 * kib, maximumBytes: 900 * kib, count: 1e6, adds: 2, reads: 300)),
        Self(
            "documents that are edited", .keyValueStore,
            StorageNeeds(averageBytes: 300 * kib, maximumBytes: 900 * kib, count: 1e4, updates: 1, reads: 3)),
        Self(
            "photos", .distributedFiles,
            StorageNeeds(averageBytes: 3 * mib, maximumBytes: 20 * mib, count: 1e6, adds: 3, reads: 100)),
        Self(
            "photos of one host", .files,
            StorageNeeds(averageBytes: 3 * mib, count: 1e4, adds: 1, reads: 10, survives: 0)),
        Self(
            "photos that do not fit on one host", .distributedFiles,
            StorageNeeds(averageBytes: 3 * mib, count: 1e6, reads: 10, survives: 0)),
        Self(
            "photos with search", .distributedFiles,
            StorageNeeds(averageBytes: 3 * mib, count: 1e5, reads: 10, needsSearch: true)),
        Self(
            "videos now and then", .distributedFiles,
            StorageNeeds(averageBytes: 100 * kib, maximumBytes: 400 * mib, count: 1e6, reads: 10)),
        Self("counters", .keyValueStore, StorageNeeds(averageBytes: 20, count: 1e5, updates: 5000, reads: 5000)),
        Self(
            "measurements of years", .keyValueStore, StorageNeeds(averageBytes: 100, count: 1e10, adds: 50, reads: 10)),
        Self(
            "what is small but has joins, and much of it", .database,
            StorageNeeds(averageBytes: 200, count: 5e9, adds: 10, needsJoins: true)),
        Self("just under 256 KiB", .database, StorageNeeds(averageBytes: 255 * kib, count: 1e4)),
        Self("just over 256 KiB", .distributedFiles, StorageNeeds(averageBytes: 257 * kib, count: 1e4)),
        Self("a cache of big things", .files, StorageNeeds(averageBytes: 2 * mib, count: 1e3, survives: nil)),
    ]
}

struct StorageAdviceTests {
    @Test(arguments: StorageCase.all)
    func objectsAreKeptWhereTheyBelong(_ one: StorageCase) {
        let advice = StorageAdvice(one.needs)
        #expect(advice.kind == one.kind, "\(advice.rule)")
        #expect(Set(advice.ranking.map(\.kind)) == Set(StorageKind.allCases))
        #expect(advice.ranking.allSatisfy { !$0.reason.isEmpty })
        #expect(!advice.turns.isEmpty)
        #expect(advice.turns.allSatisfy { $0.kind != one.kind })
    }

    @Test func whyNotMyISAMIsSaidWithInnoDB() {
        let advice = StorageAdvice(StorageNeeds(averageBytes: 400, count: 2e6, reads: 10, needsTransactions: true))
        #expect(advice.remarks.contains { $0.hasPrefix("InnoDB, not MyISAM") })
    }

    @Test func theRunnerUpIsWhatTheSmallestChangeWouldMakeOfIt() {
        let advice = StorageAdvice(StorageNeeds(averageBytes: 200 * 1024, count: 1e4, adds: 1, reads: 20))
        #expect(advice.kind == .database)
        #expect(advice.turns.first?.change == "a mean size of 400 KiB instead of 200 KiB")
        #expect(advice.ranking[1].kind == .distributedFiles)
    }

    @Test func numbersAreWorkedOut() {
        let advice = StorageAdvice(
            StorageNeeds(averageBytes: 1000, count: 1e6, adds: 10, reads: 200, needsJoins: true, survives: 2))
        let figures = Dictionary(uniqueKeysWithValues: advice.figures.map { ($0.name, $0.value) })
        #expect(figures["bytes in all"] == 1e9)
        #expect(figures["bytes with all copies"] == 3e9)
        #expect(figures["bytes a second that reach disks"] == 40_000)
        #expect(figures["hosts"] == 3)
        #expect(figures["commits that one primary bears"] == 460)
    }

    @Test func numbersThatCannotBeTrapNobody() {
        for odd in [-1, 0, 1e-300, 1e300, Double.infinity, .nan] {
            let host = StorageHost(diskBytes: odd, memoryBytes: odd, syncs: odd, transactionsPerSync: odd)
            let needs = StorageNeeds(
                averageBytes: odd, maximumBytes: odd, count: odd, adds: odd, updates: odd, deletes: odd, reads: odd,
                survives: .min, hotShare: odd, host: host)
            #expect(StorageAdvice(needs).ranking.count == StorageKind.allCases.count)
        }
    }
}
