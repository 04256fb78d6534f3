import Fleet
import Foundation
import TestSupport
import Testing

@testable import Rollouts

/// What a build may hold, tried with archives that this machine's `tar` made.
@Suite struct BuildRulesTests {
    struct Archive: Sendable, CustomTestStringConvertible {
        let testDescription: String, script: String
        var says = ""

        init(_ name: String, _ script: String, says: String = "") {
            (testDescription, self.script, self.says) = (name, script, says)
        }
    }

    static let hostile = [
        Archive(
            "link to a file elsewhere", "ln -s /etc/shadow a; tar -czf $1 a", says: "absolute path: a -> /etc/shadow"),
        Archive("link out", "ln -s ../../../etc a; tar -czf $1 a", says: "a link out of its folder: a -> ../../../etc"),
        Archive("link to the folder above", "ln -s .. a; tar -czf $1 a", says: "a link out of its folder: a -> .."),
        Archive(
            "link out of a folder", "mkdir b; ln -s ../../x b/a; tar -czf $1 b",
            says: "out of its folder: b/a -> ../../x"),
        Archive(
            "link by a detour", "mkdir -p b; ln -s . b/here; ln -s here/../../x b/a; tar -czf $1 b",
            says: "a link that goes down and up again: b/a"),
        Archive(
            "hard link out", "echo 1 >a; ln a b; tar -Pczf $1 --transform='flags=h;s,^a$,../../etc/passwd,' a b",
            says: "a hard link to what is no file before it: b -> ../../etc/passwd"),
        Archive(
            "hard link to an absolute path",
            "echo 1 >a; ln a b; tar -Pczf $1 --transform='flags=h;s,^a$,/etc/passwd,' a b",
            says: "a hard link to what is no file before it: b -> /etc/passwd"),
        Archive("set-user-ID", "echo 1 >run; chmod 4755 run; tar -czf $1 run", says: "a set-user-ID file: run"),
        Archive("set-group-ID", "echo 1 >run; chmod 2755 run; tar -czf $1 run", says: "a set-group-ID file: run"),
        Archive("named pipe", "mkfifo p; tar -czf $1 p", says: "a named pipe: p"),
        Archive("absolute path", "echo 1 >a; tar -Pczf $1 $PWD/a", says: "an absolute path: /"),
        Archive("climbing path", "mkdir b; echo 1 >a; cd b; tar -Pczf $1 ../a", says: "a path out of its folder: ../a"),
        Archive(
            "climbing in the middle", "mkdir b; echo 1 >a; tar -Pczf $1 b/../a",
            says: "a path out of its folder: b/../a"),
        Archive("the same file twice", "echo 1 >a; tar -cf x a; tar -rf x a; gzip <x >$1", says: "a member twice: a"),
        Archive(
            "a file in place of a folder",
            "mkdir a; echo 1 >a/b; tar -cf x a; rm -r a; echo 1 >a; tar -rf x a; gzip <x >$1",
            says: "a member twice: a"),
        Archive(
            "through a link",
            "mkdir b; ln -s b a; tar -cf x b a; rm a; mkdir a; echo 1 >a/f; tar -rf x a/f; gzip <x >$1",
            says: "a path through the link a: a/f"),
        Archive(
            "a name with a line end", "echo 1 >\"$(printf 'a\\nb')\"; tar -czf $1 .",
            says: "a name with control characters"),
        Archive(
            "what Drover writes", "echo 1 >.drover-release; tar -czf $1 .", says: "a file that Drover itself writes"),
        Archive("pax, a link out", "ln -s ../x a; tar --format=pax -czf $1 a", says: "a link out of its folder"),
        Archive(
            "long name out", "mkdir -p b; n=$(printf 'n%.0s' $(seq 200)); echo 1 >$n; cd b; tar -Pczf $1 ../$n",
            says: "a path out of its folder: ../nnn"),
        Archive("plain tar", "ln -s /etc a; tar -cf $1 a", says: "a link to an absolute path"),
    ]

    static let good = [
        Archive("links inside", "mkdir -p bin lib; echo 1 >lib/x; ln -s ../lib/x bin/x; ln -s lib l; tar -czf $1 ."),
        Archive("hard links", "mkdir bin; echo 1 >bin/a; ln bin/a bin/b; tar -czf $1 bin"),
        Archive(
            "GNU long names",
            "d=$(printf 'd%.0s' $(seq 150)); mkdir -p $d/$d; echo 1 >$d/$d/f; tar --format=gnu -czf $1 ."),
        Archive(
            "pax long names",
            "d=$(printf 'd%.0s' $(seq 150)); mkdir -p $d/$d; echo 1 >$d/$d/f; tar --format=pax -czf $1 ."),
        Archive("ustar", "mkdir -p a/b; echo 1 >a/b/c; tar --format=ustar -czf $1 ."),
        Archive("v7", "echo 1 >a; tar --format=v7 -czf $1 a"),
        Archive("plain tar", "echo 1 >a; tar -cf $1 a"),
        Archive("sparse", "truncate -s 10M a; echo x >>a; tar -Sczf $1 a"),
        Archive("sparse in pax", "truncate -s 10M a; echo x >>a; tar --format=pax -Sczf $1 a"),
        Archive("odd names", "echo 1 >'a b'; echo 1 >'ü$(x)'; tar -czf $1 ."),
        Archive("a group's folder", "mkdir a; chmod 2775 a; echo 1 >a/b; tar -czf $1 ."),
        Archive("folders named again", "mkdir a; echo 1 >a/b; tar --no-recursion -czf $1 a a/b a"),
        Archive("a file named again", "mkdir a; echo 1 >a/b; tar -czf $1 a a/b"),
        Archive(
            "git's own",
            "git init -q .; echo 1 >a; git add a; git -c user.name=a -c user.email=a@b commit -qm a; "
                + "git archive --format=tar.gz -o $1 HEAD"),
    ]

    private func pack(_ archive: Archive, in folder: URL) async throws -> String {
        let path = folder.path + "/build.tar.gz"
        try FileManager.default.createDirectory(
            at: folder.appendingPathComponent("w"), withIntermediateDirectories: true)
        let made = try await DroverProgram.run(
            ["env", "-C", folder.path + "/w", "bash", "-ec", "umask 022; " + archive.script, "bash", path])
        try #require(made.status == 0, "\(made.errors)")
        return path
    }

    @Test(arguments: hostile)
    func isRefusedWithItsMember(_ archive: Archive) async throws {
        try await withTemporaryFolder { folder in
            let path = try await pack(archive, in: folder)
            let store = BuildStore(stateFolder: folder.path + "/state")
            let error = await #expect(throws: InputError.self) { _ = try await store.add(path) }
            #expect(error?.message.contains(archive.says) == true, "\(error?.message ?? "")")
            #expect(error?.message.contains("\n") == false)
            #expect(error?.hints.isEmpty == false)
            #expect(!FileManager.default.fileExists(atPath: folder.path + "/state/builds"))
        }
    }

    @Test(arguments: good)
    func isTaken(_ archive: Archive) async throws {
        try await withTemporaryFolder { folder in
            let path = try await pack(archive, in: folder)
            let store = BuildStore(stateFolder: folder.path + "/state")
            let (digest, size) = try await store.add(path)
            let extent = try #require(store.find(digest)?.extent)
            #expect(extent.packed == size && extent.entries > 0)
            let count = try await DroverProgram.run(["sh", "-c", "tar -tPf $1 | wc -l", "sh", path]).output
            #expect(Int(count.filter(\.isNumber)) == Int(extent.entries), "as many as tar lists")
        }
    }

    @Test func zstdIsReadWhereItIsInstalled() async throws {
        try await withTemporaryFolder { folder in
            guard try await DroverProgram.run(["sh", "-c", "command -v zstd"]).status == 0 else {
                try Data([0x28, 0xB5, 0x2F, 0xFD, 0, 0]).write(to: folder.appendingPathComponent("b"))
                let store = BuildStore(stateFolder: folder.path + "/state")
                let error = await #expect(throws: InputError.self) { _ = try await store.add(folder.path + "/b") }
                #expect(error?.message == "this machine has no zstd, which the build is packed with")
                return
            }
            let path = try await pack(Archive("zstd", "ln -s /etc a; tar --zstd -cf $1 a"), in: folder)
            let store = BuildStore(stateFolder: folder.path + "/state")
            let error = await #expect(throws: InputError.self) { _ = try await store.add(path) }
            #expect(error?.message.contains("a link to an absolute path") == true)
        }
    }

    @Test(
        arguments: [
            (["shop-1.0/bin/run", "shop-1.0/x"], "shop-1.0"), (["bin/run", "bin/x"], nil), (["a/x", "b"], nil),
            (["a"], nil),
        ] as [([String], String?)])
    func aSoleFolderIsNoticed(_ names: [String], _ folder: String?) throws {
        var rules = TarRules()
        for name in names { try rules.take(TarMember(name: "./" + name, kind: .file, mode: 0o644, size: 5000)) }
        #expect(rules.soleFolder == folder)
        #expect(rules.extent(packed: 7).unpacked == Int64(names.count) * 8192)
    }

    @Test func aDeviceIsRefused() throws {
        var rules = TarRules()
        let device = TarMember(name: "dev/sda", kind: .device, mode: 0o600, size: 0)
        let refusal = #expect(throws: TarRefusal.self) { try rules.take(device) }
        #expect(refusal?.message == "the archive holds a device: dev/sda")
    }

    /// Any bytes at all, cut anywhere, in pieces of any size: a member, a refusal or a damage, and always an end.
    @Test(arguments: 0..<200 as Range<UInt64>)
    func damagedArchivesEndInWords(seed: UInt64) async throws {
        var random = Mixer(state: seed)
        var bytes = try await Self.sample.value
        for _ in 0..<(1 + random.next() % 8) {
            bytes[Int(random.next() % UInt64(bytes.count))] = UInt8(random.next() & 0xFF)
        }
        bytes.removeLast(Int(random.next() % UInt64(bytes.count)))
        var parser = TarParser()
        var rules = TarRules()
        var rest = bytes[...]
        do {
            while !rest.isEmpty {
                let size = Int(1 + random.next() % 700)
                try parser.read(rest.prefix(size)) { try rules.take($0) }
                rest = rest.dropFirst(size)
            }
            try parser.finish()
        } catch {
            #expect(error is TarDamage || error is TarRefusal)
        }
        #expect(parser.count <= 40)
    }

    private static let sample = Task { () -> [UInt8] in
        try await withTemporaryFolder { folder in
            let script =
                "n=$(printf 'n%.0s' $(seq 200)); mkdir -p a/b; echo 1 >a/b/$n; ln -s b a/l; seq 999 >a/f; "
                + "truncate -s 1M s; echo 1 >>s; tar --format=pax -Scf p a s; tar --format=gnu -Scf x a s"
            let made = try await DroverProgram.run(["env", "-C", folder.path, "bash", "-c", script])
            try #require(made.status == 0, "\(made.errors)")
            let data = try Data(contentsOf: folder.appendingPathComponent("p"))
            // The end's blocks are taken off, so that one archive goes on as the other.
            let body = [UInt8](data).reversed().drop { $0 == 0 }.count
            return Array(data.prefix((body + 511) / 512 * 512))
                + (try Data(contentsOf: folder.appendingPathComponent("x")))
        }
    }

    private struct Mixer {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var mixed = state
            mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
            mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
            return mixed ^ (mixed >> 31)
        }
    }
}
