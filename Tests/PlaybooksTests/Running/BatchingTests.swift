import Fleet
import Playbooks
import TestSupport
import Testing

/// What a run asks of its hosts, counted.
@Suite struct BatchingTests {
    private let play = """
        - hosts: all
          gather_facts: false
          tasks:
            - file: {path: "{{ root }}/app", state: directory, mode: "0755"}
            - file: {path: "{{ root }}/app/{{ item }}", state: directory, mode: "0750"}
              loop: [a, b, c]
            - copy: {content: "for {{ inventory_hostname }}\\n", dest: "{{ root }}/app/name", mode: "0644"}
            - lineinfile: {path: "{{ root }}/app/name", line: "and more"}
            - file: {src: app, dest: "{{ root }}/link", state: link}
            - set_fact: {place: "{{ root }}/app"}
            - stat: {path: "{{ root }}/app/name"}
              register: name
            - assert: {that: [name.stat.exists, "place is defined"]}

        """

    @Test func aConvergedPlayAsksEachHostOnce() async throws {
        try await withTemporaryFolder { folder in
            let fleet = LocalFleet(folder)
            try fleet.write(
                "site.yml",
                play.replacing("    - lineinfile: {path: \"{{ root }}/app/name\", line: \"and more\"}\n", with: ""))
            let hosts = ["h1", "h2", "h3"]
            let first = try await fleet.run(on: hosts)
            #expect(first.recap.succeeded)
            #expect(first.counters("h1") == "ok=7 changed=4")
            fleet.forgetRequests()
            let second = try await fleet.run(on: hosts)
            for host in hosts {
                #expect(second.counters(host) == "ok=7")
                #expect(fleet.requests(to: host) == 1)
            }
        }
    }

    @Test func factsComeWithTheFirstRequest() async throws {
        try await withTemporaryFolder { folder in
            let fleet = LocalFleet(folder)
            try fleet.write(
                "site.yml",
                """
                - hosts: all
                  tasks:
                    - copy: {content: "{{ ansible_system }} {{ ansible_facts['architecture'] }}", dest: "{{ root }}/facts"}
                      when: ansible_facts.system == 'Linux'
                    - stat: {path: "{{ root }}/facts"}

                """)
            let first = try await fleet.run()
            #expect(fleet.read("hosts/h1/facts")?.hasPrefix("Linux ") == true, "\(first)")
            fleet.forgetRequests()
            #expect(try await fleet.run().counters("h1") == "ok=3")
            #expect(fleet.requests(to: "h1") <= 2)
        }
    }

    @Test func aPlayThatTouchesNoHostAsksNothing() async throws {
        try await withTemporaryFolder { folder in
            let fleet = LocalFleet(folder)
            try fleet.write("site.yml", "- hosts: all\n  tasks:\n    - debug: msg=hello\n")
            #expect(try await fleet.run().counters("h1") == "ok=2")
            #expect(fleet.requests(to: "h1") == 0)
        }
    }

    @Test func aLostHostIsCountedAndLeftOut() async throws {
        try await withTemporaryFolder { folder in
            let fleet = LocalFleet(folder, lost: ["h2"])
            try fleet.write("site.yml", play)
            let ended = try await fleet.run(on: ["h1", "h2", "h3"])
            #expect(ended.counters("h2") == "unreachable=1")
            #expect(ended.counters("h3") == ended.counters("h1"))
            #expect(!ended.recap.succeeded)
        }
    }
}

extension BatchingTests {
    @Test func includedTasksAreForeseen() async throws {
        try await withTemporaryFolder { folder in
            let fleet = LocalFleet(folder)
            try fleet.write("more.yml", "- copy: {content: \"{{ what }}\", dest: \"{{ root }}/{{ what }}\"}\n")
            try fleet.write("roles/part/tasks/main.yml", "- file: {path: \"{{ root }}/part\", state: directory}\n")
            try fleet.write(
                "site.yml",
                """
                - hosts: all
                  gather_facts: false
                  tasks:
                    - stat: {path: "{{ root }}"}
                    - include_tasks: more.yml
                      vars: {what: one}
                    - include_role: {name: part}

                """)
            #expect(try await fleet.run().counters("h1") == "ok=5 changed=2")
            fleet.forgetRequests()
            #expect(try await fleet.run().counters("h1") == "ok=5")
            #expect(fleet.requests(to: "h1") == 1)
        }
    }
}
