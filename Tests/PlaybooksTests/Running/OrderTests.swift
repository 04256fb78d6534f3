import Fleet
import Playbooks
import TestSupport
import Testing

/// In which order things happen, and on which hosts: one play a case, told as a story.
@Suite struct OrderTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var name: String
        var play: String
        var hosts = ["h1"]
        var story: [String]
        var testDescription: String { name }
    }

    @Test(arguments: cases)
    func tellsItsStory(_ order: Case) async throws {
        try await withTemporaryFolder { folder in
            let fleet = LocalFleet(folder)
            try fleet.write("site.yml", order.play)
            let ended = try await fleet.run(on: order.hosts)
            #expect(ended.story == order.story)
        }
    }

    static let cases = [
        Case(
            name: "handlers run in the order of definition, once, and may notify later ones",
            play: """
                - hosts: all
                  gather_facts: false
                  tasks:
                    - {name: a, command: "true", notify: [second, first]}
                    - {name: b, command: "true", notify: topic}
                    - {name: c, command: "true", changed_when: false, notify: third}
                  handlers:
                    - {name: first, command: "true", notify: fourth}
                    - {name: second, command: "true"}
                    - {name: listener, command: "true", listen: topic}
                    - {name: third, command: "true"}
                    - {name: fourth, debug: msg=done}
                """,
            story: [
                "h1 a: changed", "h1 b: changed", "h1 c: ok", "h1 first: changed", "h1 second: changed",
                "h1 listener: changed", "h1 fourth: ok",
            ]),
        Case(
            name: "handlers are flushed after each section and when asked",
            play: """
                - hosts: all
                  gather_facts: false
                  pre_tasks:
                    - {name: before, command: "true", notify: h}
                  tasks:
                    - {name: main, command: "true", notify: h}
                    - meta: flush_handlers
                    - {name: rest, debug: msg=x}
                  post_tasks:
                    - {name: after, debug: msg=x}
                  handlers:
                    - {name: h, command: "true"}
                """,
            story: [
                "h1 before: changed", "h1 h: changed", "h1 main: changed", "h1 h: changed", "h1 rest: ok",
                "h1 after: ok",
            ]),
        Case(
            name: "serial takes hosts in batches, each through the whole play",
            play: """
                - hosts: all
                  serial: [1, "50%"]
                  gather_facts: false
                  tasks:
                    - {name: a, debug: msg=x}
                    - {name: once, debug: msg=x, run_once: true}
                """,
            hosts: ["h1", "h2", "h3", "h4"],
            story: [
                "h1 a: ok", "h1 once: ok", "h2 a: ok", "h3 a: ok", "h2 once: ok", "h4 a: ok", "h4 once: ok",
            ]),
        Case(
            name: "a failed host leaves, the others go on",
            play: """
                - hosts: all
                  gather_facts: false
                  tasks:
                    - {name: a, fail: {msg: no}, when: inventory_hostname == 'h1'}
                    - {name: b, debug: msg=x}
                - hosts: all
                  gather_facts: false
                  tasks:
                    - {name: c, debug: msg=x}
                """,
            hosts: ["h1", "h2"],
            story: ["h1 a: failed", "h2 a: skipped", "h2 b: ok", "h2 c: ok"]),
        Case(
            name: "rescue takes over, always runs, the host goes on",
            play: """
                - hosts: all
                  gather_facts: false
                  tasks:
                    - block:
                        - {name: works, debug: msg=x}
                        - {name: breaks, fail: {msg: no}}
                        - {name: never, debug: msg=x}
                      rescue:
                        - {name: rescues, debug: {msg: "{{ ansible_failed_task.name }}"}}
                      always:
                        - {name: ends, debug: msg=x}
                    - {name: next, debug: msg=x}
                """,
            story: ["h1 works: ok", "h1 breaks: rescued", "h1 rescues: ok", "h1 ends: ok", "h1 next: ok"]),
        Case(
            name: "always runs on a host that stays failed",
            play: """
                - hosts: all
                  gather_facts: false
                  tasks:
                    - block:
                        - {name: breaks, fail: {msg: no}}
                      always:
                        - {name: ends, debug: msg=x}
                    - {name: never, debug: msg=x}
                """,
            story: ["h1 breaks: failed", "h1 ends: ok"]),
        Case(
            name: "any_errors_fatal ends the batch after the task",
            play: """
                - hosts: all
                  any_errors_fatal: true
                  gather_facts: false
                  tasks:
                    - {name: a, fail: {msg: no}, when: inventory_hostname == 'h1'}
                    - {name: b, debug: msg=x}
                """,
            hosts: ["h1", "h2"],
            story: ["h1 a: failed", "h2 a: skipped"]),
        Case(
            name: "max_fail_percentage must be exceeded",
            play: """
                - hosts: all
                  max_fail_percentage: 50
                  gather_facts: false
                  tasks:
                    - {name: a, fail: {msg: no}, when: inventory_hostname == 'h1'}
                    - {name: b, debug: msg=x}
                """,
            hosts: ["h1", "h2"],
            story: ["h1 a: failed", "h2 a: skipped", "h2 b: ok"]),
        Case(
            name: "a loop goes on after a failed item, and one that is ignored counts as such",
            play: """
                - hosts: all
                  gather_facts: false
                  tasks:
                    - {name: a, command: "test {{ item }} -lt 3", loop: [1, 5, 2], changed_when: false, register: t, ignore_errors: true}
                    - {name: b, assert: {that: "t.results | map(attribute='failed') | list == [false, true, false]"}}
                    - {name: c, debug: msg=x, loop: []}
                    - {name: d, debug: "msg={{ nowhere }}", loop: "{{ nowhere }}", when: false}
                """,
            story: ["h1 a: ignored", "h1 b: ok", "h1 c: skipped", "h1 d: skipped"]),
        Case(
            name: "retries: 2 means three tries",
            play: """
                - hosts: all
                  gather_facts: false
                  tasks:
                    - {name: a, command: "sh -c 'echo x >> {{ root }}/tries; false'", retries: 2, delay: 9, until: r.rc == 0, register: r, ignore_errors: true}
                    - {name: b, command: "wc -l {{ root }}/tries", register: lines}
                    - {name: c, assert: {that: ["lines.stdout[0] == '3'", r.attempts == 2]}}
                """,
            story: ["h1 a: ignored", "h1 b: changed", "h1 c: ok"]),
        Case(
            name: "set_fact in a loop sees what earlier items set",
            play: """
                - hosts: all
                  gather_facts: false
                  tasks:
                    - {name: a, set_fact: {all: "{{ all | default([]) + [item] }}"}, loop: [1, 2, 3]}
                    - {name: b, assert: {that: "all == [1, 2, 3]"}}
                """,
            story: ["h1 a: ok", "h1 b: ok"]),
        Case(
            name: "end_host takes one host out, and nobody minds",
            play: """
                - hosts: all
                  gather_facts: false
                  tasks:
                    - {meta: end_host, when: inventory_hostname == 'h1'}
                    - {name: a, debug: msg=x}
                """,
            hosts: ["h1", "h2"],
            story: ["h2 a: ok"]),
    ]
}
