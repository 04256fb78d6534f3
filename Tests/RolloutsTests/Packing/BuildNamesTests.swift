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
