import Fleet
import Foundation
import Playbooks
import TestSupport
import Testing

/// Handlers that a run leaves undone are remembered by the host and run first next time.
@Suite struct OwedHandlersTests {
    /// A file is written, its handler notified; then a task fails for as long as `hosts/HOST/broken` is there.
    private static let site = """
        - name: web
          hosts: all
          gather_facts: false
          tasks:
            - {name: settings, copy: {content: "a=1\\n", dest: "{{ root }}/settings"}, notify: restart it}
            - {name: check, command: "test ! -e {{ root }}/broken", changed_when: false}
          handlers:
            - {name: restart it, shell: "echo restarted >> {{ root }}/log"}
        """

    private func fleet(_ folder: URL, site: String = site, broken: [String] = []) throws -> LocalFleet {
        let fleet = LocalFleet(folder)
        try fleet.write("site.yml", site)
        for host in broken { try fleet.write("hosts/\(host)/broken", "") }
        return fleet
    }

    private func options(_ folder: URL, _ mode: RunOptions.Mode = .apply) -> RunOptions {
        var options = RunOptions(mode: mode)
        options.owedHandlers = .run
        options.owedFolder = folder.appendingPathComponent("owed").path
        return options
    }

    private func records(_ folder: URL) throws -> Int {
        let owed = folder.appendingPathComponent("owed").path
        guard FileManager.default.fileExists(atPath: owed) else { return 0 }
        return try FileManager.default.contentsOfDirectory(atPath: owed).count
    }

    /// Stopped in the second of three batches: one host is done, one half-done, one untouched.
    @Test func aStoppedRunSaysHowFarItCame() async throws {
        try await withTemporaryFolder { folder in
            let site = Self.site.replacingOccurrences(of: "hosts: all", with: "hosts: all\n  serial: 1")
            let fleet = try fleet(folder, site: site)
            var options = options(folder)
            let file = folder.appendingPathComponent("hosts/h2/settings").path
            options.isStopping = { FileManager.default.fileExists(atPath: file) }
            let stopped = try await fleet.run(on: ["h1", "h2", "h3"], options: options)
            let left = try #require(stopped.recap.left)
            #expect(stopped.recap.isAborted)
            #expect(left.done.map(\.description) == ["h1"])
            #expect(left.halfDone.map(\.description) == ["h2"])
            #expect(left.untouched.map(\.description) == ["h3"])
            #expect(left.owed.map(\.name) == ["restart it"] && left.owed.first?.hosts == left.halfDone)

            options.isStopping = { false }
            let whole = try await fleet.run(on: ["h1", "h2", "h3"], options: options)
            #expect(whole.recap.succeeded && whole.recap.left == nil, "\(whole)")
        }
    }

    @Test func aFailedRunSaysWhatItLeavesUndoneAndTheNextRunDoesItFirst() async throws {
        try await withTemporaryFolder { folder in
            let fleet = try fleet(folder, broken: ["h2", "h3"])
            let failed = try await fleet.run(on: ["h1", "h2", "h3"], options: options(folder))
            #expect(failed.owed == ["notRun restart it (h2, h3)"], "\(failed)")
            let left = try #require(failed.recap.left)
            #expect(left.done.map(\.description) == ["h1"] && left.untouched == [])
            #expect(left.halfDone.map(\.description) == ["h2", "h3"])
            #expect(left.owed.map(\.name) == ["restart it"] && left.owed.first?.hosts == left.halfDone)
            #expect(fleet.read("hosts/h1/log") == "restarted\n")
            #expect(fleet.read("hosts/h2/log") == nil)

            for host in ["h2", "h3"] {
                try FileManager.default.removeItem(at: folder.appendingPathComponent("hosts/\(host)/broken"))
            }
            let plan = try await fleet.run(on: ["h1", "h2", "h3"], options: options(folder, .plan))
            #expect(plan.owed == ["wouldRun restart it (h2, h3)"])
            #expect(plan.recap.hasChanges)
            #expect(fleet.read("hosts/h2/log") == nil)

            let mended = try await fleet.run(on: ["h1", "h2", "h3"], options: options(folder))
            #expect(mended.owed == ["ran restart it (h2, h3)"], "\(mended)")
            #expect(mended.story.first == "h2 restart it: changed", "\(mended)")
            #expect(fleet.read("hosts/h2/log") == "restarted\n")
            // The recap is Ansible's, which knows nothing of what was owed.
            #expect(mended.counters("h2") == mended.counters("h1"))

            let last = try await fleet.run(on: ["h1", "h2", "h3"], options: options(folder))
            #expect(last.owed.isEmpty)
            #expect(fleet.read("hosts/h2/log") == "restarted\n")
            #expect(try records(folder) == 0)
        }
    }

    @Test(arguments: [false, true])
    func aConvergedRunAsksNoMoreThanWithout(gatheringFacts: Bool) async throws {
        try await withTemporaryFolder { folder in
            let site = Self.site.split(separator: "\n").filter { !$0.contains("name: check") }.joined(separator: "\n")
                .replacing("gather_facts: false", with: "gather_facts: \(gatheringFacts)")
            let fleet = try fleet(folder, site: site)
            _ = try await fleet.run(options: options(folder))
            fleet.forgetRequests()
            _ = try await fleet.run()
            let without = fleet.requests(to: "h1")
            fleet.forgetRequests()
            _ = try await fleet.run(options: options(folder))
            #expect(fleet.requests(to: "h1") == without)
        }
    }

    @Test func aHandlerThatFailsIsOwedAndThoseAfterItToo() async throws {
        try await withTemporaryFolder { folder in
            let fleet = try fleet(
                folder,
                site: """
                    - hosts: all
                      gather_facts: false
                      tasks:
                        - {copy: {content: x, dest: "{{ root }}/f"}, notify: topic}
                      handlers:
                        - {name: one, listen: topic, shell: "echo one >> {{ root }}/log"}
                        - {name: two, listen: topic, shell: "test ! -e {{ root }}/broken && echo two >> {{ root }}/log"}
                        - {listen: topic, shell: "echo three >> {{ root }}/log"}
                    """, broken: ["h1"])
            let failed = try await fleet.run(options: options(folder))
            #expect(failed.owed == ["notRun two (h1)", "notRun topic (h1)"], "\(failed)")
            try FileManager.default.removeItem(at: folder.appendingPathComponent("hosts/h1/broken"))
            let mended = try await fleet.run(options: options(folder))
            #expect(mended.recap.succeeded)
            #expect(fleet.read("hosts/h1/log")?.hasPrefix("one\n") == true)
            #expect(fleet.read("hosts/h1/log")?.hasSuffix("two\nthree\n") == true)
        }
    }

    /// A check of a file that is wrong: the play that brings the right one gets through, and the check runs after it.
    @Test(arguments: ["tasks", "pre_tasks"], ["", "any_errors_fatal: true, ", "max_fail_percentage: 0, "])
    func aHandlerThatFailsKeepsNobodyFromMendingTheCause(_ section: String, _ rule: String) async throws {
        try await withTemporaryFolder { folder in
            func site(_ content: String) -> String {
                """
                - {hosts: all, gather_facts: false, \(rule)\(section): [
                     {name: file, copy: {content: \(content), dest: "{{ root }}/f"}, notify: check}],
                   \(section == "tasks" ? "post_tasks" : "tasks"): [{name: later, command: "true", changed_when: false}],
                   handlers: [{name: check, shell: "echo run >>{{ root }}/log; grep -q good {{ root }}/f"}]}
                """
            }
            let fleet = try fleet(folder, site: site("bad"))
            let failed = try await fleet.run(on: ["h1", "h2"], options: options(folder))
            #expect(failed.owed == ["notRun check (h1, h2)"], "\(failed)")
            try fleet.write("site.yml", site("bad"))
            let again = try await fleet.run(on: ["h1", "h2"], options: options(folder))
            #expect(!again.recap.succeeded)
            #expect(again.owed == ["postponed check (h1, h2)", "notRun check (h1, h2)"], "\(again)")
            #expect(again.story.contains { $0.hasPrefix("h1 later: ") }, "\(again)")

            try fleet.write("site.yml", site("good"))
            let mended = try await fleet.run(on: ["h1", "h2"], options: options(folder))
            #expect(mended.owed == ["postponed check (h1, h2)"], "\(mended)")
            #expect(mended.recap.succeeded, "\(mended)")
            #expect(try records(folder) == 0)
        }
    }

    @Test func aHandlerThatIsGoneIsNamedOnce() async throws {
        try await withTemporaryFolder { folder in
            let fleet = try fleet(folder, broken: ["h1"])
            _ = try await fleet.run(options: options(folder))
            try fleet.write(
                "site.yml",
                Self.site.replacing("notify: restart it", with: "notify: reload it").replacing(
                    "name: restart it", with: "name: reload it"))
            #expect(try await fleet.run(options: options(folder)).owed.first == "gone restart it (h1)")
            #expect(try await fleet.run(options: options(folder)).owed.isEmpty)
        }
    }

    @Test func hostsThatAreMeantToEndAreOwedNothing() async throws {
        try await withTemporaryFolder { folder in
            let site = Self.site.replacing("  handlers:", with: "    - meta: end_host\n  handlers:")
            let fleet = try fleet(folder, site: site)
            let ended = try await fleet.run(options: options(folder))
            #expect(ended.owed.isEmpty)
            #expect(try records(folder) == 0)
        }
    }

    @Test func whatDidNotChangeIsNotOwed() async throws {
        try await withTemporaryFolder { folder in
            let fleet = try fleet(
                folder,
                site: """
                    - hosts: all
                      gather_facts: false
                      tasks:
                        - {command: "true", changed_when: false, notify: restart it}
                        - {command: "false"}
                      handlers:
                        - {name: restart it, command: "true"}
                    """)
            #expect(try await fleet.run(options: options(folder)).owed.isEmpty)
            #expect(try records(folder) == 0)
        }
    }

    @Test func othersOnlyNameThem() async throws {
        try await withTemporaryFolder { folder in
            let fleet = try fleet(folder, broken: ["h1"])
            _ = try await fleet.run(options: options(folder))
            var named = options(folder)
            named.owedHandlers = .named
            let ended = try await fleet.run(options: named)
            #expect(ended.owed.first == "notRun restart it (h1)")
            #expect(fleet.read("hosts/h1/log") == nil)
            #expect(try records(folder) == 1)
        }
    }
}

extension Ended {
    /// What was told of owed handlers: `ran NAME (HOSTS)`.
    var owed: [String] {
        events.flatMap { event -> [String] in
            guard case .owed(let owed) = event else { return [] }
            return owed.handlers.map { handler in
                let hosts = handler.hosts.map(\.description).joined(separator: ", ")
                return "\(owed.outcome.rawValue) \(handler.name) (\(hosts))"
            }
        }
    }
}
