import Fleet
import Foundation
import TestSupport
import Testing

@testable import Rollouts

@Suite struct BuildStoreTests {
    /// Packs `names` with `flags`, in a folder of its own.
    private static func pack(_ script: String, in folder: URL) async throws -> String {
        let archive = folder.path + "/build.tar.gz"
        let made = try await DroverProgram.run(["env", "-C", folder.path, "sh", "-ec", script, "sh", archive])
        #expect(made.status == 0, "\(made.errors)")
        return archive
    }

    @Test func aBuildIsKeptUnderItsDigest() async throws {
        try await withTemporaryFolder { folder in
            let archive = try await Self.pack("echo 1 >VERSION; tar -czf $1 VERSION", in: folder)
            let store = BuildStore(stateFolder: folder.path + "/state")
            let (digest, size) = try await store.add(archive)
            let sum = try await DroverProgram.run(["sha256sum", archive]).output
            #expect(sum.hasPrefix(digest.description))
            #expect(size > 0)
            #expect(try await store.add(archive).digest == digest)
            #expect(store.find(digest)?.kind == .gzip)
            #expect(FileManager.default.contentsEqual(atPath: archive, andPath: store.path(of: digest)))
            let left = try FileManager.default.contentsOfDirectory(atPath: folder.path + "/state/builds")
            #expect(left == [digest.description], "nothing but builds is left behind")
        }
    }

    struct BadBuild: Sendable, CustomTestStringConvertible {
        let name: String, script: String, message: String
        var testDescription: String { name }
    }

    @Test(arguments: [
        BadBuild(name: "no archive", script: "echo text >$1", message: "the file is no tar archive"),
        BadBuild(
            name: "truncated", script: "seq 99999 >a; tar -cf - a | gzip | head -c 3000 >$1",
            message: "the archive cannot be read"),
        BadBuild(name: "absolute path", script: "echo 1 >a; tar -Pczf $1 $PWD/a", message: "absolute path"),
        BadBuild(
            name: "path out of its folder", script: "mkdir b; echo 1 >a; cd b; tar -Pczf $1 ../a",
            message: "a path out of its folder: ../a"),
        BadBuild(
            name: "truncated, zstd", script: "seq 99999 >a; tar -cf - a | zstd -q | head -c 3000 >$1",
            message: "the archive cannot be read"),
        BadBuild(
            name: "truncated, plain", script: "seq 99999 >a; tar -cf - a | head -c 30000 >$1", message: "it is cut off"),
        BadBuild(
            name: "truncated between members", script: "echo 1 >a; echo 2 >b; tar -cf - a b | head -c 1024 >$1",
            message: "it is cut off"),
        BadBuild(
            name: "truncated before it was compressed",
            script: "echo 1 >a; echo 2 >b; tar -cf - a b | head -c 1024 | gzip >$1", message: "it is cut off"),
        BadBuild(
            name: "folders alone", script: "mkdir -p b/c; tar -czf $1 b",
            message: "the archive holds folders, and no file"),
        BadBuild(name: "xz", script: "printf '\\3757zXZ\\000' >$1", message: "the file is compressed with xz, which"),
        BadBuild(name: "bzip2", script: "printf 'BZh91AY' >$1", message: "the file is compressed with bzip2, which"),
        BadBuild(
            name: "zip", script: "printf 'PK\\003\\004' >$1", message: "the file is a zip archive (or .jar, .war)"),
        BadBuild(name: "a program", script: "cp /bin/true $1", message: "the file is a program by itself"),
        BadBuild(name: "empty", script: "mkdir b; tar -C b -czf $1 .", message: "the archive is empty"),
        BadBuild(
            name: "gzip of something else", script: "seq 99999 >a; gzip <a >$1; test $(stat -c %s $1) -gt 1000",
            message: "the archive cannot be read"),
    ])
    func whatHostsCouldNotUnpackIsRefused(_ bad: BadBuild) async throws {
        try await withTemporaryFolder { folder in
            let archive = try await Self.pack(bad.script, in: folder)
            let store = BuildStore(stateFolder: folder.path + "/state")
            do {
                _ = try await store.add(archive)
                Issue.record("nothing was thrown")
            } catch let error as InputError {
                #expect(error.message.contains(bad.message), "\(error.message)")
                #expect(error.subject == archive)
            }
            #expect(!FileManager.default.fileExists(atPath: folder.path + "/state/builds"))
        }
    }

    @Test func aFolderAndAMissingFileAreRefused() async throws {
        try await withTemporaryFolder { folder in
            let store = BuildStore(stateFolder: folder.path + "/state")
            await #expect(throws: InputError.self) { _ = try await store.add(folder.path) }
            await #expect(throws: InputError.self) { _ = try await store.add(folder.path + "/none") }
        }
    }

    @Test func aFullDiskOfThisMachineIsToldInWords() async throws {
        try await withTemporaryFolder { folder in
            let archive = try await Self.pack("head -c 900000 /dev/urandom >a; tar -czf $1 a", in: folder)
            let drover = DroverProgram(in: folder, environment: ["DROVER_STATE": folder.path + "/state"])
            try await drover("build", "list").succeeded()
            // No file may grow beyond 512 KiB, as on a disk that has no more.
            let added = try await drover.runBeside([
                "bash", "-c", "trap '' XFSZ; ulimit -f 512; exec \"$0\" build add \"$1\"", DroverProgram.binary,
                archive,
            ])
            #expect(added.status == 1, "\(added.errors)")
            #expect(added.errors.contains("the build cannot be put into the store: File too large"), "\(added.errors)")
            #expect(added.errors.contains("hint: see whether its disk is full"))
            let left = try FileManager.default.contentsOfDirectory(atPath: folder.path + "/state/builds")
            #expect(left == [])
        }
    }

    @Test func aBuildThatWasDamagedInTheStoreIsNotSentToHosts() async throws {
        try await withTemporaryFolder { folder in
            let archive = try await Self.pack("seq 9999 >a; tar -czf $1 a", in: folder)
            let store = BuildStore(stateFolder: folder.path + "/state")
            let digest = try await store.add(archive).digest
            try await store.check(digest)
            let path = store.path(of: digest)
            try Data(contentsOf: URL(fileURLWithPath: path)).dropLast(100).write(to: URL(fileURLWithPath: path))
            let error = await #expect(throws: InputError.self) { try await store.check(digest) }
            #expect(error?.message.contains("is damaged: it has") == true)
            #expect(error?.hints == ["add its file again: drover build add FILE"])
        }
    }

    @Test func whatAnEarlierVersionTookIsLookedAtBeforeItIsUsed() async throws {
        try await withTemporaryFolder { folder in
            let archive = try await Self.pack("ln -s /etc a; tar -czf $1 a", in: folder)
            let sum = try await DroverProgram.run(["sha256sum", archive]).output
            let digest = try BuildDigest(String(sum.prefix(64)))
            let store = BuildStore(stateFolder: folder.path + "/state")
            try FileManager.default.createDirectory(
                atPath: folder.path + "/state/builds", withIntermediateDirectories: true)
            try FileManager.default.copyItem(atPath: archive, toPath: store.path(of: digest))
            let error = await #expect(throws: InputError.self) { try await store.check(digest) }
            #expect(error?.message == "the archive holds a link to an absolute path: a -> /etc")
        }
    }
}
