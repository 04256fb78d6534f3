import Foundation
import TestSupport
import Testing

/// `drover build make`, and what names a build, as an operator types it.
@Suite struct BuildMakeProgramTests {
    private func withService(_ body: (DroverProgram, _ folder: URL) async throws -> Void) async throws {
        try await withTemporaryFolder { folder in
            let drover = DroverProgram(in: folder, environment: ["DROVER_STATE": folder.path + "/state"])
            try await drover.runBeside(["sh", "-c", "mkdir -p dist/bin; echo 1 >dist/bin/run"]).succeeded()
            try await body(drover, folder)
        }
    }

    private func digest(_ made: Transcript) -> String { String(made.output.prefix(64)) }

    @Test func aFolderIsPackedKeptAndTold() async throws {
        try await withService { drover, folder in
            let made = try await drover("build", "make", "dist", "--name", "shop", "--version", "1.0").succeeded()
            #expect(made.output == "\(digest(made))  shop-1.0\n")
            #expect(made.errors.contains("packed dist as shop-1.0: 1 file, "))
            #expect(made.errors.contains("current/ will hold: bin/"))
            let again = try await drover("build", "make", "dist", "--name", "other").succeeded()
            #expect(digest(again) == digest(made))
            let other = "other-\(digest(made).prefix(8))"
            #expect(again.errors.contains("the same content is kept already, as shop-1.0, added "), "\(again.errors)")
            #expect(again.errors.contains(": it is found as \(other) as well from now on"))
            let listed = try await drover("build", "list").succeeded().output
            #expect(listed.contains("shop-1.0, \(other)"))
            #expect(listed.contains("shop-1.0") && listed.contains("name=shop") && listed.contains("version=1.0"))
            let left = try FileManager.default.contentsOfDirectory(atPath: folder.path + "/state/builds")
            #expect(left == [digest(made)], "nothing else is left behind")
        }
    }

    @Test func aFileIsWrittenAndNothingKept() async throws {
        try await withService { drover, folder in
            let made = try await drover("build", "make", "dist", "-o", "shop.tar.gz", "--format", "json").succeeded()
            let answer = try #require(try JSONSerialization.jsonObject(with: Data(made.output.utf8)) as? [String: Any])
            #expect(answer["path"] as? String == "shop.tar.gz" && answer["addedAt"] == nil)
            let sum = try await DroverProgram.run(["sha256sum", folder.path + "/shop.tar.gz"]).succeeded().output
            #expect(sum.hasPrefix(answer["digest"] as? String ?? "none"))
            #expect(!FileManager.default.fileExists(atPath: folder.path + "/state"))
            for wrong in [
                ["-o", "shop.zip"], ["--name", ""], ["--compression", "lz4"], ["-o", "a.tar", "--provenance", "a=b"],
            ] {
                #expect(try await drover.run(["build", "make", "dist"] + wrong).status == 64)
            }
        }
    }

    @Test func theSameContentIsFoundByEachOfItsNames() async throws {
        try await withService { drover, folder in
            let file = folder.path + "/shop.tar.gz"
            try await drover("build", "make", "dist", "-o", file).succeeded()
            let first = try await drover("build", "add", file).succeeded()
            #expect(first.errors.isEmpty, "\(first.errors)")
            #expect(try await drover("build", "add", file).succeeded().errors.isEmpty, "nothing is new")
            let named = try await drover("build", "add", file, "--name", "release", "--provenance", "commit=cafe")
                .succeeded()
            #expect(named.output == first.output)
            #expect(named.errors.contains("kept already, as shop.tar.gz, added "), "\(named.errors)")
            #expect(named.errors.contains(": it is found as release as well from now on"))
            #expect(named.errors.contains("it stays noted as coming from no commit, not from cafe"))
            let listed = try await drover("build", "list", "--format", "json").succeeded().output
            let builds = try #require(try JSONSerialization.jsonObject(with: Data(listed.utf8)) as? [[String: Any]])
            #expect(builds.count == 1 && builds.first?["otherNames"] as? [String] == ["release"])
            try await drover("build", "remove", "release").succeeded()
            #expect(try await drover("build", "remove", "shop.tar.gz").status == 64)
        }
    }

    @Test func otherContentOfTheSameNameIsTold() async throws {
        try await withService { drover, _ in
            let made = try await drover("build", "make", "dist", "--name", "shop", "--version", "1").succeeded()
            try await drover.runBeside(["sh", "-c", "echo 2 >dist/bin/run"]).succeeded()
            let shop = ["--name", "shop", "--version", "1"]
            for (line, isNew) in [(shop, true), (["--name", "else"], false), (shop, false)] {
                let told = try await drover.run(["build", "make", "dist"] + line).succeeded().errors
                #expect(told.contains("as well: \(made.output.prefix(12)) of ") == isNew, "\(told)")
                #expect(told.contains("hint: name builds by their digits") == isNew, "\(told)")
            }
        }
    }

    @Test func aBuildIsNamedByNameOrDigest() async throws {
        try await withService { drover, _ in
            let made = try await drover("build", "make", "dist", "--name", "shop", "--version", "1").succeeded()
            try await drover.runBeside(["sh", "-c", "echo 2 >dist/bin/run"]).succeeded()
            let other = try await drover("build", "make", "dist", "--name", "shop", "--version", "1").succeeded()
            let refused = try await drover("build", "remove", "shop-1")
            #expect(refused.status == 64)
            #expect(refused.errors.contains("2 builds have such a name"))
            for one in [made, other] {
                #expect(refused.errors.contains("hint: \(digest(one).prefix(16)) is shop-1, added "))
            }
            try await drover("build", "remove", String(digest(made).prefix(8))).succeeded()
            try await drover("build", "remove", "shop-1").succeeded()
            #expect(try await drover("build", "remove", "shop-1").errors.contains("no build has such a name"))
        }
    }
}
