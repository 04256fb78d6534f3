import Fleet
import Foundation
import Journaling
import TestSupport
import Testing

/// `drover build remove` and `drover build prune`, run as an operator would.
@Suite struct BuildProgramTests {
    /// Builds `1` (oldest) to `4`, of which a stage runs the first.
    private func withBuilds(
        _ body: (DroverProgram, _ digests: [String], _ store: String) async throws -> Void
    ) async throws {
        try await withTemporaryFolder { folder in
            let state = folder.path + "/state"
            let drover = DroverProgram(in: folder, environment: ["DROVER_STATE": state])
            var digests: [String] = []
            for number in 1...4 {
                let pack = "echo \(number) >VERSION; tar -czf \(number).tar.gz VERSION"
                try await drover.runBeside(["sh", "-c", pack]).succeeded()
                let added = try await drover("build", "add", "\(number).tar.gz").succeeded()
                digests.append(String(added.output.prefix(64)))
            }
            let journal = try SQLiteJournal(path: state + "/journal.sqlite")
            try await journal.set(
                StageRecord(
                    stage: "production", current: try BuildDigest(digests[0]), updatedAt: Timestamp(milliseconds: 1)))
            try await body(drover, digests, state + "/builds")
        }
    }

    @Test func whereNothingIsNothingIsLeftBehind() async throws {
        try await withTemporaryFolder { folder in
            let drover = DroverProgram(in: folder)
            let listed = try await drover("build", "list").succeeded()
            #expect(listed.output.isEmpty && listed.errors.contains("no build is known here yet"))
            let json = try await drover("build", "list", "--format", "json").succeeded().output
            #expect(json.filter { !$0.isWhitespace } == "[]")
            for words in [["build", "prune"], ["build", "remove", "abcd"], ["state", "export", "a.json"]] {
                let refused = try await drover.run(words)
                #expect(refused.status == 64 && refused.errors.contains("nothing is kept in "), "\(refused.errors)")
            }
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == [])
        }
    }

    @Test func aBuildInUseNeedsForce() async throws {
        try await withBuilds { drover, digests, store in
            let refused = try await drover("build", "remove", String(digests[0].prefix(12)))
            #expect(refused.status == 64 && refused.errors.contains("is in use: production runs it"))
            #expect(
                refused.errors.contains("hint: remove it all the same: drover build remove \(digests[0].prefix(12))"))
            let forced = try await drover("build", "remove", digests[0], "--force").succeeded()
            #expect(forced.output.contains("removed \(digests[0].prefix(12))  1.tar.gz"))
            #expect(forced.errors.contains("1 build removed, ") && forced.errors.contains(" B freed"))
            #expect(try FileManager.default.contentsOfDirectory(atPath: store).sorted() == digests.dropFirst().sorted())
            #expect(try await !drover("build", "list").succeeded().output.contains("1.tar.gz"))
        }
    }

    @Test func pruningKeepsTheNewestAndThoseInUse() async throws {
        try await withBuilds { drover, digests, store in
            let nothing = try await drover("build", "prune").succeeded()
            #expect(nothing.output.isEmpty && nothing.errors.contains("0 builds removed, 0 B freed"))
            let pruned = try await drover("build", "prune", "--keep", "2", "--format", "json").succeeded()
            let removed = try #require(
                try JSONSerialization.jsonObject(with: Data(pruned.output.utf8)) as? [[String: Any]])
            #expect(removed.compactMap { $0["build"] as? String } == [digests[1]])
            #expect(removed.first?["freed"] as? Int ?? 0 > 0)
            let kept = [digests[0], digests[2], digests[3]].sorted()
            #expect(try FileManager.default.contentsOfDirectory(atPath: store).sorted() == kept)
        }
    }
}
