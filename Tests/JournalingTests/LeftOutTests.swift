import Fleet
import Journaling
import Testing

@Suite struct LeftOutTests {
    private func balancer(_ name: String, _ reason: String, at second: Int64 = 0) throws -> LeftOutBalancer {
        LeftOutBalancer(
            stage: "production", balancer: try HostName(name), reason: reason, by: "me@here", since: time(second))
    }

    @Test(arguments: Kept.allCases) func remembersBalancersUntilTheyAreTakenBack(_ kept: Kept) async throws {
        try await withJournals(kept) { open in
            let journal = try open()
            try await journal.leaveOut(balancer("lb2", "off"))
            try await journal.leaveOut(balancer("lb1", "new disks", at: 3))
            // Named again with another reason: it has been out since the first time.
            try await journal.leaveOut(balancer("lb2", "still off", at: 9))
            let reopened = try open()
            #expect(
                try await reopened.leftOut(stage: "production") == [
                    balancer("lb1", "new disks", at: 3), balancer("lb2", "still off"),
                ])
            #expect(try await reopened.leftOut(stage: "staging").isEmpty)
            try await reopened.takeBack(HostName("lb2"), stage: "production")
            try await reopened.takeBack(HostName("lb2"), stage: "production")
            #expect(try await reopened.leftOut(stage: "production").map(\.balancer.description) == ["lb1"])
        }
    }
}
