import Fleet
import Foundation
import Journaling
import TestSupport

/// The path of a journal that exists for the length of one test, in a folder that the journal has to make.
func withJournalPath(_ body: (String) async throws -> Void) async throws {
    try await withTemporaryFolder { folder in
        try await body(folder.appendingPathComponent("state/journal.sqlite").path)
    }
}

/// A journal that exists for the length of one test.
func withJournal(_ body: (SQLiteJournal) async throws -> Void) async throws {
    try await withJournalPath { try await body(SQLiteJournal(path: $0)) }
}

/// `seconds` after the beginning of the test's time.
func time(_ seconds: Int64) -> Timestamp { Timestamp(milliseconds: 1_800_000_000_000 + seconds * 1000) }

/// The code of the `JournalError` that `body` throws.
func refusal(_ body: () async throws(JournalError) -> Void) async -> JournalError.Code? {
    do {
        try await body()
        return nil
    } catch {
        return error.code
    }
}
