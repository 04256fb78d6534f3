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

private let first = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAII98db2EoWGFedASJkDGiekbeaLtDYSRfZiqzDMzoESn herder@one"
private let second = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIG8uWmIjAGWPsIUX5o+aQRinWh381rArtS3o265JZrof herder@two"

@Test func keysAreAuthorized() async throws {
    try await onHost { host in
        let path = Value.string(host.path("authorized_keys"))
        let user = Value.string(NSUserName())
        try host.write("# mine\n", to: "authorized_keys")
        func converge(_ more: Variables) throws {
            let arguments: Variables = ["user": user, "path": path, "manage_dir": .bool(false)]
            _ = try host.converge("authorized_key", arguments.merging(more) { $1 })
        }
        try converge(["key": .string(first)])
        #expect(try host.text("authorized_keys") == "# mine\n\(first)\n")
        try converge(["key": .string(second), "key_options": .string(#"no-pty,from="10.0.0.0/8,::1""#)])
        #expect(try host.text("authorized_keys") == "# mine\n\(first)\nno-pty,from=\"10.0.0.0/8,::1\" \(second)\n")
        try converge(["key": .string(second), "exclusive": .bool(true), "comment": .string("other")])
        let shown = second.replacing("herder@two", with: "other")
        #expect(try host.text("authorized_keys") == "# mine\n\(shown)\n")
        try converge(["key": .string(second), "state": .string("absent")])
        #expect(try host.text("authorized_keys") == "# mine\n")
    }
}

struct CronCase: Sendable, CustomTestStringConvertible {
    let arguments: Variables
    let before: [String]
    let after: [String]
    var user: String?
    var testDescription: String { "\(arguments["name"]?.text ?? "") \(arguments.count) \(before.count)" }
}

@Test(arguments: [
    CronCase(
        arguments: ["name": .string("a"), "job": .string("x"), "minute": .int(0), "hour": .string("5,17")], before: [],
        after: ["#Ansible: a", "0 5,17 * * * x"]),
    CronCase(
        arguments: ["name": .string("a"), "job": .string("x")], before: ["#Ansible: a", "* * * * * y", "z"],
        after: ["#Ansible: a", "* * * * * x", "z"]),
    CronCase(
        arguments: ["name": .string("a"), "job": .string("x")], before: ["#Ansible: a", "* * * * * x"],
        after: ["#Ansible: a", "* * * * * x"]),
    CronCase(
        arguments: ["name": .string("a"), "job": .string("x"), "disabled": .bool(true)], before: ["m"],
        after: ["m", "#Ansible: a", "#* * * * * x"]),
    CronCase(
        arguments: ["name": .string("a"), "job": .string("x"), "special_time": .string("daily")], before: [],
        after: ["#Ansible: a", "@daily x"]),
    CronCase(
        arguments: ["name": .string("a"), "job": .string("x")], before: [], after: ["#Ansible: a", "* * * * * bob x"],
        user: "bob"),
    CronCase(
        arguments: ["name": .string("a"), "job": .string("x")], before: ["* * * * * x"],
        after: ["#Ansible: a", "* * * * * x"]),
    CronCase(
        arguments: ["name": .string("MAILTO"), "job": .string("me"), "env": .bool(true)], before: ["m"],
        after: ["MAILTO=\"me\"", "m"]),
    CronCase(
        arguments: ["name": .string("B"), "job": .string("b"), "env": .bool(true), "insertafter": .string("A")],
        before: ["A=\"a\"", "m"], after: ["A=\"a\"", "B=\"b\"", "m"]),
])
func cronTablesAreEdited(_ example: CronCase) throws {
    let arguments = ModuleArguments(example.arguments, at: SourceLocation(file: "t.yml"))
    let table = try CronTable(arguments, user: example.user)
    #expect(try table.placing(in: example.before) == example.after)
    #expect(try table.placing(in: example.after) == example.after)
    #expect(!table.removing(from: example.after).contains { $0.hasSuffix("x") && !$0.hasPrefix("*") })
}

@Test func cronFilesComeAndGo() async throws {
    try await onHost { host in
        let file = Value.string(host.path("crons"))
        let job: Variables = [
            "name": .string("n"), "job": .string("/bin/true"), "cron_file": file, "user": .string("nobody"),
        ]
        _ = try host.converge("cron", job)
        #expect(try host.text("crons") == "#Ansible: n\n* * * * * nobody /bin/true\n" && host.mode("crons") == 0o644)
        _ = try host.converge("cron", ["name": .string("n"), "state": .string("absent"), "cron_file": file])
        #expect(!FileManager.default.fileExists(atPath: host.path("crons")))
    }
}

@Test func kernelSettingsAreKept() async throws {
    try await onHost { host in
        try host.write("# c\nvm.swappiness = 10\nvm.swappiness=20\n", to: "s.conf")
        let setting: Variables = [
            "name": .string("vm.swappiness"), "sysctl_file": .string(host.path("s.conf")), "reload": .bool(false),
        ]
        _ = try host.converge("sysctl", setting.merging(["value": .int(5)]) { $1 })
        #expect(try host.text("s.conf") == "# c\nvm.swappiness=5\n")
        _ = try host.converge("sysctl", setting.merging(["name": .string("net.x"), "value": .string("a b")]) { $1 })
        #expect(try host.text("s.conf") == "# c\nvm.swappiness=5\nnet.x=a b\n")
        _ = try host.converge("sysctl", setting.merging(["state": .string("absent")]) { $1 })
        #expect(try host.text("s.conf") == "# c\nnet.x=a b\n")
    }
}

@Test func waitingEnds() async throws {
    try await onHost { host in
        try host.write("ready\n", to: "f")
        let there = try host.apply(
            "wait_for", ["path": .string(host.path("f")), "search_regex": .string("^rea\\w+$"), "timeout": .int(5)])
        #expect(!there.failed && !there.changed)
        let gone = try host.apply(
            "wait_for", ["path": .string(host.path("g")), "state": .string("absent"), "timeout": .int(5)])
        #expect(!gone.failed)
        let late = try host.apply("wait_for", ["path": .string(host.path("g")), "timeout": .int(0)])
        #expect(late.failed && late.message == "Timeout when waiting for file \(host.path("g"))")
        let closed = try host.apply("wait_for", ["port": .int(9), "timeout": .int(0), "msg": .string("no")])
        #expect(closed.failed && closed.message == "no")
        let stopped = try host.apply("wait_for", ["port": .int(9), "state": .string("stopped"), "timeout": .int(5)])
        #expect(!stopped.failed)
    }
}

@Test(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/curl"), "needs curl"))
func downloadsAreCompared() async throws {
    try await onHost { host in
        try host.write("data", to: "source")
        var arguments: Variables = [
            "url": .string("file://" + host.path("source")), "dest": .string(host.path("d")), "mode": .string("0640"),
        ]
        let first = try host.apply("get_url", arguments)
        #expect(first.changed && !first.failed, "\(first)")
        #expect(try host.text("d") == "data" && host.mode("d") == 0o640)
        #expect(try !host.apply("get_url", arguments).changed)
        arguments["checksum"] = .string("sha1:a17c9aaa61e80a1bf71d0d850af4e5baa9800bbd")
        guard case .converged = try host.plan("get_url", arguments) else { throw TestFailure("not converged") }
        arguments["checksum"] = .string("sha1:" + String(repeating: "0", count: 40))
        #expect(try host.apply("get_url", arguments).failed)
        #expect(try host.text("d") == "data")
        arguments["checksum"] = nil
        try host.write("other", to: "source")
        guard case .change = try host.plan("get_url", arguments, context: .test(isCheck: true)) else {
            throw TestFailure("no change")
        }
        #expect(try host.apply("get_url", arguments).changed)
        #expect(try host.text("d") == "other")
    }
}

@Test(arguments: [
    ("deb http://x/debian bookworm main", "deb http://x/debian bookworm main", true),
    ("#  deb   http://x/debian  bookworm main # note", "deb http://x/debian bookworm main", false),
])
func sourcesAreRead(_ line: String, _ text: String, _ isEnabled: Bool) throws {
    let source = try #require(AptSource(line))
    #expect(source.text == text && source.isEnabled == isEnabled)
    #expect(AptSource("ppa:x/y") == nil && AptSource("# just words") == nil)
}

@Test func sourcesAreAddedOnce() throws {
    let question = Probe.query("grep -sH '' /etc/apt/sources.list /etc/apt/sources.list.d/*.list")
    func step(_ arguments: Variables, _ text: String) throws -> Step {
        let place = SourceLocation(file: "t.yml")
        let module = try AptRepositoryModule(AptRepositoryModule.specification.arguments(arguments, at: place), .test())
        var snapshot = Snapshot()
        snapshot[question] = .output(status: 0, text: text)
        return try module.step(snapshot)
    }
    let line = Value.string("deb [arch=amd64] http://user@pkg.example.org/debian bookworm main")
    guard
        case .change(let change) = try step(
            ["repo": line, "update_cache": .bool(false)], "/etc/apt/sources.list:deb x y z\n")
    else {
        throw TestFailure("no change")
    }
    #expect(change.diffs.first?.subject == "/etc/apt/sources.list.d/pkg_example_org_debian.list")
    #expect(!change.script.contains("apt-get"))
    guard case .converged = try step(["repo": line], "/etc/apt/a.list:\(line.text ?? "")\n") else {
        throw TestFailure("not converged")
    }
    guard case .change(let enabling) = try step(["repo": line], "/etc/apt/a.list:# \(line.text ?? "")\n") else {
        throw TestFailure("no change")
    }
    #expect(enabling.diffs.first?.subject == "/etc/apt/a.list" && enabling.script.contains("apt-get"))
    guard
        case .change(let removal) = try step(
            ["repo": line, "state": .string("absent")], "/etc/apt/a.list:\(line.text ?? "")\n")
    else { throw TestFailure("no change") }
    #expect(removal.script.contains("rm -f -- /etc/apt/a.list"))
}

private let vault = "vault.test ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAaGtlIg8Ipfxbb+6pgLdoIqOWuWZpHZ+eoc9RSxo2yn"

@Test func hostKeysAreKnown() async throws {
    try await onHost { host in
        let path = Value.string(host.path("known"))
        let base: Variables = ["path": path, "name": .string("vault.test")]
        try host.write("# mine\nother.test ssh-rsa AAAA\n", to: "known")
        _ = try host.converge("known_hosts", base.merging(["key": .string(vault)]) { $1 })
        #expect(try host.text("known") == "# mine\nother.test ssh-rsa AAAA\n\(vault)\n")
        let rotated = "vault.test ssh-ed25519 BBBB"
        _ = try host.converge("known_hosts", base.merging(["key": .string(rotated)]) { $1 })
        #expect(try host.text("known") == "# mine\nother.test ssh-rsa AAAA\n\(rotated)\n")
        _ = try host.converge("known_hosts", base.merging(["state": .string("absent")]) { $1 })
        #expect(try host.text("known") == "# mine\nother.test ssh-rsa AAAA\n")
        let foreign = base.merging(["key": .string("else.test ssh-rsa AAAA")]) { $1 }
        #expect(throws: InputError.self) { try host.apply("known_hosts", foreign) }
    }
}

@Test func hashedHostsAreRecognised() throws {
    let line = "|1|MDEyMzQ1Njc4OWFiY2RlZmdoaWo=|qvP/GGmO1S8OUTZzeNK7wik9Fn0= ssh-ed25519 AAAA"
    let known = try #require(KnownHost(line))
    #expect(known.isAbout("vault.test") && !known.isAbout("vault.tests"))
}

@Test func sourcesAreWrittenInTheNewFormat() throws {
    let place = SourceLocation(file: "t.yml")
    let arguments: Variables = [
        "name": .string("My back_ports!"), "uris": .string("http://deb.debian.org/debian"),
        "suites": .list([.string("bookworm-backports")]), "components": .string("main"), "enabled": .bool(true),
        "signed_by": .string("-----BEGIN-----\n\nabc\n"),
    ]
    let module = try Deb822RepositoryModule(
        Deb822RepositoryModule.specification.arguments(arguments, at: place), .test())
    guard case .change(let change) = try module.step(Snapshot()) else { throw TestFailure("no change") }
    #expect(change.diffs.first?.subject == "/etc/apt/sources.list.d/my-back-ports.sources")
    #expect(
        String(decoding: change.input, as: UTF8.self)
            == """
            Components: main
            Enabled: yes
            X-Repolib-Name: My back_ports!
            Signed-By:
                -----BEGIN-----
                .
                abc
            Suites: bookworm-backports
            Types: deb
            URIs: http://deb.debian.org/debian

            """)
}
