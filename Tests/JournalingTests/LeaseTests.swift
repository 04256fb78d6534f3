import Fleet
import Journaling
import Testing

@Suite struct LeaseTests {
    private func acquire(
        _ journal: any PortableJournal, _ holder: String, at second: Int64
    ) async throws(JournalError) -> Lease {
        try await journal.acquireLease(
            stage: "production", holder: holder, timeToLive: .seconds(30), now: time(second))
    }

    @Test(arguments: Kept.allCases) func oneOfManyRacingConnectionsWins(_ kept: Kept) async throws {
        try await withJournals(kept) { open in
            let winners = try await withThrowingTaskGroup(of: Lease?.self, returning: [Lease].self) { group in
                for number in 0..<8 {
                    group.addTask {
                        let journal = try open()
                        do {
                            return try await acquire(journal, "writer\(number)", at: 0)
                        } catch let error as JournalError where error.code == .leaseHeld {
                            return nil
                        }
                    }
                }
                return try await group.reduce(into: []) { if let lease = $1 { $0.append(lease) } }
            }
            #expect(winners.count == 1)
            #expect(try await open().lease(stage: "production")?.token == winners.first?.token)
        }
    }

    @Test func anExpiredLeaseIsTakenOverWithAGreaterToken() async throws {
        try await withJournal { journal in
            let first = try await acquire(journal, "first", at: 0)
            #expect(first.expiresAt == time(30))
            let error = await #expect(throws: JournalError.self) { try await acquire(journal, "second", at: 29) }
            #expect(error?.code == .leaseHeld)
            #expect(error?.message == "first is changing this stage, and its lease runs for another 1 s")
            let second = try await acquire(journal, "second", at: 30)
            #expect(second.token > first.token)
            #expect(
                await refusal { () throws(JournalError) in
                    _ = try await journal.renew(first, timeToLive: .seconds(30), now: time(31))
                } == .leaseLost)
            try await journal.release(first)
            #expect(try await journal.lease(stage: "production") == second)
        }
    }

    @Test func aLeaseIsSeizedOnlyAsItWasSeen() async throws {
        try await withJournal { journal in
            let ahead = try await acquire(journal, "ahead", at: 7200)
            let renewed = try await journal.renew(ahead, timeToLive: .seconds(30), now: time(7210))
            #expect(
                await refusal { () throws(JournalError) in
                    _ = try await journal.seize(ahead, holder: "me", timeToLive: .seconds(30), now: time(0))
                } == .leaseHeld, "it was renewed meanwhile")
            let mine = try await journal.seize(renewed, holder: "me", timeToLive: .seconds(30), now: time(40))
            #expect(mine.token > ahead.token && mine.expiresAt == time(70))
            #expect(
                await refusal { () throws(JournalError) in
                    _ = try await journal.renew(ahead, timeToLive: .seconds(30), now: time(7220))
                } == .leaseLost)
        }
    }

    @Test(arguments: Kept.allCases) func tokensGrowAcrossReleases(_ kept: Kept) async throws {
        try await withJournal(kept) { journal in
            var last: Int64 = 0
            for second in 0..<5 {
                let lease = try await acquire(journal, "me", at: Int64(second))
                #expect(lease.token > last)
                last = lease.token
                try await journal.release(lease)
                #expect(try await journal.lease(stage: "production") == nil)
            }
        }
    }

    @Test(arguments: Kept.allCases) func renewingMovesTheEnd(_ kept: Kept) async throws {
        try await withJournal(kept) { journal in
            let lease = try await acquire(journal, "me", at: 0)
            let renewed = try await journal.renew(lease, timeToLive: .seconds(30), now: time(20))
            #expect(renewed.token == lease.token && renewed.expiresAt == time(50))
            #expect(
                await refusal { () throws(JournalError) in
                    _ = try await acquire(journal, "other", at: 49)
                } == .leaseHeld)
        }
    }

    @Test(arguments: Kept.allCases) func stagesHaveLeasesOfTheirOwn(_ kept: Kept) async throws {
        try await withJournal(kept) { journal in
            _ = try await acquire(journal, "me", at: 0)
            let other = try await journal.acquireLease(
                stage: "staging", holder: "you", timeToLive: .seconds(30), now: time(0))
            #expect(other.token > 0)
        }
    }

    @Test(arguments: Kept.allCases) func aWriterWhoseLeaseWasTakenOverCannotWrite(_ kept: Kept) async throws {
        try await withJournal(kept) { journal in
            let first = try await acquire(journal, "first", at: 0)
            let new = NewRun(.rollout, stage: "production", holder: "first")
            let run = try await journal.begin(new, under: first, at: time(1))
            try await journal.append("step", payload: "{}", to: run.id, under: first, at: time(2))
            let second = try await journal.seize(
                first, holder: "second", timeToLive: .seconds(30), now: time(0))
            #expect(
                await refusal { () throws(JournalError) in
                    try await journal.append("step", payload: "{}", to: run.id, under: first, at: time(61))
                } == .leaseLost)
            #expect(
                await refusal { () throws(JournalError) in
                    _ = try await journal.begin(new, under: first, at: time(61))
                } == .leaseLost)
            try await journal.append("resumed", payload: "{}", to: run.id, under: second, at: time(62))
            #expect(try await journal.entries(of: run.id).map(\.kind) == ["step", "resumed"])
        }
    }
}
