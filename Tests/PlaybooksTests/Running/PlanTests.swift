import Fleet
import Playbooks
import TestSupport
import Testing

/// What a plan says of steps that depend on steps that have not run, and that it changes nothing.
@Suite struct PlanTests {
    private let play = """
        - hosts: all
          gather_facts: false
          tasks:
            - {name: folder, file: {path: "{{ root }}/app", state: directory}}
            - {name: file, copy: {content: x, dest: "{{ root }}/app/x"}}
            - {name: ask, command: cat /etc/hostname, register: answer}
            - {name: depends, debug: msg=x, when: answer.rc == 0}
            - {name: shows, debug: {msg: "{{ answer.stdout }}"}}
            - {name: keeps, set_fact: {kept: "{{ answer.stdout }}"}}
            - {name: uses, debug: {msg: "{{ kept }}"}}
            - {name: free, debug: msg=x}

        """

    @Test func whatNobodyProducedIsUnknown() async throws {
        try await withTemporaryFolder { folder in
            let fleet = LocalFleet(folder)
            try fleet.write("site.yml", play)
            let plan = try await fleet.run(options: RunOptions(mode: .plan))
            #expect(plan.waits(of: "depends") == [3], "\(plan)")
            #expect(plan.waits(of: "shows") == [3])
            #expect(plan.waits(of: "uses") == [3])
            #expect(plan.counters("h1") == "ok=3 changed=2 skipped=1 unknown=4")
            #expect(plan.recap.succeeded)
            #expect(plan.recap.hasChanges)
            #expect(fleet.read("hosts/h1/app/x") == nil)
        }
    }

    @Test func aCheckReportsWhatAnsibleWould() async throws {
        try await withTemporaryFolder { folder in
            let fleet = LocalFleet(folder)
            try fleet.write(
                "site.yml",
                """
                - hosts: all
                  gather_facts: false
                  tasks:
                    - {name: made, copy: {content: x, dest: "{{ root }}/x"}}
                    - {name: mode, file: {path: "{{ root }}/x", mode: "0600"}, ignore_errors: true}
                    - {name: ran, command: "true", register: ran}
                    - {name: says, debug: {msg: "{{ ran is skipped }} {{ ran.stdout | default('none') }}"}}
                    - {name: really, command: cat /etc/hostname, check_mode: false, changed_when: false}

                """)
            let check = try await fleet.run(options: RunOptions(mode: .check))
            #expect(check.counters("h1") == "ok=4 changed=1 skipped=1 ignored=1", "\(check)")
        }
    }

    @Test func aConvergedPlanHasNoChanges() async throws {
        try await withTemporaryFolder { folder in
            let fleet = LocalFleet(folder)
            try fleet.write(
                "site.yml",
                """
                - hosts: all
                  gather_facts: false
                  tasks:
                    - copy: {content: x, dest: "{{ root }}/x", mode: "0644"}

                """)
            _ = try await fleet.run()
            let plan = try await fleet.run(options: RunOptions(mode: .plan))
            #expect(!plan.recap.hasChanges)
        }
    }
}
