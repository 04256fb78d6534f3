import Foundation
import TestSupport
import Testing

/// What people read of a run.
@Suite struct TableReporterTests {
    private func run(_ words: [String], _ tasks: String, hosts: String = "web1\nweb2\n") async throws -> Transcript {
        try await withTemporaryFolder { folder in
            try ("- hosts: all\n  gather_facts: false\n  tasks:\n" + tasks).write(
                toFile: folder.path + "/play.yml", atomically: true, encoding: .utf8)
            try (hosts + "[all:vars]\nansible_connection=local\n").write(
                toFile: folder.path + "/hosts", atomically: true, encoding: .utf8)
            return try await DroverProgram(in: folder).run(words + ["play.yml", "-i", "hosts"])
        }
    }

    @Test func aPlanSaysWhatItWouldRun() async throws {
        let plan = try await run(["plan", "--detailed-exitcode"], "    - {name: restart, shell: date}\n")
        #expect(plan.status == 2)
        #expect(plan.output.contains("1. restart  would run: web1, web2\n"))
        #expect(plan.output.contains("2 hosts, 0 would change, 2 would run commands, 0 failed"))
        #expect(!plan.output.contains("skipped:"))
    }

    @Test func aShortPlanHasALineForEachStepThatChangesSomething() async throws {
        let tasks = "    - ping:\n    - {name: write, copy: {dest: there, content: new}}\n    - ping:\n"
        let plan = try await run(["plan", "--short"], tasks)
        #expect(
            plan.output.contains("  2. write  would change: web1, web2\n  2 steps without a change\n"), "\(plan.output)"
        )
        #expect(!plan.output.contains("+new") && !plan.output.contains("1. ping"), "\(plan.output)")
        #expect(plan.output.hasSuffix("2 changes: 2 copy\n"), "\(plan.output)")
    }

    @Test func aPlanThatComesToNothingSaysSo() async throws {
        let plan = try await run(["plan"], "    - ping:\n")
        #expect(plan.output.hasSuffix("the plays would change nothing\n"), "\(plan.output)")
    }

    @Test func aFailureSaysWhereWhatAndHow() async throws {
        let failed = try await run(
            ["apply"], "    - {name: a, shell: 'echo out; echo err >&2; exit 3'}\n")
        #expect(failed.status == 1)
        let block = """
                 web1, web2: non-zero return code (status 3), at play.yml:4:7
                   command: echo out; echo err >&2; exit 3
                   | out
                   | err

            """
        #expect(failed.output.contains(block), "\(failed.output)")
    }

    @Test func aHintStandsBelowItsFailure() async throws {
        let failed = try await run(["apply"], "    - {name: a, debug: {msg: '{{ inventory_hostnam }}'}}\n")
        #expect(failed.output.contains("hint: did you mean 'inventory_hostname'?"), "\(failed.output)")
    }
}
