import Fleet
import Journaling
import Testing

@Suite struct RetentionTests {
    /// Open runs, and those that evidence or a stage's record names, stay whatever their age.
    @Test(arguments: Kept.allCases) func oldRunsGoWithTheirLines(_ kept: Kept) async throws {
        try await withJournal(kept) { journal in
            var runs: [RunID] = []
            for number in 0..<8 {
                let stage = number == 3 ? "production" : "staging"
                let run = try await journal.begin(
                    NewRun(.rollout, stage: stage, holder: "me"), under: nil, at: time(Int64(number))
                ).id
                try await journal.append("started", payload: "{}", to: run, under: nil, at: time(9))
                if number != 0 { try await journal.finish(run, .succeeded, at: time(9)) }
                runs.append(run)
            }
            try await journal.add(Evidence(build: try digest("b1"), stage: "staging", run: runs[1], at: time(9)))
            try await journal.set(StageRecord(stage: "staging", run: runs[2], updatedAt: time(9)))
            #expect(try await journal.pruneRuns(of: "staging", keeping: 2) == 2)
            let left = try await journal.runs(stage: nil, limit: 99).map(\.id.number)
            #expect(left == [8, 7, 4, 3, 2, 1])
            #expect(try await journal.entries(of: runs[4]).isEmpty)
            #expect(try await journal.entries(of: runs[7]).count == 1)
            #expect(try await journal.pruneRuns(of: "staging", keeping: 2) == 0)
            let new = NewRun(.apply, stage: "staging", holder: "me")
            let next = try await journal.begin(new, under: nil, at: time(9))
            #expect(next.id == RunID(9))
        }
    }
}
