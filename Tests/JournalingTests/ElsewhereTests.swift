import Fleet
import Foundation
import Journaling
import Testing

/// Runs that were done elsewhere and that several learn of.
@Suite struct ElsewhereTests {
    private let run = NewRun(.rollout, stage: "staging", build: try? digest("ab12"), holder: "me@elsewhere:1")

    @Test(arguments: Kept.allCases) func aRunIsNotedOnceHoweverManyLearnOfIt(_ kept: Kept) async throws {
        try await withJournals(kept) { open in
            let journals = try (0..<4).map { _ in try open() }
            let noted = try await withThrowingTaskGroup(of: (RunRecord, Bool).self) { group in
                for number in 0..<20 {
                    group.addTask {
                        let answer = try await journals[number % 4].note(
                            run, begunAt: time(7), line: ("started", #"{"event":"started"}"#))
                        return (answer.run, answer.isNew)
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(noted.count { $0.1 } == 1 && Set(noted.map(\.0.id)).count == 1)
            let kept = try await journals[0].runs(stage: nil, limit: 9)
            #expect(kept.count == 1 && kept.first?.startedAt == time(7) && kept.first?.build == run.build)
            let lines = try await journals[0].entries(of: noted[0].0.id)
            #expect(lines.map(\.kind) == ["started"] && lines.first?.at == time(7))
        }
    }

    @Test(arguments: Kept.allCases) func anotherBeginningHolderOrStageIsAnotherRun(_ kept: Kept) async throws {
        try await withJournal(kept) { journal in
            let first = try await journal.note(run, begunAt: time(1), line: nil)
            var other = run
            other.holder = "you@elsewhere:1"
            var elsewhere = run
            elsewhere.stage = "production"
            let runs = try await [
                journal.note(run, begunAt: time(2), line: nil), journal.note(other, begunAt: time(1), line: nil),
                journal.note(elsewhere, begunAt: time(1), line: nil),
            ]
            #expect(runs.allSatisfy { $0.isNew && $0.run.id != first.run.id })
            #expect(try await journal.entries(of: first.run.id).isEmpty)
            try await journal.finish(first.run.id, .succeeded, at: time(3))
            let again = try await journal.note(run, begunAt: time(1), line: nil)
            #expect(!again.isNew && again.run.outcome == .succeeded)
        }
    }
}
