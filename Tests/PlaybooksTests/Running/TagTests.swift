import Fleet
import Testing

@testable import Playbooks

/// Which tasks `--tags` and `--skip-tags` leave, as Ansible's documentation lists it.
@Suite struct TagTests {
    struct Case: Sendable {
        var tags: [String]
        var only: [String] = []
        var skip: [String] = []
        var runs: Bool
    }

    @Test(arguments: [
        Case(tags: [], runs: true),
        Case(tags: ["never"], runs: false),
        Case(tags: ["never", "deep"], only: ["deep"], runs: true),
        Case(tags: [], only: ["web"], runs: false),
        Case(tags: ["web"], only: ["web"], runs: true),
        Case(tags: ["always"], only: ["web"], runs: true),
        Case(tags: ["always"], only: ["web"], skip: ["always"], runs: false),
        Case(tags: ["web", "slow"], only: ["web"], skip: ["slow"], runs: false),
        Case(tags: ["web"], only: ["tagged"], runs: true),
        Case(tags: [], only: ["tagged"], runs: false),
        Case(tags: [], only: ["untagged"], runs: true),
        Case(tags: ["web"], skip: ["tagged"], runs: false),
        Case(tags: ["web"], only: ["all"], runs: true),
    ])
    func selects(_ selecting: Case) {
        #expect(TagSelection(only: selecting.only, skip: selecting.skip).selects(selecting.tags) == selecting.runs)
    }

    @Test(arguments: [
        ([BatchSize.hosts(2)], [[1, 2], [3, 4], [5]]),
        ([.percent(50)], [[1, 2], [3, 4], [5]]),
        ([.percent(1)], [[1], [2], [3], [4], [5]]),
        ([.hosts(1), .percent(40)], [[1], [2, 3], [4, 5]]),
        ([], [[1, 2, 3, 4, 5]]),
    ])
    func splitsIntoBatches(_ sizes: [BatchSize], _ batches: [[Int]]) {
        #expect(BatchSize.split([1, 2, 3, 4, 5], sizes: sizes) == batches)
    }
}
