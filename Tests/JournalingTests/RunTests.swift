import Fleet
import Foundation
import Journaling
import Testing

@Suite struct RunTests {
    private let rollout = NewRun(.rollout, stage: "staging", build: "ab12", holder: "me@here")

    @Test func keepsEntriesInOrderAndAfterReopening() async throws {
        try await withJournalPath { path in
            let first = try SQLiteJournal(path: path)
            let run = try await first.begin(rollout, under: nil, at: time(0))
            var written: [JournalEntry] = []
            for number in 1...20 {
                let payload = #"{"n":\#(number)}"#
                written.append(
                    try await first.append("host.drain", payload: payload, to: run.id, under: nil, at: time(5)))
            }
            let second = try SQLiteJournal(path: path)
            #expect(try await second.entries(of: run.id) == written)
            #expect(written.map(\.sequence) == Array(1...20))
            #expect(try await second.run(run.id) == run)
        }
    }

    @Test func numbersRunsAndListsTheLatestFirst() async throws {
        try await withJournal { journal in
            for (second, stage) in ["staging", "production", "staging"].enumerated() {
                let run = NewRun(.promotion, stage: stage, holder: "me")
                _ = try await journal.begin(run, under: nil, at: time(Int64(second)))
            }
            #expect(try await journal.runs(stage: nil, limit: 2).map(\.id) == [RunID(3), RunID(2)])
            #expect(try await journal.runs(stage: "staging", limit: 9).map(\.id) == [RunID(3), RunID(1)])
            #expect(try await journal.lastRun(stage: "production")?.id == RunID(2))
            #expect(try await journal.lastRun(stage: "qa") == nil)
        }
    }

    @Test func aRunEndsOnce() async throws {
        try await withJournal { journal in
            let run = try await journal.begin(rollout, under: nil, at: time(0))
            #expect(run.isOpen)
            try await journal.finish(run.id, .rolledBack, at: time(9))
            try await journal.finish(run.id, .rolledBack, at: time(10))
            let ended = try #require(await journal.run(run.id))
            #expect(ended.outcome == .rolledBack && ended.endedAt == time(9))
            #expect(
                await refusal { () throws(JournalError) in
                    try await journal.finish(run.id, .succeeded, at: time(11))
                } == .runEnded)
            #expect(
                await refusal { () throws(JournalError) in
                    try await journal.append("late", payload: "{}", to: run.id, under: nil, at: time(12))
                } == .runEnded)
        }
    }

    @Test func refusesUnknownRunsAndWhatIsNotJSON() async throws {
        try await withJournal { journal in
            #expect(
                await refusal { () throws(JournalError) in
                    try await journal.append("x", payload: "{}", to: RunID(7), under: nil, at: time(0))
                } == .unknownRun)
            let run = try await journal.begin(rollout, under: nil, at: time(0))
            #expect(
                await refusal { () throws(JournalError) in
                    try await journal.append("x", payload: "{", to: run.id, under: nil, at: time(0))
                } == .storage)
            #expect(try await journal.entries(of: run.id).isEmpty)
        }
    }

    @Test func isWrittenAlsoWhenTheTaskWasCancelled() async throws {
        try await withJournal { journal in
            let run = try await journal.begin(rollout, under: nil, at: time(0))
            let stopped = Task {
                withUnsafeCurrentTask { $0?.cancel() }
                try await journal.finish(run.id, .failed, at: time(1))
            }
            try await stopped.value
            #expect(try await journal.run(run.id)?.outcome == .failed)
        }
    }

    @Test func manyOpenersAndWritersAtOnceLoseNothing() async throws {
        try await withJournalPath { path in
            let run = try await SQLiteJournal(path: path).begin(rollout, under: nil, at: time(0))
            try await withThrowingTaskGroup(of: Void.self) { group in
                for writer in 0..<8 {
                    group.addTask {
                        let journal = try SQLiteJournal(path: path)
                        for _ in 0..<10 {
                            try await journal.append("w\(writer)", payload: "1", to: run.id, under: nil, at: time(1))
                        }
                    }
                }
                try await group.waitForAll()
            }
            let entries = try await SQLiteJournal(path: path).entries(of: run.id)
            #expect(entries.map(\.sequence) == Array(1...80))
        }
    }
}

@Test(arguments: [
    (0, "1970-01-01T00:00:00Z"), (-1, "1969-12-31T23:59:59Z"), (951_782_399_999, "2000-02-28T23:59:59Z"),
    (951_782_400_000, "2000-02-29T00:00:00Z"), (1_795_257_404_000, "2026-11-21T10:36:44Z"),
    (4_107_542_400_000, "2100-03-01T00:00:00Z"),
])
func writesTimesAsISO8601(_ milliseconds: Int64, _ text: String) {
    #expect(Timestamp(milliseconds: milliseconds).description == text)
}
