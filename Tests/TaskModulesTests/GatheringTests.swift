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

@Test func scriptsAreSentAndRun() async throws {
    try await onHost { host in
        try host.write("#!/bin/sh\necho \"$# $1|$2 ${0##*/}\"; exit 3\n", to: "a script.sh")
        let line = "'\(host.path("a script.sh"))' one 'two words'"
        let result = try host.apply("script", [:], freeForm: line)
        #expect(result.fields["stdout"] == .string("2 one|two words a script.sh\n") && result.fields["rc"] == .int(3))
        guard case .skipped = try host.plan("script", ["creates": .string(host.path("a script.sh"))], freeForm: line)
        else {
            throw TestFailure("not skipped")
        }
        guard case .change(let change) = try host.plan("script", [:], freeForm: line, context: .test(isCheck: true))
        else {
            throw TestFailure("no change")
        }
        #expect(change.isSkippedInCheckMode)
    }
}

@Test func rawLinesRun() async throws {
    try await onHost { host in
        let result = try host.apply("raw", [:], freeForm: "echo a; echo b >&2; exit 7")
        #expect(result.fields["stdout"] == .string("a\n") && result.fields["stderr"] == .string("b\n"))
        #expect(result.failed && result.fields["rc"] == .int(7))
    }
}

@Test func slurpReadsAnyContent() async throws {
    try await onHost { host in
        try Data([0, 255, 10]).write(to: URL(fileURLWithPath: host.path("f")))
        let result = try host.apply("slurp", ["src": .string(host.path("f"))])
        #expect(result.fields["content"] == .string("AP8K") && !result.changed)
        let missing = try host.apply("slurp", ["src": .string(host.path("g"))])
        #expect(missing.failed && missing.message == "File not found: \(host.path("g"))")
        #expect(try host.apply("slurp", ["src": .string(host.folder)]).failed)
    }
}

@Test func getentReadsEntries() async throws {
    try await onHost { host in
        let result = try host.apply("getent", ["database": .string("passwd"), "key": .string("root")])
        let entry = result.facts["getent_passwd"]?["root"]
        guard case .list(let fields)? = entry else { throw TestFailure("no entry") }
        #expect(fields.count == 6 && fields[4] == .string("/root"))
        let missing: Variables = ["database": .string("group"), "key": .string("no-such-group")]
        #expect(try host.apply("getent", missing).failed)
        let tolerated = try host.apply("getent", missing.merging(["fail_key": .bool(false)]) { $1 })
        #expect(tolerated.facts["getent_group"] == .map(["no-such-group": .null]))
        #expect(try host.apply("getent", ["database": .string("nonsense")]).failed)
    }
}

struct FindCase: Sendable, CustomTestStringConvertible {
    var arguments: Variables
    let names: [String]
    var testDescription: String { "\(arguments.keys.joined(separator: " ")) \(names)" }
}

@Test(arguments: [
    FindCase(arguments: [:], names: ["a.conf", "b.txt", "big"]),
    FindCase(arguments: ["patterns": .string("*.conf,b*")], names: ["a.conf", "b.txt", "big"]),
    FindCase(
        arguments: ["patterns": .string("*.conf"), "recurse": .bool(true)],
        names: ["a.conf", "in side.conf", "old.conf"]),
    FindCase(
        arguments: ["patterns": .string("*.conf"), "recurse": .bool(true), "excludes": .string("old*")],
        names: ["a.conf", "in side.conf"]),
    FindCase(arguments: ["patterns": .string("*.conf"), "recurse": .bool(true), "depth": .int(1)], names: ["a.conf"]),
    FindCase(arguments: ["hidden": .bool(true), "patterns": .string(".h*")], names: [".hidden"]),
    FindCase(arguments: ["file_type": .string("directory")], names: ["sub"]),
    FindCase(arguments: ["file_type": .string("link")], names: ["link"]),
    FindCase(arguments: ["file_type": .string("any")], names: ["a.conf", "b.txt", "big", "link", "sub"]),
    FindCase(arguments: ["contains": .string(".*need.*")], names: ["b.txt"]),
    FindCase(arguments: ["contains": .string("need")], names: []),
    FindCase(arguments: ["size": .string("1k")], names: ["big"]),
    FindCase(arguments: ["size": .string("-1k")], names: ["a.conf", "b.txt"]),
    FindCase(arguments: ["age": .string("1d"), "recurse": .bool(true)], names: ["old.conf"]),
    FindCase(arguments: ["age": .string("-1d")], names: ["a.conf", "b.txt", "big"]),
    FindCase(
        arguments: ["use_regex": .bool(true), "patterns": .list([.string("^[ab]\\.")])], names: ["a.conf", "b.txt"]),
    FindCase(arguments: ["paths": .string("/no/such/folder")], names: []),
])
func filesAreFound(_ example: FindCase) async throws {
    try await onHost { host in
        _ = try host.run(
            """
            mkdir -p root/sub/deep; cd root; echo x >a.conf; echo the needle >b.txt; head -c 2000 /dev/zero >big; echo h >.hidden
            echo y >'sub/in side.conf'; echo z >sub/deep/old.conf; touch -d '3 days ago' sub/deep/old.conf; ln -s a.conf link
            """)
        var arguments = example.arguments
        if arguments["paths"] == nil { arguments["paths"] = .string(host.path("root")) }
        let result = try host.apply("find", arguments)
        guard case .list(let files)? = result.fields["files"] else { throw TestFailure("no files") }
        #expect(files.compactMap { $0["path"]?.text?.lastPathPart }.sorted() == example.names.sorted())
        #expect(result.fields["matched"] == .int(example.names.count) && !result.changed && !result.failed)
    }
}

@Test func setupFiltersFacts() async throws {
    try await onHost { host in
        let some = try host.apply("setup", ["filter": .string("ansible_distribution*")])
        #expect(some.facts["ansible_distribution"] != nil && some.facts["ansible_kernel"] == nil)
        let least = try host.apply("setup", ["gather_subset": .list([.string("!all")])])
        #expect(least.facts["ansible_kernel"] != nil && least.facts["ansible_memtotal_mb"] == nil)
        let all = try host.apply("setup", [:])
        #expect(all.facts["ansible_memtotal_mb"] != nil && all.facts["ansible_env"] != nil)
    }
}
