import Fleet
import Foundation
import OrderedCollections
import TestSupport
import Testing
import Values

@testable import TaskModules

private func onHost(_ body: (HostStandIn) throws -> Void) async throws {
    try await withTemporaryFolder { try body(HostStandIn(folder: $0.path)) }
}

@Test(arguments: ["a", "name with space", "it's", "new\nline", "$x `y`", "ü"])
func copyWritesContentOnce(_ name: String) async throws {
    try await onHost { host in
        let result = try host.converge("copy", ["content": .string("a\n\"b\" $c\n"), "dest": .string(host.path(name))])
        #expect(try host.text(name) == "a\n\"b\" $c\n")
        #expect(try host.mode(name) == 0o644)
        #expect(result.fields["mode"] == .string("0644") && result.fields["dest"] == .string(host.path(name)))
        let left = try FileManager.default.contentsOfDirectory(atPath: host.folder)
        #expect(left == [name])
    }
}

@Test(arguments: [
    (Value.string("0600"), 0o600), (.int(0o640), 0o640), (.string("u=rw,g=r,o="), 0o640), (.string("a+x"), 0o755),
    (.string("4755"), 0o4755),
])
func copySetsModes(_ mode: Value, _ bits: Int) async throws {
    try await onHost { host in
        _ = try host.converge("copy", ["content": .string("x"), "dest": .string(host.path("f")), "mode": mode])
        #expect(try host.mode("f") == bits)
    }
}

@Test func copyKeepsTheModeThatIsThere() async throws {
    try await onHost { host in
        try host.write("old", to: "f")
        _ = try host.run("chmod 0604 f")
        let result = try host.converge(
            "copy", ["content": .string("new"), "dest": .string(host.path("f")), "backup": .bool(true)])
        #expect(try host.mode("f") == 0o604)
        let backup = try #require(result.fields["backup_file"]?.text)
        #expect(try String(contentsOfFile: backup, encoding: .utf8) == "old")
    }
}

@Test func copyWithoutForceLeavesWhatIsThere() async throws {
    try await onHost { host in
        try host.write("old", to: "f")
        let result = try host.apply(
            "copy", ["content": .string("new"), "dest": .string(host.path("f")), "force": .bool(false)])
        #expect(!result.changed)
        #expect(try host.text("f") == "old")
    }
}

@Test func copyValidatesBeforeItReplaces() async throws {
    try await onHost { host in
        try host.write("old", to: "f.conf")
        var arguments: Variables = [
            "content": .string("bad"), "dest": .string(host.path("f.conf")), "validate": .string("grep -q 'good' %s"),
        ]
        let refused = try host.apply("copy", arguments)
        #expect(refused.failed && refused.message == "failed to validate")
        #expect(try host.text("f.conf") == "old")
        arguments["content"] = .string("good")
        _ = try host.converge("copy", arguments)
        #expect(try host.text("f.conf") == "good")
        #expect(try FileManager.default.contentsOfDirectory(atPath: host.folder) == ["f.conf"])
    }
}

@Test func copyIntoAFolderKeepsTheName() async throws {
    try await onHost { host in
        try host.write("hello", to: "source")
        for dest in ["plain", "made/on/the/way/"] {
            if dest == "plain" {
                _ = try host.apply("file", ["path": .string(host.path(dest)), "state": .string("directory")])
            }
            let result = try host.converge(
                "copy", ["src": .string(host.path("source")), "dest": .string(host.path(dest))])
            #expect(result.fields["dest"] == .string(host.path(dest).appendingPath("source")))
            #expect(try host.text(dest + "/source") == "hello")
        }
    }
}

@Test func copyPlacesFolders() async throws {
    try await onHost { host in
        _ = try host.run(
            "mkdir -p tree/sub/empty; echo one >tree/a; echo two >'tree/sub/b c'; head -c 5000 /dev/zero >tree/z")
        _ = try host.converge(
            "copy",
            [
                "src": .string(host.path("tree")), "dest": .string(host.path("out")), "mode": .string("0640"),
                "directory_mode": .string("0750"),
            ])
        #expect(try host.text("out/tree/a") == "one\n")
        #expect(try host.text("out/tree/sub/b c") == "two\n")
        #expect(try host.mode("out/tree/sub/empty") == 0o750)
        #expect(try host.mode("out/tree/z") == 0o640)
        #expect(try host.run("cmp tree/z out/tree/z").succeeded)
        _ = try host.converge("copy", ["src": .string(host.path("tree/")), "dest": .string(host.path("flat"))])
        #expect(try host.text("flat/sub/b c") == "two\n")
    }
}

@Test func copyReplacesLinksUnlessTold() async throws {
    try await onHost { host in
        _ = try host.run("echo old >target; ln -s target link; ln -s target followed")
        _ = try host.converge(
            "copy", ["content": .string("x"), "dest": .string(host.path("followed")), "follow": .bool(true)])
        #expect(try host.text("target") == "x")
        _ = try host.converge("copy", ["content": .string("y"), "dest": .string(host.path("link"))])
        #expect(try host.text("target") == "x" && host.text("link") == "y")
        #expect(try host.run("[ -L followed ] && [ ! -L link ]").succeeded)
    }
}

@Test func copyOnTheHost() async throws {
    try await onHost { host in
        try host.write("data", to: "from")
        let arguments: Variables = [
            "src": .string(host.path("from")), "dest": .string(host.path("to")), "remote_src": .bool(true),
            "mode": .string("0604"),
        ]
        _ = try host.converge("copy", arguments)
        #expect(try host.text("to") == "data" && host.mode("to") == 0o604)
        let missing = try host.apply(
            "copy",
            ["src": .string(host.path("none")), "dest": .string(host.path("to")), "remote_src": .bool(true)])
        #expect(missing.failed && missing.message == "Source \(host.path("none")) not found")
    }
}

@Test func copyFailsWithoutAFolder() async throws {
    try await onHost { host in
        let result = try host.apply("copy", ["content": .string("x"), "dest": .string(host.path("no/such/f"))])
        #expect(result.failed)
        #expect(result.message == "destination directory \(host.path("no/such")) does not exist")
    }
}

@Test func largeContentIsUploaded() async throws {
    try await onHost { host in
        let size = FilePlacement.inputLimit + 1
        _ = try host.run("head -c \(size) /dev/urandom >big")
        _ = try host.converge("copy", ["src": .string(host.path("big")), "dest": .string(host.path("copy"))])
        #expect(try host.run("cmp big copy").succeeded)
    }
}

@Test func templateIsRendered() async throws {
    try await onHost { host in
        try host.write("rendered\n", to: "t.j2")
        _ = try host.converge("template", ["src": .string(host.path("t.j2")), "dest": .string(host.path("out"))])
        #expect(try host.text("out") == "rendered\n")
    }
}

@Test func foldersAreMadeWithTheirParents() async throws {
    try await onHost { host in
        let path = host.path("a b/it's/c")
        _ = try host.converge("file", ["path": .string(path), "state": .string("directory"), "mode": .string("0750")])
        #expect(try host.mode("a b") == 0o750 && host.mode("a b/it's") == 0o750 && host.mode("a b/it's/c") == 0o750)
    }
}

@Test func setGroupBitOfAFolderIsCleared() async throws {
    try await onHost { host in
        _ = try host.run("mkdir d; chmod 2775 d")
        _ = try host.converge(
            "file", ["path": .string(host.path("d")), "state": .string("directory"), "mode": .string("0755")])
        #expect(try host.mode("d") == 0o755)
    }
}

@Test(arguments: [Value.string("0644"), .string("u=rwX,go=rX")])
func folderModesGoDown(_ mode: Value) async throws {
    try await onHost { host in
        _ = try host.run("mkdir -p d/e; touch d/f 'd/e/g h'; chmod 0777 d/e d/f; chmod 0600 'd/e/g h'; ln -s f d/l")
        _ = try host.converge(
            "file",
            ["path": .string(host.path("d")), "state": .string("directory"), "mode": mode, "recurse": .bool(true)])
        // An octal mode takes every execute bit; X keeps them where there was one, and on folders.
        let isOctal = mode == .string("0644")
        #expect(try host.mode("d") == (isOctal ? 0o644 : 0o755) && host.mode("d/e") == (isOctal ? 0o644 : 0o755))
        #expect(try host.mode("d/f") == (isOctal ? 0o644 : 0o755) && host.mode("d/e/g h") == 0o644)
    }
}

@Test func linksAreMadeAndTurned() async throws {
    try await onHost { host in
        _ = try host.run("mkdir one two; touch file; mkdir full; touch full/x")
        let link: (String) -> Variables = {
            ["src": .string(host.path($0)), "dest": .string(host.path("link")), "state": .string("link")]
        }
        _ = try host.converge("file", link("one"))
        _ = try host.converge("file", link("two"))
        #expect(try host.run("readlink link").text == host.path("two") + "\n")
        let refused = try host.apply(
            "file", ["src": .string(host.path("one")), "dest": .string(host.path("file")), "state": .string("link")])
        #expect(refused.failed)
        let dangling = try host.apply("file", link("nothing"))
        #expect(dangling.failed)
        _ = try host.converge("file", link("nothing").merging(["force": .bool(true)]) { $1 })
        let full: Variables = [
            "src": .string("one"), "dest": .string(host.path("full")), "state": .string("link"), "force": .bool(true),
        ]
        #expect(try host.apply("file", full).failed)
        _ = try host.run("rm full/x")
        _ = try host.converge("file", full)
    }
}

@Test func hardLinksShareTheirInode() async throws {
    try await onHost { host in
        try host.write("x", to: "a")
        _ = try host.converge(
            "file", ["src": .string(host.path("a")), "dest": .string(host.path("b")), "state": .string("hard")])
        #expect(try host.run("[ a -ef b ]").succeeded)
    }
}

@Test func touchAndAbsent() async throws {
    try await onHost { host in
        let preserved: Variables = [
            "path": .string(host.path("f")), "state": .string("touch"), "mode": .string("0600"),
            "access_time": .string("preserve"), "modification_time": .string("preserve"),
        ]
        _ = try host.converge("file", preserved)
        #expect(try host.mode("f") == 0o600)
        let again = try host.apply("file", ["path": .string(host.path("f")), "state": .string("touch")])
        #expect(again.changed)
        _ = try host.run("mkdir -p d/e; ln -s d l")
        for name in ["f", "l", "d"] {
            _ = try host.converge("file", ["path": .string(host.path(name)), "state": .string("absent")])
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: host.folder).isEmpty)
    }
}

@Test func stateFileNeedsAFile() async throws {
    try await onHost { host in
        let missing = try host.apply("file", ["path": .string(host.path("f")), "mode": .string("0600")])
        #expect(missing.failed && missing.message == "file (\(host.path("f"))) is absent, cannot continue")
        try host.write("", to: "f")
        _ = try host.converge("file", ["path": .string(host.path("f")), "mode": .string("0600")])
    }
}

@Test func statTellsWhatIsThere() async throws {
    try await onHost { host in
        try host.write("abc", to: "f")
        _ = try host.run("chmod 0640 f; ln -s f l")
        let stat = try #require(try host.apply("stat", ["path": .string(host.path("f"))]).fields["stat"])
        #expect(stat["exists"] == .bool(true) && stat["size"] == .int(3) && stat["mode"] == .string("0640"))
        #expect(stat["checksum"] == .string("a9993e364706816aba3e25717850c26c9cd0d89d"))
        let link = try #require(try host.apply("stat", ["path": .string(host.path("l"))]).fields["stat"])
        #expect(link["islnk"] == .bool(true) && link["lnk_source"] == .string(host.path("f")))
        let none = try host.apply("stat", ["path": .string(host.path("none"))]).fields["stat"]
        #expect(none?["exists"] == .bool(false))
    }
}
