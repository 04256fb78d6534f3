import Fleet
import Foundation
import TestSupport
import Testing

@testable import Rollouts

/// What a word on a command line means: a path, or a build.
@Suite struct BuildNamesTests {
    private static let controller = Controller(
        user: "me", machine: "here", process: 1, now: { Timestamp(milliseconds: 1) }, isGone: { _ in true })

    /// A catalog of this folder's, and files in it.
    private func withCatalog(_ body: (BuildCatalog, _ folder: URL, MemoryJournal) async throws -> Void) async throws {
        try await withTemporaryFolder { folder in
            let journal = MemoryJournal()
            let catalog = BuildCatalog(
                journal: journal, store: BuildStore(stateFolder: folder.path + "/state"), controller: Self.controller)
            try FileManager.default.createDirectory(
                at: folder.appendingPathComponent("dist"), withIntermediateDirectories: true)
            try Data("1".utf8).write(to: folder.appendingPathComponent("dist/VERSION"))
            try await body(catalog, folder, journal)
        }
    }

    @Test func aFolderIsPackedAndAFileAdded() async throws {
        try await withCatalog { catalog, folder, _ in
            let made = try await catalog.resolve(folder.path + "/dist")
            #expect(made.name.hasPrefix("dist-") && made.provenance["user"] == "me")
            let path = folder.path + "/dist.tar.gz"
            let packed = try await BuildPacking().pack(folder.path + "/dist", to: path)
            #expect(packed.digest == made.digest)
            #expect(try await catalog.resolve(path).digest == made.digest)
        }
    }

    @Test func aNameMeansTheBuildOfThatName() async throws {
        try await withCatalog { catalog, folder, _ in
            let made = try await catalog.resolve(folder.path + "/dist")
            #expect(try await catalog.resolve(made.name) == made)
            #expect(try await catalog.resolve(made.digest.description.prefix(4).uppercased()) == made)
            let error = await #expect(throws: InputError.self) { _ = try await catalog.resolve("dist-12345679") }
            #expect(error?.code == .unknownName)
            await #expect(throws: JournalError.self) { _ = try await catalog.resolve("0000000") }
            await #expect(throws: InputError.self) { _ = try await catalog.resolve("none/dist") }
            await #expect(throws: InputError.self) { _ = try await catalog.resolve("") }
        }
    }

    /// A name goes before a version, that before a commit, and a build of a changed tree is none of its commit.
    @Test func versionsAndCommitsNameBuildsThatNothingElseDoes() async throws {
        try await withCatalog { catalog, _, journal in
            let commit = "0123456789" + String(repeating: "c", count: 30)
            let origins = [
                ["version": "1.2", "commit": commit], ["version": "1.3", "commit": commit, "dirty": "true"],
                ["version": "b-2", "commit": "feed"], ["version": "1.3"],
            ]
            let builds = try origins.enumerated().map { index, origin in
                let digest = try BuildDigest(String(repeating: "\(index)", count: 64))
                return BuildRecord(
                    digest: digest, name: "b-\(index)", size: 1, addedAt: Timestamp(milliseconds: 1), provenance: origin
                )
            }
            for build in builds { _ = try await journal.add(build) }
            for (text, place) in [("1.2", 0), ("b-2", 2), ("0123456", 0), ("0123456789CC", 0)] {
                #expect(try await catalog.resolve(text) == builds[place], "\(text)")
            }
            for text in ["012345", "feed", "1.3"] {
                await #expect(throws: JournalError.self, "\(text)") { _ = try await catalog.resolve(text) }
            }
        }
    }

    /// The working folder of tests holds `Package.swift` and `Sources`.
    @Test(arguments: [("Package.swift", "file"), ("Sources", "folder")])
    func whatIsBothAPathAndANameIsRefused(_ name: String, _ kind: String) async throws {
        try await withCatalog { catalog, folder, _ in
            try #require(FileManager.default.fileExists(atPath: name))
            let build = try await catalog.add(
                BuildPacking().pack(folder.path + "/dist", to: folder.path + "/x.tar.gz").path, name: name)
            let error = await #expect(throws: InputError.self) { _ = try await catalog.resolve(name) }
            #expect(error?.message == "'\(name)' is a \(kind) here, and names build \(BuildLabel(build)) as well")
            #expect(error?.hints.first == "the \(kind) is meant by ./\(name)")
            #expect(error?.hints.last?.hasSuffix("is meant by \(build.digest.release)") == true)
        }
    }
}
