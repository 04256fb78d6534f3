import Foundation
import TestSupport
import Testing

/// Hosts, files and names that would command the operator's terminal, at a terminal.
@Suite struct HostileHostTests {
    /// Clears the screen, sets the title, forges a line, hides and turns text, and is no UTF-8 in places.
    private static let hostile = #"\033[2J\033]0;owned\007\rerror: forged\n\b\302\2332Jx\342\200\256y\342\200\250z\177"#

    private static let play = """
        - hosts: all
          gather_facts: false
          name: "evil\\x1B[2J\\nerror: forged play"
          vars: {evil: "\\x1B[2J\\rerror: forged\\nerror: forged\\u202Ex"}
          tasks:
            - {name: "name {{ evil }}", debug: {msg: "says {{ evil }}"}}
            - {name: diff, copy: {content: "new {{ evil }}", dest: "DIR/{{ inventory_hostname }}"}}
            - {name: fails, shell: "printf 'HOSTILE'; printf 'HOSTILE' >&2; exit 3", ignore_errors: true}
            - {name: loop, fail: {msg: "{{ item }}"}, loop: ["a {{ evil }}"], ignore_errors: true}
            - {name: undefined, debug: {msg: "{{ nothing[evil] }}"}}

        """

    private func prepare(_ folder: URL) throws -> DroverProgram {
        let play = Self.play.replacing("DIR", with: folder.path)
            .replacing("HOSTILE", with: Self.hostile.replacing(#"\"#, with: #"\\"#))
        let files = [
            "hosts": "web1 ansible_connection=local\nweb2 ansible_connection=local\n", "play.yml": play,
            "web1": "old\u{1B}[2J\nerror: forged\n",
        ]
        for (name, text) in files {
            try text.write(to: folder.appendingPathComponent(name), atomically: true, encoding: .utf8)
        }
        return DroverProgram(in: folder, environment: ["TERM": "xterm"])
    }

    private func expectHarmless(_ shown: Transcript) {
        #expect(Terminals.leftovers(in: shown.output).isEmpty, "\(shown.output)")
        let lines = shown.output.replacingOccurrences(of: "\r", with: "\n").split(separator: "\n")
        #expect(!lines.contains { $0.hasPrefix("error: forged") }, "\(shown.output)")
    }

    @Test(arguments: [
        ["run", "-i", "hosts", "all", "--stream"], ["run", "-i", "hosts", "all", "--output", "grouped"],
        ["run", "-i", "hosts", "all", "--format", "json"],
    ])
    func whatACommandSaysStaysText(_ words: [String]) async throws {
        try await withTemporaryFolder { folder in
            let drover = try prepare(folder)
            let script = "printf '\(Self.hostile)'; printf '\(Self.hostile)' >&2; printf '\\033[32mgreen\\033[0m\\n'"
            let shown = try await drover.run(words + ["--", script], typing: [])
            expectHarmless(shown)
            #expect(shown.output.contains(words.contains("json") ? #"\u001b[2J"# : #"\x1b[2J"#))
            if !words.contains("json") { #expect(shown.output.contains("\u{1B}[32mgreen\u{1B}[0m")) }
        }
    }

    @Test func rawLetsEverythingThroughToATerminal() async throws {
        try await withTemporaryFolder { folder in
            let shown = try await prepare(folder).run(
                ["run", "-i", "hosts", "--raw", "web1", "--", #"printf 'a\033[2Jb\n'"#], typing: [])
            #expect(shown.output.contains("a\u{1B}[2Jb"))
        }
    }

    @Test(arguments: ["stream", "grouped"]) func pipesGetTheBytesAsTheyAre(_ output: String) async throws {
        try await withTemporaryFolder { folder in
            let drover = try prepare(folder)
            let script = #"printf 'a\033[2J\rb\377c\n'; printf 'd\033[2J\n' >&2"#
            let words = ["run", "-i", "hosts", "--output", output, "web1", "--", script]
            let done = try await drover.runBeside(
                ["sh", "-c", #""$@" 2>errors | od -An -c | tr -d ' \n'"#, "sh", DroverProgram.binary] + words)
            #expect(done.output.contains(#"a033[2J\rb377c\n"#), "\(done.output)")
        }
    }

    @Test(arguments: [
        ["apply", "play.yml", "-i", "hosts", "--diff"], ["plan", "play.yml", "-i", "hosts"],
        ["apply", "play.yml", "-i", "hosts", "--diff", "--format", "json"],
    ])
    func aPlaybookStaysText(_ words: [String]) async throws {
        try await withTemporaryFolder { folder in
            let shown = try await prepare(folder).run(words, typing: [])
            expectHarmless(shown)
            #expect(shown.output.contains(words.contains("json") ? #"\u001b[2J"# : #"\x1b[2J"#), "\(shown.output)")
        }
    }

    @Test(arguments: [
        ["ping", "-i", "no\u{1B}[2J\nerror: forged"], ["ping", "-i", "hosts", "db\u{1B}[2J\nerror: forged"],
        ["apply", "play\u{9B}2J\rerror: forged.yml", "-i", "hosts"], ["ping", "--wrong\u{1B}[2J\nerror: forged"],
        ["rollout", "stage\u{1B}[2J", "abc"], ["inventory", "-i", "evil.yml", "--graph", "--vars"],
        ["inventory", "-i", "evil.yml"], ["inventory", "-i", "evil.yml", "--list"],
        ["apply", "play.yml", "-i", "hosts", "-e", "{\"a\u{1B}[2J"], ["ping", "-i", "broken.yml"],
        ["doctor", "-i", "evil.yml"], ["build", "list", "--service", "gone\u{1B}[2J"],
    ])
    func errorsAndListingsStayText(_ words: [String]) async throws {
        try await withTemporaryFolder { folder in
            let drover = try prepare(folder)
            let evil = """
                all:
                  hosts:
                    web1: {ansible_connection: local, ansible_host: "a\\x1B[2J\\nerror: forged", word: "x\\x9B2J\\u202Ey"}
                  children:
                    "group\\x1B[2J": {}
                """
            try evil.write(toFile: folder.path + "/evil.yml", atomically: true, encoding: .utf8)
            try "all: {hosts: {web1: {}}, \"key\\x1B[2J\\nerror: forged\": 1}\n".write(
                toFile: folder.path + "/broken.yml", atomically: true, encoding: .utf8)
            expectHarmless(try await drover.run(words, typing: []))
        }
    }
}
