import Fleet
import Foundation
import OrderedCollections
import TestSupport
import Testing
import Values

@testable import TaskModules

private let oddNames = [
    "plain", "with space", "quote'quote", "double\"quote", "new\nline", "-dash", "arrow -> arrow", "$HOME",
    "back\\slash",
    "glob*?[a]", "ünïcode", "tab\ttab", "semi;colon&", "`tick`", "#hash", "~tilde", "=",
]

@Test(arguments: oddNames)
func probesReadAnyName(_ name: String) async throws {
    try await withTemporaryFolder { folder in
        let host = HostStandIn(folder: folder.path)
        let (file, link, gone) = (host.path(name), host.path(name + " link"), host.path(name + " gone"))
        try host.write("content of \(name)\n", to: name)
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: name + " -> x")
        let answers = try host.ask([
            .path(file), .target(file), .path(link), .target(link), .path(gone), .content(file), .content(gone),
            .sha1(file),
            .sha256(file), .sha1(gone), .access(file), .tree(folder.path),
        ])
        guard case .path(let state) = answers[.path(file)] else { throw TestFailure("no state") }
        #expect(state.kind == .file && state.size == 12 + name.utf8.count)
        #expect(answers[.target(file)] == .path(state))
        guard case .path(let linkState) = answers[.path(link)] else { throw TestFailure("no link") }
        #expect(linkState.kind == .link && linkState.linkTarget == name + " -> x")
        #expect(answers[.target(link)] == .absent && answers[.path(gone)] == .absent)
        #expect(answers[.content(file)] == .content(Array("content of \(name)\n".utf8)))
        #expect(answers[.content(gone)] == .absent && answers[.sha1(gone)] == .absent)
        guard case .digest(let sha1) = answers[.sha1(file)], case .digest(let sha256) = answers[.sha256(file)],
            case .tree(let tree) = answers[.tree(folder.path)]
        else { throw TestFailure("no digest or tree") }
        #expect(sha1.count == 40 && sha256.count == 64)
        #expect(tree.contains { $0.path == file } && tree.contains { $0.state.linkTarget == name + " -> x" })
    }
}

@Test func contentsPassUnchanged() async throws {
    try await withTemporaryFolder { folder in
        let host = HostStandIn(folder: folder.path)
        let contents: [[UInt8]] = [[], [0], [0, 0, 10, 10], Array(0...255), Array(repeating: 65, count: 3_000_000)]
        for (index, bytes) in contents.enumerated() {
            try Data(bytes).write(to: URL(fileURLWithPath: host.path("c\(index)")))
        }
        let answers = try host.ask(contents.indices.map { .content(host.path("c\($0)")) })
        for (index, bytes) in contents.enumerated() {
            #expect(answers[.content(host.path("c\(index)"))] == .content(bytes))
        }
    }
}

@Test func foldersAndPipesAreNotRead() async throws {
    try await withTemporaryFolder { folder in
        let host = HostStandIn(folder: folder.path)
        _ = try host.run("mkfifo pipe")
        let answers = try host.ask([
            .content(folder.path), .content(host.path("pipe")), .sha1(host.path("pipe")), .path(host.path("pipe")),
        ])
        #expect(answers[.content(folder.path)] == .unreadable && answers[.content(host.path("pipe"))] == .unreadable)
        #expect(answers[.sha1(host.path("pipe"))] == .absent)
        guard case .path(let state) = answers[.path(host.path("pipe"))] else { throw TestFailure("no pipe") }
        #expect(state.kind == .fifo)
    }
}

@Test func accountsAndSessionAreRead() async throws {
    try await withTemporaryFolder { folder in
        let host = HostStandIn(folder: folder.path)
        let answers = try host.ask([
            .user("root"), .user("no-such-user"), .group("daemon"), .group("nope"), .session, .clock,
        ])
        guard case .user(let root) = answers[.user("root")] else { throw TestFailure("no root") }
        #expect(root.uid == 0 && root.primaryGroup == "root" && root.home == "/root")
        #expect(answers[.user("no-such-user")] == .absent && answers[.group("nope")] == .absent)
        guard case .group(let daemon) = answers[.group("daemon")] else { throw TestFailure("no group") }
        #expect(daemon.gid == 1)
        guard case .session(let session) = answers[.session] else { throw TestFailure("no session") }
        #expect(session.uid == Int(getuid()) && !session.user.isEmpty)
        guard case .clock(let now) = answers[.clock] else { throw TestFailure("no clock") }
        #expect(now > 1_700_000_000)
    }
}

@Test func groupsAloneAreRead() async throws {
    try await withTemporaryFolder { folder in
        let answers = try HostStandIn(folder: folder.path).ask([.group("root"), .group("nope")])
        #expect(answers[.group("root")] == .group(GroupState(name: "root", gid: 0)))
        #expect(answers[.group("nope")] == .absent)
    }
}

@Test(.enabled(if: FileManager.default.fileExists(atPath: "/usr/bin/dpkg-query"), "needs dpkg"))
func packagesAreRead() async throws {
    try await withTemporaryFolder { folder in
        let answers = try HostStandIn(folder: folder.path).ask([
            .package("dpkg"), .package("no-such-package"), .providers("awk"), .providers("nobody-provides-this"),
        ])
        guard case .package(let dpkg) = answers[.package("dpkg")] else { throw TestFailure("no dpkg") }
        #expect(dpkg.isInstalled && !dpkg.version.isEmpty)
        #expect(answers[.package("no-such-package")] == .absent)
        guard case .names(let awks) = answers[.providers("awk")] else { throw TestFailure("no awk") }
        #expect(!awks.isEmpty && answers[.providers("nobody-provides-this")] == .names([]))
    }
}

@Test func queriesKeepStatusAndOutput() async throws {
    try await withTemporaryFolder { folder in
        let lines = ["printf 'a\\n\\n'; exit 3", "true", "printf 'x.y'", "echo one\necho two"]
        let answers = try HostStandIn(folder: folder.path).ask(lines.map(Probe.query))
        #expect(answers[.query(lines[0])] == .output(status: 3, text: "a\n\n"))
        #expect(answers[.query(lines[1])] == .output(status: 0, text: ""))
        #expect(answers[.query(lines[2])] == .output(status: 0, text: "x.y"))
        #expect(answers[.query(lines[3])] == .output(status: 0, text: "one\ntwo\n"))
    }
}

@Test func factsOfThisMachine() async throws {
    try await withTemporaryFolder { folder in
        let answers = try HostStandIn(folder: folder.path).ask(FactSubset.allCases.map(Probe.facts))
        for subset in FactSubset.allCases {
            guard case .facts(let facts) = answers[.facts(subset)] else { throw TestFailure("no \(subset)") }
            let optional: Set = ["lo", "python", "python_version"]
            for name in subset.names where !optional.contains(name) {
                #expect(facts[name] != nil, "\(name)")
            }
        }
        guard case .facts(let system) = answers[.facts(.system)], case .facts(let hardware) = answers[.facts(.hardware)]
        else { return }
        #expect(system["system"] == .string("Linux"))
        guard case .int(let memory)? = hardware["memtotal_mb"] else { throw TestFailure("no memory") }
        #expect(memory > 100)
    }
}

@Test(arguments: ["", "garbage", "x\0", "\0\0\0"])
func wrongOutputIsAnError(_ text: String) {
    #expect(throws: ProbeError.self) { try ProbeScript([.path("/"), .session]).answers(in: Array(text.utf8)) }
}

/// Forks a converged play of the bench's size costs: one for each kind of question, whatever the number of tasks.
@Test func oneCommandForEachKind() {
    let files = (1...10).map { "/etc/app\($0).conf" }
    let probes: [Probe] =
        [
            .package("memcached"), .package("curl"), .group("app"), .user("app"), .unit("memcached"),
            .content("/etc/memcached.conf"),
        ]
        + files.flatMap { [.path($0), .sha1($0)] }
    let script = ProbeScript(probes).shellLine
    let programs = ["stat", "sha1sum", "dpkg-query", "getent", "systemctl", "base64"]
    let counts = programs.map { name in script.split(whereSeparator: { " \n;".contains($0) }).count { $0 == name } }
    // The third getent runs only for a group that the list of all groups lacks.
    #expect(counts.prefix(3) == [1, 1, 1] && counts.suffix(2) == [1, 1] && counts[3] <= 3)
}
