import Fleet
import Journaling
import Testing

@Suite struct BuildTests {
    private func build(_ prefix: String, _ name: String, at second: Int64) -> BuildRecord {
        let digest = prefix + String(repeating: "0", count: 64 - prefix.count)
        return BuildRecord(
            digest: digest, name: name, size: 12, addedAt: time(second), provenance: ["commit": "c\(second)"])
    }

    @Test func aBuildKeepsItsFirstRecord() async throws {
        try await withJournal { journal in
            let first = try await journal.add(build("ab", "one.tar.gz", at: 1))
            #expect(try await journal.add(build("ab", "again.tar.gz", at: 2)) == first)
            #expect(try await journal.builds(prefix: "") == [first])
        }
    }

    @Test func findsBuildsByPrefixNewestFirst() async throws {
        try await withJournal { journal in
            for (number, prefix) in ["ab1", "ab2", "cd"].enumerated() {
                _ = try await journal.add(build(prefix, prefix, at: Int64(number)))
            }
            #expect(try await journal.builds(prefix: "").map(\.name) == ["cd", "ab2", "ab1"])
            #expect(try await journal.builds(prefix: "AB").map(\.name) == ["ab2", "ab1"])
            #expect(try await journal.build("ab2").name == "ab2")
            #expect(await refusal { () throws(JournalError) in _ = try await journal.build("ab") } == .ambiguousBuild)
            #expect(await refusal { () throws(JournalError) in _ = try await journal.build("%") } == .unknownBuild)
            #expect(await refusal { () throws(JournalError) in _ = try await journal.build("") } == .unknownBuild)
        }
    }

    @Test func remembersWhatAStageRunsAndWhatPassedIt() async throws {
        try await withJournal { journal in
            #expect(try await journal.stage("staging") == nil)
            var record = StageRecord(stage: "staging", current: "b1", run: RunID(1), updatedAt: time(1))
            try await journal.set(record)
            record.previous = "b1"
            record.current = "b2"
            try await journal.set(record)
            #expect(try await journal.stage("staging") == record)

            let passed = Evidence(build: "b2", stage: "staging", run: RunID(2), at: time(3))
            try await journal.add(passed)
            try await journal.add(passed)
            let later = Evidence(build: "b2", stage: "staging", run: RunID(4), at: time(5))
            try await journal.add(later)
            #expect(try await journal.evidence(build: "b2", stage: "staging") == [later, passed])
            #expect(try await journal.evidence(build: "b2", stage: "production").isEmpty)
            #expect(try await journal.evidence(build: "b1", stage: "staging").isEmpty)
        }
    }
}
