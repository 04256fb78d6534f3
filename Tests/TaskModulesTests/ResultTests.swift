import Fleet
import Foundation
import OrderedCollections
import TestSupport
import Testing
import Values

@testable import TaskModules

@Test(arguments: [
    ("2026-11-29 13:17:07.293688", Duration.milliseconds(1500), "2026-11-29 13:17:08.793688"),
    ("2026-12-31 23:59:59.999999", .microseconds(1), "2027-01-01 00:00:00"),
    ("2024-02-28 23:59:59.000001", .seconds(1), "2024-02-29 00:00:00.000001"),
])
func hostTimesGoOn(_ start: String, _ elapsed: Duration, _ end: String) throws {
    let time = try #require(HostTime(start))
    #expect(time.text == start)
    #expect(time.adding(elapsed).text == end)
}

@Test(arguments: [
    "", "2026", "2026-11-29 13:17:07.29368", "2026-11-29 13:17:07.%6N..", "9999-99-99 99:99:99.999999",
    "99999999999-11-29 13:17:07", "2026-11-29 13:17:07.2936888",
])
func whatIsNoTimeIsNone(_ text: String) { #expect(HostTime(text) == nil) }

@Test(arguments: [
    (["ls", "-l"], "ls -l"), (["echo", "it's"], #"echo 'it'"'"'s'"#),
    (["mysql", "--password=hush"], "mysql '--password=********'"),
    (["x", "--passwd", "hush", "y"], "x --passwd '********' y"), (["echo", ""], "echo ''"),
])
func commandsArePrintedAsAnsibleDoes(_ words: [String], _ text: String) {
    #expect(PrintedCommand.text(words) == text)
}

/// Whatever a host answers to a command is a result.
@Test(arguments: [
    ("", "", false), ("\n", "", false), ("\nout", "out", false), ("@no-folder\n", "", true), ("@not-run 2\n", "", true),
    ("@not-run x\nrest", "@not-run x\nrest", false),
    ("@not-run 99999999999999999999\n", "@not-run 99999999999999999999", false),
    ("2026-11-29 13:17:07.293688\nout\n", "out", false), ("\u{0}\u{FFFD}\n\u{0}", "\u{0}\u{FFFD}\n\u{0}", false),
])
func anyAnswerToACommandIsAResult(_ answer: String, _ output: String, _ failed: Bool) {
    let report = CommandReport(CommandResult(status: failed ? 1 : 0, output: Array(answer.utf8)))
    let result = report.result(.timed(command: .string("x"), strips: true), ["x"])
    #expect(result.failed == failed)
    #expect(result.changed == !failed)
    #expect(result.fields["stdout"] == .string(output))
}

@Test func builtinsOfTheShellAreNoPrograms() async throws {
    try await withTemporaryFolder { folder in
        let host = HostStandIn(folder: folder.path)
        let builtin = try host.apply("command", [:], freeForm: "cd /")
        #expect(builtin.failed && !builtin.changed && builtin.fields["rc"] == .int(2))
        try host.write("#!/bin/sh\n", to: "plain")
        let forbidden = try host.apply("command", [:], freeForm: host.path("plain"))
        #expect(forbidden.fields["rc"] == .int(13) && !forbidden.changed)
        let folder = try host.apply("command", [:], freeForm: "/etc")
        #expect(folder.fields["rc"] == .int(13))
        // The words of the command are the task's own: nothing of the search is among them.
        let words = try host.apply("command", [:], freeForm: "echo $p $f $d")
        #expect(words.fields["stdout"] == .string("$p $f $d"))
    }
}

@Test(arguments: [
    ("device=1 3\ntype=inode/x; charset=binary\nflags=12 ---e--- x", 259, "inode/x", "e", ["extents"]),
    ("", 0, "unknown", "", []), ("device=ffffffff ffffffff", -1, "unknown", "", []),
    ("device=zz\ntype=;\nflags=only", 0, "unknown", "", []),
    ("type=text/x-a b; charset=us-ascii\nflags=7 ?i?", 0, "text/x-a b", "?i?", ["immutable"]),
])
func detailsOfPathsAreRead(_ answer: String, _ device: Int, _ type: String, _ flags: String, _ names: [String]) {
    let fields = PathDetails(wantsType: true, wantsAttributes: true).fields(answer)
    #expect(fields["device_type"] == .int(device))
    #expect(fields["mimetype"] == .string(type))
    #expect(fields["attr_flags"] == .string(flags))
    #expect(fields["attributes"] == .list(names.map(Value.string)))
}

/// What is unpacked already gets the owner and mode that a task asks for all the same.
@Test func unpackedFilesGetTheirModes() async throws {
    try await withTemporaryFolder { folder in
        let host = HostStandIn(folder: folder.path)
        try host.write("one\n", to: "one")
        _ = try host.run("cd '\(folder.path)' && chmod 0644 one && tar cf a.tar one && mkdir d && tar xf a.tar -C d")
        let arguments: Variables = [
            "src": .string(host.path("a.tar")), "dest": .string(host.path("d")), "remote_src": .bool(true),
            "mode": .string("0600"), "list_files": .bool(true),
        ]
        let result = try host.apply("unarchive", arguments)
        #expect(result.changed && !result.failed, "\(result)")
        #expect(try host.mode("d/one") == 0o600)
        guard case .converged(let again) = try host.plan("unarchive", arguments) else {
            throw TestFailure("changes again")
        }
        #expect(again.fields["files"] == .list([.string("one")]))
    }
}

@Test(arguments: [
    ("https://host/x", "https://host/x", nil), ("https://u:p%40ss@host:8/x?y@z", "https://host:8/x?y@z", "u p@ss"),
    ("http://u@host", "http://host", "u "), ("http://host/?a@b", "http://host/?a@b", nil), ("plain", "plain", nil),
    ("http://a:b:c@h/", "http://h/", "a b:c"),
])
func loginsAreTakenOutOfAddresses(_ url: String, _ address: String, _ login: String?) {
    let secrets = URLSecrets(url)
    #expect(secrets.address == address)
    #expect(secrets.login.map { "\($0.user) \($0.password)" } == login)
}

/// One shell serves a host, so that its number does not tell one backup from the next.
@Test func backupsOfOneSecondAreAllKept() async throws {
    try await withTemporaryFolder { folder in
        let host = HostStandIn(folder: folder.path)
        try host.write("first\n", to: "f")
        var snapshot = Snapshot()
        snapshot.merge(try host.ask([.session, .path(host.path("f"))]))
        var write = FileWrite(
            path: host.path("f"), existing: snapshot.path(host.path("f")), attributes: FileAttributes(),
            session: snapshot.session)
        write.keepsBackup = true
        write.source = .lines([#"echo next >"$t""#])
        let script = try write.script()
        let answer = try host.run((0..<3).map { _ in "(\n\(script))\n" }.joined())
        #expect(answer.succeeded, "\(answer.errorText)")
        let backups = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasSuffix("~") }
        #expect(backups.count == 3)
        #expect(try backups.filter { try host.text($0) == "first\n" }.count == 1)
    }
}

/// Where differences are wanted, results tell them as Ansible's do.
@Test func differencesAreToldToo() async throws {
    try await withTemporaryFolder { folder in
        let host = HostStandIn(folder: folder.path)
        let context = ModuleContext.test(wantsDiff: true)
        let path = Value.string(host.path("f"))
        let made = try host.apply("copy", ["content": .string("a\n"), "dest": path], context: context)
        let whole: Value = .map(["before": .string(""), "after": .string("a\n"), "after_header": path])
        #expect(made.fields["diff"] == .list([whole]))
        let edits: Variables = ["path": path, "regexp": .string("a"), "replace": .string("b")]
        let edited = try host.apply("replace", edits, context: context).fields["diff"]
        #expect(edited?["before"] == .string("a\n") && edited?["after"] == .string("b\n"))
        let modes: Variables = ["content": .string("b\n"), "dest": path, "mode": .string("0600")]
        let moded = try host.apply("copy", modes, context: context).fields["diff"]
        #expect(moded?["after"]?["mode"] == .string("0600") && moded?["before"]?["mode"] == .string("0644"))
    }
}
