import Fleet
import Playbooks
import TestSupport
import Testing

/// What a run says of hosts that are off, of commands that a plan leaves out, and of tasks that failed.
@Suite struct ReportTests {
    @Test func aHostThatIsOffIsNeverFine() async throws {
        try await withTemporaryFolder { folder in
            let fleet = LocalFleet(folder, lost: ["h2"])
            try fleet.write("site.yml", "- hosts: all\n  tasks:\n    - {name: says, debug: msg=x}\n")
            for mode in [RunOptions.Mode.apply, .check, .plan] {
                let ended = try await fleet.run(on: ["h1", "h2"], options: RunOptions(mode: mode))
                #expect(ended.story == ["h1 Gathering Facts: ok", "h2 unreachable", "h1 says: ok"])
                #expect(ended.counters("h1") == "ok=2")
                #expect(ended.counters("h2") == "unreachable=1")
            }
        }
    }

    @Test func aHostThatIsOffInALaterPlayIsNotFineThere() async throws {
        try await withTemporaryFolder { folder in
            let fleet = LocalFleet(folder, lost: ["h2"])
            try fleet.write(
                "site.yml",
                """
                - {hosts: all, gather_facts: false, tasks: [{name: first, debug: msg=x}]}
                - {hosts: all, tasks: [{name: second, debug: msg=x}]}

                """)
            let ended = try await fleet.run(on: ["h1", "h2"])
            #expect(ended.counters("h2") == "ok=1 unreachable=1")
            #expect(!ended.story.contains("h2 Gathering Facts: ok"))
        }
    }

    @Test func aConvergedPlayWithFactsStillTakesOneRequest() async throws {
        try await withTemporaryFolder { folder in
            let fleet = LocalFleet(folder)
            try fleet.write(
                "site.yml",
                """
                - hosts: all
                  tasks:
                    - copy: {content: "{{ ansible_kernel }}", dest: "{{ root }}/x"}
                    - file: {path: "{{ root }}/x", mode: "0644"}

                """)
            _ = try await fleet.run()
            fleet.forgetRequests()
            let ended = try await fleet.run()
            #expect(ended.counters("h1") == "ok=3")
            #expect(fleet.requests(to: "h1") <= 2)
        }
    }

    @Test func aPlanCountsWhatItWouldRun() async throws {
        try await withTemporaryFolder { folder in
            let fleet = LocalFleet(folder)
            try fleet.write("script.sh", "#!/bin/sh\n")
            try fleet.write(
                "site.yml",
                """
                - hosts: all
                  gather_facts: false
                  tasks:
                    - {name: shell, shell: date}
                    - {name: command, command: date}
                    - {name: script, script: script.sh}
                    - {name: raw, raw: date}
                    - {name: loop, command: "echo {{ item }}", loop: [1, 2]}
                    - {name: some, command: "echo {{ item }}", loop: [1, 2], when: item == 1}
                    - {name: not, command: date, when: false}
                    - {name: made, command: date, args: {creates: /etc/hostname}}
                    - {name: really, command: date, check_mode: false, changed_when: false}

                """)
            let would = ["shell", "command", "script", "raw", "loop", "some"]
            let plan = try await fleet.run(options: RunOptions(mode: .plan))
            let predicted = would.map { "h1 \($0): wouldRun" }
            #expect(plan.story == predicted + ["h1 not: skipped", "h1 made: ok", "h1 really: ok"], "\(plan.story)")
            #expect(plan.recap.hosts.first?.counters.wouldRun == would.count)
            #expect(plan.recap.wouldRun == would.count && plan.recap.hasChanges)
            let check = try await fleet.run(options: RunOptions(mode: .check))
            #expect(plan.recap.hosts.first?.counters.skipped == check.recap.hosts.first?.counters.skipped)
            #expect(check.recap.wouldRun == 0 && check.story.contains("h1 shell: skipped"))
        }
    }

    @Test func aFailureNamesItsPlaceItsCommandAndTheWay() async throws {
        try await withTemporaryFolder { folder in
            let fleet = LocalFleet(folder)
            try fleet.write(
                "site.yml",
                """
                - hosts: all
                  gather_facts: false
                  tasks:
                    - {name: ran, shell: "echo out; echo err >&2; exit 3", ignore_errors: true}
                    - {name: words, command: "cat '/no such file'", ignore_errors: true}
                    - {name: hidden, shell: "exit 3", no_log: true, ignore_errors: true}
                    - {name: wrong, debug: {msg: "{{ inventory_hostnam }}"}}

                """)
            let ended = try await fleet.run()
            let reports = Dictionary(uniqueKeysWithValues: ended.reports.map { ($0.task, $0) })
            let ran = try #require(reports["ran"])
            #expect(ran.location.line == 4 && ran.location.file.hasSuffix("site.yml"))
            #expect(ran.error?.place.location == ran.location && ran.error?.code.rawValue == "taskFailed")
            #expect(ran.command?.line == "echo out; echo err >&2; exit 3")
            #expect(ran.command?.status == 3 && ran.command?.lastLines == ["out", "err"])
            #expect(reports["words"]?.command?.line == "cat '/no such file'")
            let hidden = try #require(reports["hidden"])
            #expect(hidden.isHidden && hidden.command?.line == nil && hidden.location.line == 6)
            #expect(hidden.error?.message == "hidden by no_log")
            let wrong = try #require(reports["wrong"]?.error)
            #expect(wrong.place.location?.line == 7 && wrong.code.rawValue == "undefined")
            #expect(wrong.hints == ["did you mean 'inventory_hostname'?"])
        }
    }

    @Test func whatIsWrongBesideTasksHasAPlace() async throws {
        try await withTemporaryFolder { folder in
            let fleet = LocalFleet(folder)
            try fleet.write(
                "site.yml", "- hosts: all\n  gather_facts: false\n  vars_files: ['{{ root }}/none.yml']\n  tasks: []\n")
            let error = try #require(try await fleet.run().errors.first)
            #expect(error.part == .varsFiles && error.report.code.rawValue == "missing")
            #expect(error.report.place.host?.description == "h1" && error.report.place.location?.line == 1)
            #expect(error.report.message.contains("none of these files is there"))
        }
    }
}

extension Ended {
    /// Every task as it ended.
    var reports: [TaskReport] { events.compactMap { if case .taskFinished(let report) = $0 { report } else { nil } } }

    /// What went wrong beside tasks.
    var errors: [(report: ErrorReport, part: RunPart)] {
        events.compactMap { if case .error(let report, let part) = $0 { (report, part) } else { nil } }
    }
}
