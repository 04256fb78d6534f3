import Fleet
import OrderedCollections
import Rollouts
import Testing

/// What `drover rollback STAGE` means, by what the journal knows and hosts run.
@Suite struct RollbackPlannerTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        /// What the stage is recorded to run, and before that: `1`, `2`, `3`.
        var record: (Character, Character?)? = ("2", "1")
        /// The last run that ended.
        var last: (kind: RunKind, build: Character, outcome: RunOutcome)? = (.rollout, "2", .succeeded)
        /// What each host runs: a digit, `-` for none, `?` for no answer; `!` after it for out of service, `~` unconfirmed.
        let hosts: [String]
        /// Hosts that the last run left out.
        var leftOut: [Int] = []
        var named: Character?
        /// `to 1`, `to 1 distrusting 3`, `nothing 2`, or a part of the refusal.
        let expected: String
        var testDescription: String { name }
    }

    static let cases = [
        Case(name: "after a good rollout", hosts: ["2", "2"], expected: "to 1"),
        Case(name: "after the first rollout", record: ("2", nil), hosts: ["2"], expected: "no good build before 2222"),
        Case(name: "a journal that knows nothing", record: nil, last: nil, hosts: ["2"], expected: "no build"),
        Case(
            name: "after a rollout that went back", last: (.rollout, "3", .rolledBack), hosts: ["2", "2"],
            expected: "nothing 2"),
        Case(
            name: "after a promotion that went back", last: (.promotion, "3", .rolledBack), hosts: ["2", "2"],
            expected: "nothing 2"),
        Case(
            name: "after a rollout that failed at once", last: (.rollout, "3", .failed), hosts: ["2", "2"],
            expected: "nothing 2"),
        Case(
            name: "after a rollout that could not go back", last: (.rollout, "3", .rollbackFailed), hosts: ["3!", "2"],
            expected: "to 2 distrusting 3"),
        Case(
            name: "after one that left every host with the failed build", last: (.rollout, "3", .rollbackFailed),
            hosts: ["3", "3"], expected: "to 2 distrusting 3"),
        Case(
            name: "after one that left a host out of service", last: (.rollout, "3", .rollbackFailed),
            hosts: ["2!", "2"], expected: "to 2 distrusting 3"),
        Case(
            name: "after one that left a host unconfirmed", last: (.rollout, "3", .rolledBack), hosts: ["2~", "2"],
            expected: "to 2 distrusting 3"),
        Case(
            name: "a host is off", last: (.rollout, "3", .rolledBack), hosts: ["?", "2"],
            expected: "to 2 distrusting 3"),
        Case(
            name: "typed twice", record: ("1", nil), last: (.rollback, "1", .succeeded), hosts: ["1", "1"],
            expected: "nothing 1"),
        Case(
            name: "typed twice, with a build further back", record: ("2", "1"), last: (.rollback, "2", .succeeded),
            hosts: ["2", "2"], expected: "nothing 2"),
        Case(
            name: "a rollback that failed is tried again", record: ("2", "1"), last: (.rollback, "1", .rollbackFailed),
            hosts: ["1", "2"], expected: "to 1"),
        Case(
            name: "the same build rolled out again", record: ("2", "1"), last: (.rollout, "2", .succeeded),
            hosts: ["2", "2"], expected: "to 1"),
        Case(
            name: "another controller rolled out since", hosts: ["3", "3"],
            expected: "ap1 runs 333333333333, ap2 runs 333333333333, where the journal believes 222222222222"),
        Case(
            name: "another controller went back since", hosts: ["1", "1"],
            expected: "ap1 runs 111111111111, ap2 runs 111111111111, where the journal believes 222222222222"),
        Case(
            name: "another controller changed one host", hosts: ["2", "3"],
            expected: "ap2 runs 333333333333, where the journal believes 222222222222"),
        Case(
            name: "another controller rolled out after a rollout that went back", last: (.rollout, "3", .rolledBack),
            hosts: ["1", "2"], expected: "ap1 runs 111111111111, where"),
        Case(name: "a host was left out", hosts: ["2", "1!"], leftOut: [1], expected: "to 1"),
        Case(name: "a host has no release yet", hosts: ["2", "-!"], expected: "to 1"),
        Case(name: "by name", hosts: ["2", "2"], named: "1", expected: "to 1"),
        Case(name: "by name, which runs already", hosts: ["1", "1"], named: "1", expected: "nothing 1"),
        Case(name: "by name, whatever runs", hosts: ["3", "2"], named: "1", expected: "to 1"),
        Case(
            name: "by name, with a journal that knows nothing", record: nil, last: nil, hosts: ["3", "3"], named: "1",
            expected: "to 1"),
        Case(
            name: "by name, after a rollout that could not go back", last: (.rollout, "3", .rollbackFailed),
            hosts: ["3", "2"], named: "1", expected: "to 1 distrusting 3"),
    ]

    @Test(arguments: cases)
    func theBuildToGoBackToFollowsFromTheHistory(_ c: Case) throws {
        let found: String
        do {
            switch try RollbackPlanner.decide(
                "production", try history(c), named: try c.named.map(digest), sight: try sight(c))
            {
            case .nothing(let build): found = "nothing \(build.description.prefix(1))"
            case .go(let build, let distrusted, let reason):
                #expect(!reason.isEmpty)
                let doubt = distrusted.map { " distrusting \($0.description.prefix(1))" } ?? ""
                found = "to \(build.description.prefix(1))\(doubt)"
            }
        } catch let refusal as StageError {
            #expect(refusal.message.contains(c.expected), "\(refusal.message)")
            #expect(refusal.hints.contains { $0.contains("drover rollback production --to BUILD") })
            return
        }
        #expect(found == c.expected)
    }

    private func digest(_ digit: Character) throws -> BuildDigest {
        try BuildDigest(String(repeating: digit, count: 64))
    }

    private func names(_ c: Case) throws -> [HostName] { try c.hosts.indices.map { try HostName("ap\($0 + 1)") } }

    private func history(_ c: Case) throws -> StageHistory {
        let record = try c.record.map { current, previous in
            StageRecord(
                stage: "production", current: try digest(current),
                previous: try previous.map { try digest($0) }, updatedAt: Timestamp(milliseconds: 1))
        }
        guard let last = c.last else { return StageHistory(record: record, last: nil, end: nil) }
        let run = RunRecord(
            id: RunID(7), kind: last.kind, stage: "production", build: try digest(last.build), holder: "ci",
            startedAt: Timestamp(milliseconds: 1), endedAt: Timestamp(milliseconds: 2), outcome: last.outcome)
        return StageHistory(record: record, last: run, end: try end(c, last))
    }

    /// Where the last run stood, replayed from what its journal would hold.
    private func end(_ c: Case, _ last: (kind: RunKind, build: Character, outcome: RunOutcome)) throws -> RolloutState?
    {
        let names = try names(c)
        let baseline = try digest("2").release
        let plan = RolloutPlan(
            stage: "production", kind: last.kind == .rollback ? .rollback : .rollout, build: try digest(last.build),
            baseline: baseline, hosts: names)
        var events: [RolloutEvent] = [.started(plan)]
        events += names.map { .sighted($0, Observation(release: baseline, isServing: true)) }
        events += c.leftOut.map {
            .failed(.deliver(names[$0], plan.build.release), RolloutError(.unreachable, host: names[$0], "gone"))
        }
        let outcomes: [RunOutcome: RolloutOutcome] = [
            .succeeded: .succeeded, .rolledBack: .rolledBack, .rollbackFailed: .rollbackFailed, .failed: .failed,
        ]
        if let outcome = outcomes[last.outcome] { events.append(.finished(outcome)) }
        return RolloutState(
            replaying: events.enumerated().map { index, event in
                RolloutEntry(sequence: Int64(index + 1), at: Timestamp(milliseconds: 1), event: event)
            })
    }

    private func sight(_ c: Case) throws -> FleetObservation {
        var hosts: [HostName: HostObservation] = [:]
        var running: [RunningMember] = []
        for (name, text) in zip(try names(c), c.hosts) {
            let isUp = !text.hasSuffix("!")
            running.append(RunningMember(host: name, address: "10.0.0.1", port: 80, state: isUp ? .up : .maintenance))
            switch text.first {
            case "?", nil: hosts[name] = .silent(RolloutError(.unreachable, host: name, "gone"))
            case "-": hosts[name] = .answered(HostSurvey())
            case let digit?:
                hosts[name] = .answered(
                    HostSurvey(release: try digest(digit).release, isUnconfirmed: text.hasSuffix("~")))
            }
        }
        return FleetObservation(
            hosts: hosts, balancers: [BalancerView(balancer: try HostName("lb1"), running: running)])
    }
}
