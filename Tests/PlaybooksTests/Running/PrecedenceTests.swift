import Fleet
import Foundation
import Playbooks
import TestSupport
import Testing

/// Which of a variable's values counts, against what ansible-playbook 2.19 wrote with the same files.
@Suite struct PrecedenceTests {
    @Test func writesWhatAnsibleWrote() async throws {
        try await withTemporaryFolder { folder in
            let recorded = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
                .appendingPathComponent("Recorded/precedence")
            for name in ["site.yml", "vars", "inventory"] {
                try FileManager.default.copyItem(
                    at: recorded.appendingPathComponent(name), to: folder.appendingPathComponent(name))
            }
            let fleet = LocalFleet(folder)
            let extra = try ExtraVariables.read(["extra=cli", #"{"deep": {"from": "cli"}}"#])
            let ended = try await fleet.run(options: RunOptions(extra: extra))
            #expect(ended.counters("h1") == "ok=7 changed=1", "\(ended)")
            let expected = try String(contentsOf: recorded.appendingPathComponent("prec.txt"), encoding: .utf8)
            #expect(fleet.read("hosts/h1/prec.txt") == expected)
        }
    }

    /// Role variables, parameters and defaults, and where they can be seen.
    @Test func rolesShareTheirVariables() async throws {
        try await withTemporaryFolder { folder in
            let fleet = LocalFleet(folder)
            try fleet.write("roles/one/defaults/main.yml", "a: default\nb: default\nc: default\n")
            try fleet.write("roles/one/vars/main.yml", "b: vars\nc: vars\n")
            try fleet.write("roles/one/tasks/main.yml", "- {name: inside, debug: {msg: \"{{ a }} {{ b }} {{ c }}\"}}\n")
            try fleet.write("roles/two/tasks/main.yml", "- {name: beside, debug: {msg: \"{{ a }} {{ b }} {{ c }}\"}}\n")
            try fleet.write(
                "site.yml",
                """
                - hosts: all
                  gather_facts: false
                  vars: {a: play, b: play}
                  roles:
                    - {role: one, c: parameter}
                    - two
                  tasks:
                    - set_fact: {c: fact}
                    - {name: after, debug: {msg: "{{ a }} {{ b }} {{ c }}"}}

                """)
            let ended = try await fleet.run()
            #expect(ended.messages(of: "one : inside") == ["play vars parameter"], "\(ended)")
            #expect(ended.messages(of: "two : beside") == ["play vars vars"])
            #expect(ended.messages(of: "after") == ["play vars fact"])
        }
    }
}

extension PrecedenceTests {
    @Test(arguments: [("blue", "ok"), ("green", "failed"), (nil, "failed")])
    func rolesCheckTheirArguments(_ colour: String?, _ outcome: String) async throws {
        try await withTemporaryFolder { folder in
            let fleet = LocalFleet(folder)
            try fleet.write(
                "roles/one/meta/argument_specs.yml",
                "argument_specs: {main: {options: {colour: {required: true, choices: [red, blue]}}}}\n")
            try fleet.write("roles/one/tasks/main.yml", "- {name: inside, debug: msg=x}\n")
            let use = colour.map { "{role: one, colour: \($0)}" } ?? "one"
            try fleet.write("site.yml", "- hosts: all\n  gather_facts: false\n  roles: [\(use)]\n")
            let ended = try await fleet.run()
            #expect(
                ended.story.first == "h1 one : Validating arguments against arg spec 'main': \(outcome)", "\(ended)")
        }
    }
}
