import Fleet
import Foundation
import OrderedCollections
import TestSupport
import Testing
import Values

@testable import Playbooks

/// Hosts that are alike share what is worked out for one of them: nobody can tell by what a play does.
@Suite struct SharingTests {
    /// A way by which a task's words come to depend on its host.
    struct Way: Sendable, CustomTestStringConvertible {
        let name: String
        /// Tasks of which the last, `says`, says what the host's own word is.
        let tasks: String
        /// What else the play has.
        var play = ""

        var testDescription: String { name }
    }

    private static let says = "- {name: says, debug: {msg: \"{{ word }}\"}}\n"

    /// Each host's `own` is another word.
    static let ways: [Way] = [
        Way(name: "a variable of the host", tasks: "- {name: says, debug: {msg: \"{{ own }}\"}}\n"),
        Way(name: "the play's variables", tasks: says, play: "vars: {word: \"{{ inner }}\", inner: \"{{ own }}\"}"),
        Way(name: "a default", tasks: "- {name: says, debug: {msg: \"{{ missing | default(own) }}\"}}\n"),
        Way(
            name: "whether something is there",
            tasks: "- {name: says, debug: {msg: \"{{ rare if rare is defined else own }}\"}}\n"),
        Way(name: "magic", tasks: "- {name: says, debug: {msg: \"{{ words[inventory_hostname] }}\"}}\n"),
        Way(name: "groups of the host", tasks: "- {name: says, debug: {msg: \"{{ group_names | join }}\"}}\n"),
        Way(name: "variables of a group", tasks: "- {name: says, debug: {msg: \"{{ of_group }}\"}}\n"),
        Way(name: "hostvars", tasks: "- {name: says, debug: {msg: \"{{ hostvars[inventory_hostname].own }}\"}}\n"),
        Way(name: "hostvars as a whole", tasks: "- {name: says, debug: {msg: \"{{ hostvars[own_name]['own'] }}\"}}\n"),
        Way(name: "vars", tasks: "- {name: says, debug: {msg: \"{{ vars['own'] }}\"}}\n"),
        Way(name: "the vars lookup", tasks: "- {name: says, debug: {msg: \"{{ lookup('vars', 'own') }}\"}}\n"),
        Way(name: "the name of a variable", tasks: "- {name: says, debug: {var: own}}\n"),
        Way(name: "set_fact", tasks: "- set_fact: {word: \"{{ own }}\"}\n" + says),
        Way(
            name: "set_fact with a templated name",
            tasks: "- set_fact: {\"word_{{ own }}\": \"{{ own }}\"}\n"
                + "- {name: says, debug: {msg: \"{{ vars['word_' ~ own] }}\"}}\n"),
        Way(
            name: "facts",
            tasks: "- set_fact: {word: \"{{ own }}\", cacheable: true}\n"
                + "- {name: says, debug: {msg: \"{{ ansible_facts.word }}\"}}\n"),
        Way(
            name: "a result",
            tasks: "- {command: \"echo {{ own }}\", register: out}\n"
                + "- {name: says, debug: {msg: \"{{ out.stdout }}\"}}\n"),
        Way(
            name: "a loop over the host's list",
            tasks: "- {debug: {msg: x}, loop: \"{{ [own] }}\", register: out}\n"
                + "- {name: says, debug: {msg: \"{{ out.results[0].item }}\"}}\n"),
        Way(
            name: "a loop that asks its host",
            tasks: "- {command: \"echo {{ item }}{{ own }}\", loop: ['', ''], register: out}\n"
                + "- {name: says, debug: {msg: \"{{ out.results[1].stdout }}\"}}\n"),
        Way(
            name: "what the item before left",
            tasks: "- {command: \"echo {{ out.stdout | default(own) }}\", loop: [1, 2], register: out}\n"
                + "- {name: says, debug: {msg: \"{{ out.results[1].stdout }}\"}}\n"),
        Way(name: "include_vars", tasks: "- include_vars: \"{{ own }}.yml\"\n" + says),
        Way(name: "vars_files", tasks: says, play: "vars_files: [\"{{ own }}.yml\"]"),
        Way(
            name: "variables of a block",
            tasks: "- vars: {word: \"{{ own }}\"}\n  block:\n    " + says),
        Way(name: "an included file", tasks: "- {include_tasks: says.yml, vars: {word: \"{{ own }}\"}}\n"),
        Way(name: "a role", tasks: "- {include_role: {name: speaker}}\n"),
        Way(name: "a role's parameter", tasks: "", play: "roles: [{role: speaker, given: \"{{ own }}\"}]"),
        Way(
            name: "a template file",
            tasks: "- {template: {src: word.j2, dest: \"{{ root }}/word\"}}\n"
                + "- {command: \"cat {{ root }}/word\", register: out}\n"
                + "- {name: says, debug: {msg: \"{{ out.stdout }}\"}}\n"),
        Way(
            name: "the environment",
            tasks: "- {shell: 'echo $WORD', register: out, environment: {WORD: \"{{ own }}\"}}\n"
                + "- {name: says, debug: {msg: \"{{ out.stdout }}\"}}\n"),
        Way(
            name: "module defaults",
            tasks: "- {name: says, debug: }\n", play: "module_defaults: {debug: {msg: \"{{ own }}\"}}"),
        Way(
            name: "a condition",
            tasks: "- {set_fact: {word: one}, when: own == 'one'}\n"
                + "- {set_fact: {word: two}, when: own == 'two'}\n"
                + "- {set_fact: {word: three}, when: \"own not in ['one', 'two']\"}\n" + says),
        Way(
            name: "changed_when",
            tasks: "- {command: echo, changed_when: own == 'one', register: out}\n"
                + "- {name: says, debug: {msg: \"{{ 'one' if out.changed else own }}\"}}\n"),
        Way(
            name: "check mode",
            tasks: "- {command: \"echo two\", check_mode: \"{{ own != 'two' }}\", register: out}\n"
                + "- {name: says, debug: {msg: \"{{ out.stdout | default(own, true) }}\"}}\n"),
        Way(
            name: "a delegate",
            tasks: "- {command: \"echo {{ own }}\", delegate_to: \"{{ words | first }}\", register: out}\n"
                + "- {name: says, debug: {msg: \"{{ out.stdout }}\"}}\n"),
        Way(
            name: "the position among the play's hosts",
            tasks: "- vars: {position: \"{{ ansible_play_hosts.index(inventory_hostname) }}\"}\n"
                + "  name: says\n  debug: {msg: \"{{ (words.values() | list)[position] }}\"}\n"),
    ]

    @Test(arguments: SharingTests.ways, [true, false])
    func eachHostHasItsOwnWord(_ way: Way, shares: Bool) async throws {
        try await withTemporaryFolder { folder in
            let fleet = LocalFleet(folder)
            let words = ["h1": "one", "h2": "two", "h3": "three"]
            var groups = "all:\n  vars: {words: {h1: one, h2: two, h3: three}}\n  children:\n"
            for (host, word) in words.sorted(by: { $0.key < $1.key }) {
                try fleet.write("inventory/host_vars/\(host).yml", "own: \(word)\nown_name: \(host)\n")
                try fleet.write("\(word).yml", "word: \(word)\n")
                groups += "    \(word): {hosts: {\(host): }, vars: {of_group: \(word)}}\n"
            }
            try fleet.write("inventory/host_vars/h2.yml", "own: two\nown_name: h2\nrare: two\n")
            try fleet.write("inventory/groups.yml", groups)
            try fleet.write("says.yml", Self.says)
            try fleet.write("templates/word.j2", "{% if own is defined %}{{ own }}{% endif %}\n")
            try fleet.write("roles/speaker/defaults/main.yml", "given: \"{{ own }}\"\n")
            try fleet.write("roles/speaker/tasks/main.yml", "- {name: says, debug: {msg: \"{{ given }}\"}}\n")
            let tasks = way.tasks.isEmpty ? "" : "  tasks:\n    " + way.tasks.indented
            try fleet.write("site.yml", "- hosts: all\n  gather_facts: false\n  \(way.play)\n\(tasks)\n")
            var options = RunOptions()
            options.sharesAmongHosts = shares
            let ended = try await fleet.run(on: ["h1", "h2", "h3"], options: options)
            let said = ended.messages(of: "says") + ended.messages(of: "speaker : says")
            #expect(said.map { $0.replacing("own = ", with: "") } == ["one", "two", "three"], "\(ended)")
        }
    }

    /// What was read of this machine's files counts no more once the play may have written them.
    @Test func aFileThatThePlayItselfWritesIsReadAnew() async throws {
        try await withTemporaryFolder { folder in
            let fleet = LocalFleet(folder)
            try fleet.write("files/made.txt", "old")
            try fleet.write(
                "site.yml",
                """
                - hosts: all
                  gather_facts: false
                  tasks:
                    - {copy: {src: made.txt, dest: "{{ root }}/before"}}
                    - {copy: {content: new, dest: "{{ playbook_dir }}/files/made.txt"}, connection: local, run_once: true}
                    - {copy: {src: made.txt, dest: "{{ root }}/after"}}

                """)
            let ended = try await fleet.run(on: ["h1", "h2"])
            #expect(ended.recap.succeeded, "\(ended)")
            for host in ["h1", "h2"] {
                #expect(fleet.read("hosts/\(host)/before") == "old" && fleet.read("hosts/\(host)/after") == "new")
            }
        }
    }

    @Test(arguments: RecordedPlay.names)
    func playsGoTheSameWayWithoutIt(_ name: String) async throws {
        let recorded = try RecordedPlay(name)
        var told: [String] = []
        for shares in [true, false] {
            try await withTemporaryFolder { work in
                let ended = try await LocalFleet(work, lost: ["gone"]).run(recorded, work: work, sharing: shares)
                // How much memory this machine has free changes by itself.
                let lines = "\(ended)".split(separator: "\n").filter { !$0.contains("memfree_mb") }
                told.append("\(ended.recap.hosts)\n\(lines)".replacing(work.path, with: "(work)"))
            }
        }
        #expect(told[0] == told[1])
    }
}

extension String {
    fileprivate var indented: String {
        split(separator: "\n").joined(separator: "\n    ")
    }
}

/// What makes two hosts alike.
@Suite struct SharedResultTests {
    /// How often `template` is evaluated for hosts with these variables, and what it comes to for each.
    private func evaluate(
        _ template: String, _ hosts: [Variables], play: Variables = [:]
    ) throws -> (count: Int, values: [Value]) {
        var state = VariableState()
        for (index, variables) in hosts.enumerated() {
            let name = try HostName("h\(index)")
            _ = state.add(HostVariables(name: name, inventory: variables, magic: ["rank": .int(index)]))
        }
        state.groups = .map(["all": .list([.string("h0")])])
        let scope = PlayScope(vars: play)
        let shared = SharedResult<Value>()
        let evaluation = Evaluation()
        var count = 0
        let values = try hosts.indices.map { host in
            let own = TaskScope(state: state, play: scope, host: host, settings: nil, evaluator: evaluation)
            return try shared.value(in: own) { scope in
                count += 1
                return try evaluation.value(.trusted(template), in: scope)
            }
        }
        return (count, values)
    }

    @Test(arguments: [
        ("text", 1), ("{{ 1 + 1 }}", 1), ("{{ same }}", 1), ("{{ missing | default('x') }}", 1),
        ("{{ groups.all }}", 1), ("{{ nested }}", 1), ("{{ own }}", 4), ("{{ nested_own }}", 4), ("{{ rank }}", 4),
        ("{{ some | default('x') }}", 2), ("{{ pair }}", 2), ("{{ vars.same }}", 1), ("{{ vars.own }}", 4),
        ("{{ lookup('vars', 'same') }}", 1),
        ("{{ lookup('vars', 'own') }}", 4), ("{{ ansible_facts.none | default('x') }}", 1),
        // What is not a variable's doing may come out otherwise each time.
        ("{{ now().year > 0 }}", 4), ("{{ 3 | random >= 0 }}", 4), ("{{ [1, 2] | shuffle | length }}", 4),
        ("{{ lookup('env', 'NONE') }}", 4), ("{{ lookup('varnames', 'same') | length }}", 4),
        ("{{ '%Y' | strftime | length }}", 4), ("{{ hostvars.h0.same }}", 4), ("{{ vars | length > 0 }}", 4),
        ("{{ '/' is directory }}", 4),
    ])
    func onlyAlikeHostsShare(_ template: String, _ evaluations: Int) throws {
        let hosts: [Variables] = (0..<4).map { index in
            var variables: Variables = [
                "same": .string("s"), "own": .int(index), "pair": .int(index % 2), "nested": .trusted("{{ same }}"),
                "nested_own": .trusted("{{ own }}"),
            ]
            if index == 3 { variables["some"] = .int(3) }
            return variables
        }
        let (count, shared) = try evaluate(template, hosts)
        #expect(count == evaluations)
        for (index, host) in hosts.enumerated() where !template.contains("rank") {
            let alone = try evaluate(template, [host]).values
            #expect([shared[index]] == alone)
        }
    }

    /// Values that `==` or a glance takes for one another.
    @Test(arguments: [
        (Value.string("\u{E9}"), Value.string("e\u{301}")), (.string("{{ x }}"), .trusted("{{ x }}")),
        (.int(1), .double(1)), (.int(1), .bool(true)), (.double(0), .double(-0.0)), (.string("1"), .int(1)),
        (.list([.string("a"), .string("b")]), .list([.string("b"), .string("a")])),
        (.map(["a": .int(1), "b": .int(2)]), .map(["b": .int(2), "a": .int(1)])), (.null, .string("")),
    ])
    func looksAreNotEnough(_ left: Value, _ right: Value) throws {
        #expect(!left.isSame(as: right) && left.isSame(as: left) && right.isSame(as: right))
        let hosts = [left, right].map { ["v": $0, "x": .int(1)] as Variables }
        #expect(try evaluate("{{ v | type_debug }}{{ v | string | length }}", hosts).count == 2)
    }

    @Test func hostsThatAreAllDifferentAreNotKept() throws {
        let hosts = (0..<100).map { ["own": Value.int($0)] as Variables }
        #expect(try evaluate("{{ own }}", hosts).values == (0..<100).map { .int($0) })
    }
}
