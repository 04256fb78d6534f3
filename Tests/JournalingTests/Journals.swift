import Fleet
import Foundation
import Journaling
import TestSupport
import Testing
import Web

/// What a journal is kept in. The tests of what every journal does run on both.
enum Kept: CaseIterable, CustomTestStringConvertible {
    case inSQLite, inEtcd

    var testDescription: String { self == .inSQLite ? "SQLite" : "etcd" }
}

/// The path of a journal that exists for the length of one test, in a folder that the journal has to make.
func withJournalPath(_ body: (String) async throws -> Void) async throws {
    try await withTemporaryFolder { folder in
        try await body(folder.appendingPathComponent("state/journal.sqlite").path)
    }
}

/// A way to open one journal, which exists for the length of one test, again and again.
func withJournals(
    _ kept: Kept, _ body: (_ open: @escaping @Sendable () throws -> any PortableJournal) async throws -> Void
) async throws {
    switch kept {
    case .inSQLite: try await withJournalPath { path in try await body({ try SQLiteJournal(path: path) }) }
    case .inEtcd:
        try await ThrowawayEtcd.with { cluster in
            let place = try cluster.place()
            try await body({ EtcdJournal(place, service: "shop", web: try HTTPExchange(), now: { time(0) }) })
        }
    }
}

/// A journal that exists for the length of one test.
func withJournal(_ kept: Kept = .inSQLite, _ body: (any PortableJournal) async throws -> Void) async throws {
    try await withJournals(kept) { open in try await body(open()) }
}

/// `seconds` after the beginning of the test's time.
func time(_ seconds: Int64) -> Timestamp { Timestamp(milliseconds: 1_800_000_000_000 + seconds * 1000) }

/// The build whose digest begins so.
func digest(_ prefix: String) throws -> BuildDigest {
    try BuildDigest(prefix + String(repeating: "0", count: 64 - prefix.count))
}

/// The code of the `JournalError` that `body` throws.
func refusal(_ body: () async throws(JournalError) -> Void) async -> JournalError.Code? {
    do {
        try await body()
        return nil
    } catch {
        return error.code
    }
}
