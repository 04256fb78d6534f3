import Fleet
import Foundation
import TestSupport
import Testing

@testable import Rollouts

@Suite struct BuildPruningTests {
    private static func digest(_ letter: String) throws -> BuildDigest {
        try BuildDigest(String(repeating: letter, count: 64))
    }

    /// A journal and a store with builds `a` (oldest) to `f`, each of ten bytes.
    private func withBuilds(_ body: (MemoryJournal, BuildPruning, _ folder: String) async throws -> Void) async throws {
        try await withTemporaryFolder { folder in
            let journal = MemoryJournal()
            try FileManager.default.createDirectory(atPath: folder.path + "/builds", withIntermediateDirectories: true)
            for (index, letter) in Array("fedcba").map(String.init).enumerated() {
                let digest = try Self.digest(letter)
                _ = try await journal.add(
                    BuildRecord(digest: digest, name: letter, size: 10, addedAt: Timestamp(milliseconds: -Int64(index)))
                )
                try "0123456789".write(
                    toFile: "\(folder.path)/builds/\(digest)", atomically: true, encoding: .utf8)
            }
            let store = BuildStore(stateFolder: folder.path)
            try await body(journal, BuildPruning(journal: journal, store: store), folder.path + "/builds")
        }
    }

    private func at(_ time: Int64) -> Timestamp { Timestamp(milliseconds: time) }

    @Test func whatIsNeitherNewNorInUseGoes() async throws {
        try await withBuilds { journal, pruning, folder in
            try await journal.set(
                StageRecord(
                    stage: "production", current: try Self.digest("c"), previous: try Self.digest("a"),
                    updatedAt: at(1)))
            let open = NewRun(.rollout, stage: "staging", build: try Self.digest("b"), holder: "me")
            _ = try await journal.begin(open, under: nil, at: at(2))
            let removed = try await pruning.prune(keeping: 2).builds
            #expect(removed.map(\.build.name) == ["d"] && removed.map(\.freed) == [10])
            #expect(try await journal.builds(prefix: "").map(\.name) == ["f", "e", "c", "b", "a"])
            let files = try FileManager.default.contentsOfDirectory(atPath: folder).map { $0.prefix(1) }
            #expect(files.sorted() == ["a", "b", "c", "e", "f"])
            #expect(try await pruning.prune(keeping: 2).builds.isEmpty)
        }
    }

    @Test func aBuildInUseIsRemovedOnlyByForce() async throws {
        try await withBuilds { journal, pruning, folder in
            let used = try Self.digest("a")
            try await journal.set(StageRecord(stage: "production", current: used, updatedAt: at(1)))
            let refused = await #expect(throws: InputError.self) { try await pruning.remove("aaaa", isForced: false) }
            #expect(refused?.message.contains("is in use: production runs it") == true)
            #expect(FileManager.default.fileExists(atPath: "\(folder)/\(used)"))
            #expect(try await pruning.remove("aaaa", isForced: true).freed == 10)
            #expect(!FileManager.default.fileExists(atPath: "\(folder)/\(used)"))
            #expect(try await pruning.remove("bbbb", isForced: false).build.name == "b")
            await #expect(throws: JournalError.self) { try await pruning.remove("bbbb", isForced: false) }
        }
    }

    @Test func retentionKeepsTheNewest() async throws {
        try await withBuilds { journal, pruning, _ in
            for number in 0..<4 {
                let run = try await journal.begin(
                    NewRun(.apply, stage: "staging", holder: "me"), under: nil, at: at(Int64(number)))
                try await journal.finish(run.id, .succeeded, at: at(9))
            }
            var retention = Retention()
            (retention.runs, retention.builds) = (3, 5)
            let report = try await pruning.keep(retention, of: "staging")
            #expect(report.runs == 1 && report.builds.map(\.build.name) == ["a"] && report.fault == nil)
        }
    }

    /// A rollback that failed goes on to the build of the last run, however it ended.
    @Test func theLatestRolloutsBuildStays() throws {
        let build = try Self.digest("a")
        let runs = [
            RunRecord(
                id: RunID(2), kind: .rollback, stage: "staging", build: build, holder: "me", startedAt: at(2),
                endedAt: at(3), outcome: .rollbackFailed),
            RunRecord(
                id: RunID(1), kind: .rollout, stage: "staging", build: try Self.digest("b"), holder: "me",
                startedAt: at(1), endedAt: at(2), outcome: .failed),
        ]
        #expect(BuildUses(stages: [], runs: runs).reasons == [build: ["run 2 brings it to staging"]])
    }
}
