import Fleet
import Foundation
import TestSupport
import Testing

@testable import Rollouts

/// What several machines share is let go of only where no stage of the service needs it, whatever the journal here knows.
@Suite struct SharedPruningTests {
    private struct Scene {
        let journal = MemoryJournal()
        let store: BuildStore
        let shared: SharedBuilds
        let folder: URL

        func pruning(
            _ stages: [String] = ["staging", "production"],
            ask: @escaping BuildPruning.AskStage = { throw InputError("nobody answers for \($0)") }
        ) -> BuildPruning {
            BuildPruning(journal: journal, store: store, shared: shared, stages: stages, ask: ask)
        }

        /// The names of the builds that are shared, the newest first.
        func names() async throws -> [String] { try await shared.index().builds.map(\.record.name) }

        func use(_ stage: String, _ current: String?, _ previous: String? = nil) throws -> StageUse {
            StageUse(
                stage, current: try current.map { try digest($0) }, previous: try previous.map { try digest($0) },
                by: "me", at: Timestamp(milliseconds: 1))
        }

        /// Makes them look as if nobody had used them for a long time.
        func age() async throws {
            try await DroverProgram.run([
                "sh", "-c", "touch -d '2 hours ago' \(folder.path)/shared/shop/[0-9a-f]*",
            ]).succeeded()
        }
    }

    private static func digest(_ letter: String) throws -> BuildDigest {
        try BuildDigest(String(repeating: letter, count: 64))
    }

    /// A shared store with builds `a` (oldest) to `f`, which the journal here knows nothing of, a few hours old.
    private func withShared(_ body: (Scene) async throws -> Void) async throws {
        try await withTemporaryFolder { folder in
            let base = folder.path + "/shared"
            try FileManager.default.createDirectory(atPath: base, withIntermediateDirectories: true)
            let transport = LocalHostTransport(
                shell: LocalShellTransport(host: try HostName("localhost")), programs: folder)
            let scene = Scene(
                store: BuildStore(stateFolder: folder.path + "/state"),
                shared: SharedBuilds(.folder(base), service: "shop") { transport }, folder: folder)
            let file = folder.path + "/file"
            try "0123456789".write(toFile: file, atomically: true, encoding: .utf8)
            for (index, letter) in Array("abcdef").map(String.init).enumerated() {
                try await scene.shared.add(
                    file,
                    BuildRecord(
                        digest: try Self.digest(letter), name: letter, size: 10,
                        addedAt: Timestamp(milliseconds: Int64(index))))
            }
            try await scene.age()
            try await body(scene)
        }
    }

    @Test func whatAnyStageNeedsStaysAsTheStoreItselfSays() async throws {
        try await withShared { scene in
            try await scene.shared.note(try scene.use("production", "a", "b"))
            try await scene.shared.note(try scene.use("staging", "e"))
            let removed = try await scene.pruning().prune(keeping: 1).builds
            #expect(removed.map(\.build.name) == ["d", "c"], "\(removed)")
            #expect(removed.allSatisfy { $0.freed == 0 && $0.freedShared == 10 })
            #expect(try await scene.names() == ["f", "e", "b", "a"])
            let left = try FileManager.default.contentsOfDirectory(atPath: scene.folder.path + "/shared/shop")
            #expect(left.count == 4 * 2 + 1, "records go with their builds: \(left)")
        }
    }

    @Test func whatTheJournalAndTheStoreSayAddsUp() async throws {
        try await withShared { scene in
            try await scene.shared.note(try scene.use("production", "a"))
            try await scene.shared.note(try scene.use("staging", "e"))
            // A journal that has not heard of production for long.
            try await scene.journal.set(
                StageRecord(stage: "production", current: try Self.digest("c"), updatedAt: Timestamp(milliseconds: 1)))
            _ = try await scene.pruning().prune(keeping: 0)
            #expect(try await scene.names() == ["e", "c", "a"])
        }
    }

    @Test func hostsAreAskedOfAStageThatNobodyNoted() async throws {
        try await withShared { scene in
            try await scene.shared.note(try scene.use("staging", "f"))
            let fault = try await scene.pruning().prune(keeping: 2).fault
            #expect(fault.map { ErrorReport($0).code.description } == "unknownUse")
            #expect(fault?.message.contains("nobody answers for production") == true, "\(fault?.message ?? "")")
            #expect(try await scene.names().count == 6)
            let answer = try scene.use("production", "b")
            _ = try await scene.pruning(ask: { _ in answer }).prune(keeping: 2)
            #expect(try await scene.names() == ["f", "e", "b"])
        }
    }

    @Test func nobodyIsAskedWhereNothingWouldGo() async throws {
        try await withShared { scene in
            let report = try await scene.pruning().prune(keeping: 6)
            #expect(report.builds.isEmpty && report.fault == nil)
        }
    }

    @Test func whatWasAddedOrTakenJustNowStays() async throws {
        try await withShared { scene in
            for stage in ["production", "staging"] { try await scene.shared.note(try scene.use(stage, nil)) }
            // Somebody takes it, whoever's it is now.
            let digest = try Self.digest("b")
            await #expect(throws: StoreError.self) { try await scene.shared.take(digest, into: scene.store) }
            _ = try await scene.pruning().prune(keeping: 1)
            #expect(try await scene.names() == ["f", "b"])
        }
    }

    @Test func aBuildInUseElsewhereIsRemovedOnlyByForce() async throws {
        try await withShared { scene in
            try await scene.shared.note(try scene.use("production", "a"))
            try await scene.shared.note(try scene.use("staging", nil))
            let refused = await #expect(throws: InputError.self) {
                try await scene.pruning().remove("aaaa", isForced: false)
            }
            #expect(refused?.message.contains("is in use: production runs it") == true)
            let removed = try await scene.pruning().remove("bbbb", isForced: false)
            #expect(removed.build.name == "b" && removed.freedShared == 10)
            #expect(try await scene.pruning().remove("aaaa", isForced: true).freedShared == 10)
            #expect(try await scene.names() == ["f", "e", "d", "c"])
            await #expect(throws: JournalError.self) { try await scene.pruning().remove("aaaa", isForced: true) }
        }
    }

    @Test func aStoreThatIsAwayKeepsNobodyFromPruningHere() async throws {
        try await withShared { scene in
            try FileManager.default.removeItem(atPath: scene.folder.path + "/shared")
            for index in 0..<3 {
                _ = try await scene.journal.add(
                    BuildRecord(
                        digest: try Self.digest("\(index)"), name: "\(index)", size: 1,
                        addedAt: Timestamp(milliseconds: Int64(-index))))
            }
            var retention = Retention()
            retention.builds = 1
            let report = try await scene.pruning().keep(retention, of: "staging")
            #expect(report.builds.map(\.build.name) == ["1", "2"])
            #expect((report.fault as? StoreError)?.code == .away)
            #expect(try await scene.pruning().prune(keeping: 0).builds.map(\.build.name) == ["0"])
        }
    }
}
