import Fleet
import Foundation
import Journaling
import Testing

@Suite struct BuildTests {
    private func build(_ prefix: String, _ name: String, at second: Int64) throws -> BuildRecord {
        BuildRecord(
            digest: try digest(prefix), name: name, size: 12, addedAt: time(second),
            provenance: ["commit": "c\(second)"])
    }

    @Test(arguments: Kept.allCases) func aBuildKeepsItsFirstRecordAndGetsNames(_ kept: Kept) async throws {
        try await withJournal(kept) { journal in
            let first = try await journal.add(build("ab", "one.tar.gz", at: 1))
            #expect(try await journal.add(build("ab", "one.tar.gz", at: 2)) == first)
            for _ in 1...2 { try await journal.add(build("ab", "again.tar.gz", at: 3)) }
            let last = try await journal.add(build("ab", "third", at: 4))
            #expect(last.names == ["one.tar.gz", "again.tar.gz", "third"])
            #expect(last.addedAt == first.addedAt && last.provenance == first.provenance)
            #expect(try await journal.builds(prefix: "") == [last])
        }
    }

    @Test(arguments: Kept.allCases) func aBuildGetsSignaturesAndItsTar(_ kept: Kept) async throws {
        try await withJournal(kept) { journal in
            let first = try await journal.add(build("ab", "one", at: 1))
            #expect(first.tar == nil && first.signatures == [])
            let tar = try #require(TarDigest(String(repeating: "c", count: 64)))
            let signatures = ["a\nb", "c"].map { BuildSignature(text: $0, signedAt: time(2)) }
            for signature in signatures + signatures {
                try await journal.add(first.taking(tar: tar, signature: signature))
            }
            let found = try #require(try await journal.builds(prefix: "ab").first)
            #expect(found.tar == tar && found.signatures == signatures)
            #expect(try await journal.add(build("ab", "one", at: 3)) == found, "nothing is forgotten")
        }
    }

    /// As earlier versions wrote it, to etcd, to shared stores and to files of a journal.
    @Test func aRecordWithoutOtherNamesIsRead() throws {
        let record = try build("ab", "one", at: 1)
        let text = String(decoding: try JSONEncoder().encode(record), as: UTF8.self)
        #expect(!text.contains("otherNames"))
        #expect(try JSONDecoder().decode(BuildRecord.self, from: Data(text.utf8)) == record)
        let named = record.taking(newsOf: try build("ab", "two", at: 2))
        #expect(try JSONDecoder().decode(BuildRecord.self, from: JSONEncoder().encode(named)).names == ["one", "two"])
    }

    @Test(arguments: Kept.allCases) func findsBuildsByPrefixNewestFirst(_ kept: Kept) async throws {
        try await withJournal(kept) { journal in
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

    @Test(arguments: Kept.allCases) func aBuildThatIsRemovedTakesWhatItPassedWithIt(_ kept: Kept) async throws {
        try await withJournal(kept) { journal in
            let gone = try await journal.add(build("ab", "a", at: 1))
            let kept = try await journal.add(build("cd", "c", at: 2))
            for record in [gone, kept] {
                try await journal.add(Evidence(build: record.digest, stage: "staging", run: RunID(1), at: time(3)))
            }
            try await journal.remove(gone.digest)
            try await journal.remove(gone.digest)
            #expect(try await journal.builds(prefix: "") == [kept])
            #expect(try await journal.evidence(build: gone.digest, stage: "staging").isEmpty)
            #expect(try await journal.evidence(build: kept.digest, stage: "staging").count == 1)
        }
    }

    @Test(arguments: Kept.allCases) func remembersWhatAStageRunsAndWhatPassedIt(_ kept: Kept) async throws {
        try await withJournal(kept) { journal in
            #expect(try await journal.stage("staging") == nil)
            var record = StageRecord(stage: "staging", current: try digest("b1"), run: RunID(1), updatedAt: time(1))
            try await journal.set(record)
            record.previous = try digest("b1")
            record.current = try digest("b2")
            try await journal.set(record)
            #expect(try await journal.stage("staging") == record)

            let passed = Evidence(build: try digest("b2"), stage: "staging", run: RunID(2), at: time(3))
            try await journal.add(passed)
            try await journal.add(passed)
            let later = Evidence(build: try digest("b2"), stage: "staging", run: RunID(4), at: time(5))
            try await journal.add(later)
            #expect(try await journal.evidence(build: digest("b2"), stage: "staging") == [later, passed])
            #expect(try await journal.evidence(build: digest("b2"), stage: "production").isEmpty)
            #expect(try await journal.evidence(build: digest("b1"), stage: "staging").isEmpty)
        }
    }
}
