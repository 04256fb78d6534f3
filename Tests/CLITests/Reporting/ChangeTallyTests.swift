import Fleet
import Testing

@testable import CLI
@testable import Playbooks

/// What a plan comes to.
@Suite struct ChangeTallyTests {
    private func tally(_ steps: [(String, Bool, [TaskReport.Outcome])]) throws -> [String] {
        var tally = ChangeTally()
        for (number, step) in steps.enumerated() {
            let (module, isHandler, outcomes) = step
            let heading = TaskHeading(
                step: number + 1, name: "step \(number + 1)", module: module, location: SourceLocation(file: "a.yml"),
                isHandler: isHandler)
            let reports = try outcomes.enumerated().map { index, outcome in
                TaskReport(
                    step: heading.step, task: heading.name, host: try HostName("web\(index + 1)"), outcome: outcome,
                    isPredicted: true, location: heading.location, diffs: [], items: [], elapsed: .zero)
            }
            tally.note(heading, reports)
        }
        return tally.lines
    }

    @Test func nothingIsSaidPlainly() throws {
        #expect(try tally([("copy", false, [.ok, .skipped])]) == ["the plays would change nothing"])
    }

    @Test func changesAreCountedByModuleAndHandlersNamedWithTheirHosts() throws {
        let lines = try tally([
            ("apt", false, [.changed, .ok]), ("copy", false, [.changed, .changed]),
            ("copy", false, [.changed, .unknown]),
            ("shell", false, [.wouldRun, .wouldRun]), ("service", true, [.changed, .unknown, .ok]),
        ])
        #expect(lines == ["6 changes: 3 copy, 2 shell, 1 apt", "handlers: step 5 (web1, web2)"])
    }
}
