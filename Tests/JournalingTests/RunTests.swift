import Fleet
import Foundation
import Journaling
import Testing

@Suite struct RunTests {
    private let rollout = NewRun(.rollout, stage: "staging", build: try? digest("ab12"), holder: "me@here")

    @Test(arguments: Kept.allCases) func keepsEntriesInOrderAndAfterReopening(_ kept: Kept) async throws {
        try await withJournals(kept) { open in
            let first = try open()
            let run = try await first.begin(rollout, under: nil, at: time(0))
            var written: [JournalEntry] = []
            for number in 1...20 {
                let payload = #"{"n":\#(number)}"#
                written.append(
                    try await first.append("host.drain", payload: payload, to: run.id, under: nil, at: time(5)))
            }
            let second = try open()
            #expect(try await second.entries(of: run.id) == written)
            #expect(written.map(\.sequence) == Array(1...20))
            #expect(try await second.run(run.id) == run)
        }
    }

    @Test(arguments: Kept.allCases) func numbersRunsAndListsTheLatestFirst(_ kept: Kept) async throws {
        try await withJournal(kept) { journal in
            for (second, stage) in ["staging", "production", "staging"].enumerated() {
                let run = NewRun(.promotion, stage: stage, holder: "me")
                _ = try await journal.begin(run, under: nil, at: time(Int64(second)))
            }
            #expect(try await journal.runs(stage: nil, limit: 2).map(\.id) == [RunID(3), RunID(2)])
            #expect(try await journal.runs(stage: "staging", limit: 9).map(\.id) == [RunID(3), RunID(1)])
            #expect(try await journal.runs(stage: "production", limit: 1).first?.id == RunID(2))
            #expect(try await journal.runs(stage: "qa", limit: 1).isEmpty)
        }
    }

    @Test(arguments: Kept.allCases) func aRunEndsOnce(_ kept: Kept) async throws {
        try await withJournal(kept) { journal in
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

    @Test(arguments: Kept.allCases) func refusesUnknownRunsAndWhatIsNotJSON(_ kept: Kept) async throws {
        try await withJournal(kept) { journal in
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

    @Test(arguments: Kept.allCases) func isWrittenAlsoWhenTheTaskWasCancelled(_ kept: Kept) async throws {
        try await withJournal(kept) { journal in
            let run = try await journal.begin(rollout, under: nil, at: time(0))
            let stopped = Task {
                withUnsafeCurrentTask { $0?.cancel() }
                try await journal.finish(run.id, .failed, at: time(1))
            }
            try await stopped.value
            #expect(try await journal.run(run.id)?.outcome == .failed)
        }
    }

    @Test(arguments: Kept.allCases) func manyOpenersAndWritersAtOnceLoseNothing(_ kept: Kept) async throws {
        try await withJournals(kept) { open in
            let run = try await open().begin(rollout, under: nil, at: time(0))
            try await withThrowingTaskGroup(of: Void.self) { group in
                for writer in 0..<8 {
                    group.addTask {
                        let journal = try open()
                        for _ in 0..<10 {
                            try await journal.append("w\(writer)", payload: "1", to: run.id, under: nil, at: time(1))
                        }
                    }
                }
                try await group.waitForAll()
            }
            let entries = try await open().entries(of: run.id)
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
