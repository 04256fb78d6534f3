import Fleet
import Foundation
import TestSupport
import Testing

@testable import Rollouts

/// What a folder becomes, as tar and git see it.
@Suite struct BuildPackingTests {
    /// Runs `script` in a folder `tree` of its own, then `body`.
    private func withTree(
        _ script: String, _ body: (_ tree: String, _ output: String) async throws -> Void
    ) async throws {
        try await withTemporaryFolder { folder in
            let made = try await DroverProgram.run([
                "env", "-C", folder.path, "-u", "GIT_DIR", "HOME=\(folder.path)", "GIT_CONFIG_NOSYSTEM=1", "sh", "-ec",
                "mkdir tree && cd tree && \(script)",
            ])
            #expect(made.status == 0, "\(made.errors)")
            try await body(folder.path + "/tree", folder.path + "/build.tar.gz")
        }
    }

    private static let commit = """
        git init -q . && git config user.email a@b && git config user.name a && git add -A
        GIT_COMMITTER_DATE='1700000000 +0200' git commit -q -m one
        """

    private func listing(_ archive: String) async throws -> [String] {
        let listed = try await DroverProgram.run(["tar", "--utc", "--full-time", "--numeric-owner", "-tvf", archive])
            .succeeded()
        return listed.output.split(separator: "\n").map { line in
            line.split(separator: " ", omittingEmptySubsequences: true).joined(separator: " ")
        }
    }

    @Test func sameContentGivesTheSameBytes() async throws {
        let one =
            "mkdir b a; echo 1 >b/run; chmod 700 b/run; echo 2 >a/x; chmod 640 a/x; ln -s ../a/x b/x; umask 077; mkdir c"
        let two =
            "mkdir c a b; ln -s ../a/x b/x; echo 2 >a/x; echo 1 >b/run; chmod 755 b/run; touch -d 1999-01-01 a/x b"
        var digests: [BuildDigest] = []
        for script in [one, two] {
            try await withTree(script) { tree, output in
                let packed = try await BuildPacking().pack(tree, to: output)
                digests.append(packed.digest)
                #expect(
                    try await listing(output) == [
                        "drwxr-xr-x 0/0 0 1970-01-01 00:00:00 a/", "-rw-r--r-- 0/0 2 1970-01-01 00:00:00 a/x",
                        "drwxr-xr-x 0/0 0 1970-01-01 00:00:00 b/", "-rwxr-xr-x 0/0 2 1970-01-01 00:00:00 b/run",
                        "lrwxrwxrwx 0/0 0 1970-01-01 00:00:00 b/x -> ../a/x", "drwxr-xr-x 0/0 0 1970-01-01 00:00:00 c/",
                    ])
                #expect(packed.top == ["a/", "b/", "c/"] && packed.files == 3)
                #expect(packed.name == "tree-\(packed.digest.description.prefix(8))")
                let left = try FileManager.default.contentsOfDirectory(
                    atPath: (output as NSString).deletingLastPathComponent)
                #expect(left.sorted() == ["build.tar.gz", "tree"], "nothing else is left behind")
            }
        }
        #expect(digests[0] == digests[1])
    }

    @Test(arguments: [BuildCompression.gzip, .zstd, .none])
    func hostsUnpackWhatWasPacked(_ compression: BuildCompression) async throws {
        let deep = String(repeating: "d/", count: 60)
        let script = """
            mkdir -p \(deep) empty; seq 99999 >\(deep)numbers; touch zero; echo a >"$(printf 'n%.0s' $(seq 200))"
            ln -s "$(printf 'n%.0s' $(seq 200))" long; echo ü >'ü ö'
            """
        try await withTree(script) { tree, output in
            var terms = PackingTerms()
            terms.compression = compression
            let packed = try await BuildPacking(terms).pack(tree, to: output)
            let folder = (output as NSString).deletingLastPathComponent
            try await DroverProgram.run([
                "sh", "-ec", "mkdir $1/out; tar -xf $2 -C $1/out; diff -r $3 $1/out", "sh", folder, output, tree,
            ])
            .succeeded()
            let (digest, size) = try await BuildStore(stateFolder: folder + "/state").add(output)
            #expect(digest == packed.digest && size == packed.size)
        }
    }

    @Test func timesAndProvenanceAreThoseOfTheCommit() async throws {
        try await withTree("echo 1 >a; \(Self.commit); git tag v1.2") { tree, output in
            let packed = try await BuildPacking(PackingTerms(name: "shop")).pack(tree, to: output)
            #expect(try await listing(output).map { $0.contains("2023-11-14 22:13:20") } == [true], "git is left out")
            #expect(packed.name == "shop-v1.2" && packed.provenance["version"] == "v1.2")
            #expect(packed.provenance["commit"] == packed.revision?.commit && packed.provenance["dirty"] == nil)
            let dated = try await BuildPacking(PackingTerms(sourceDate: "86400")).pack(tree, to: output)
            #expect(dated.digest != packed.digest)
            #expect(try await listing(output).map { $0.contains("1970-01-02 00:00:00") } == [true])
        }
    }

    @Test func aDirtyTreeIsTold() async throws {
        try await withTree("echo 1 >a; \(Self.commit); echo 2 >a; echo 3 >b; mkdir .drover; touch .drover/x") {
            tree, output in
            let packed = try await BuildPacking().pack(tree, to: output)
            #expect(packed.revision?.changes == 2, "Drover's own folder is nobody's change")
            #expect(packed.name.hasSuffix("-dirty") && packed.provenance["dirty"] == "true")
            #expect(packed.top == ["a", "b"])
        }
    }

    @Test(arguments: [
        ("ln -s /etc/passwd a", "the folder holds a link to an absolute path: a -> /etc/passwd"),
        ("mkdir b; ln -s ../../up b/a", "the folder holds a link out of its folder: b/a -> ../../up"),
        ("mkdir b; mkfifo b/p", "the folder holds a named pipe: b/p"),
        ("mknod d c 1 3", "the folder holds a device: d"),
        (
            "perl -MIO::Socket::UNIX -e 'IO::Socket::UNIX->new(Local=>\"s\",Listen=>1) or die'",
            "the folder holds a socket: s"
        ),
        ("printf 1 >\"$(printf 'a\\377')\"", "is no UTF-8"),
        ("touch .drover-release", "a file that Drover itself writes"),
        ("printf 1 >\"$(printf 'a\\tb')\"", "a name with control characters"), ("true", "nothing in the folder"),
        ("mkdir .git .drover; touch .droverignore .git/a .drover/b", "nothing in the folder"),
    ])
    func whatNoHostCouldUnpackIsRefusedByName(_ script: String, _ message: String) async throws {
        try await withTree(script) { tree, output in
            let error = await #expect(throws: InputError.self) { try await BuildPacking().pack(tree, to: output) }
            #expect(error?.message.contains(message) == true, "\(String(describing: error))")
            #expect(error?.subject == tree)
            #expect(!FileManager.default.fileExists(atPath: output))
        }
    }

    @Test func whatIsLeftOutMayBeAnything() async throws {
        try await withTree("mkfifo p; ln -s /etc l; echo 1 >a; printf 'p\\nl\\n' >.droverignore") { tree, output in
            // An archive inside the folder is no part of itself.
            for path in [output, tree + "/out.tar", tree + "/out.tar"] {
                let packed = try await BuildPacking().pack(tree, to: path)
                #expect(packed.top == ["a"])
            }
        }
    }

    @Test func whatAKilledPackerLeftGoesAndWhatAnotherDoesStays() async throws {
        try await withTree("echo 1 >a") { tree, output in
            let place = (output as NSString).deletingLastPathComponent
            for name in ["left", "busy"] {
                let folder = "\(place)/.drover-packing-\(name)/.drover-packing-inner"
                try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
                try Data("half".utf8).write(to: URL(fileURLWithPath: folder + "/tar"))
            }
            let busy = open("\(place)/.drover-packing-busy", O_RDONLY | O_DIRECTORY)
            defer { close(busy) }
            try #require(flock(busy, LOCK_EX) == 0)
            _ = try await BuildPacking().pack(tree, to: output)
            let left = try FileManager.default.contentsOfDirectory(atPath: place)
            #expect(left.sorted() == [".drover-packing-busy", "build.tar.gz", "tree"])
        }
    }

    @Test func aWrongDateOrPlaceIsRefused() async throws {
        try await withTree("echo 1 >a") { tree, output in
            let wrong = BuildPacking(PackingTerms(sourceDate: "today"))
            await #expect(throws: InputError.self) { try await wrong.pack(tree, to: output) }
            await #expect(throws: InputError.self) { try await BuildPacking().pack(tree + "/a", to: output) }
            await #expect(throws: InputError.self) { try await BuildPacking().pack(tree + "/b", to: output) }
            await #expect(throws: InputError.self) { try await BuildPacking().pack(tree, to: tree + "/none/x.tar") }
            await #expect(throws: InputError.self) { try await BuildPacking().pack(tree, to: tree) }
        }
    }
}
