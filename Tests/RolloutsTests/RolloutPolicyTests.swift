import Fleet
import Foundation
import TestSupport
import Testing

@testable import Rollouts

/// How carefully a build goes, as drover.yml says it and the journal keeps it.
@Suite struct RolloutPolicyTests {
    private func read(_ rollout: String, _ more: String = "") async throws -> (ServiceFile.Stage?, [String]) {
        try await withTemporaryFolder { folder in
            let file = folder.appendingPathComponent("drover.yml")
            let text = """
                service: shop
                pool: {name: shop, balancers: lb, members: web, port: 8080}
                stages:
                  production:
                    inventory: hosts.yml
                    rollout: \(rollout)
                \(more)
                """
            try text.write(to: file, atomically: true, encoding: .utf8)
            let log = MistakeLog()
            let draft = ServiceFileReader.review(file.path, log)
            return (draft?.stages.first, log.all.map { "\($0.location?.line ?? 0): \($0.message)" })
        }
    }

    struct Steps: Sendable, CustomTestStringConvertible {
        let testDescription: String, canary: BatchSize, batches: [BatchSize]
    }

    @Test(arguments: [
        Steps(testDescription: "{}", canary: 1, batches: [.percent(25)]),
        Steps(testDescription: "{batch: 3}", canary: 1, batches: [3]),
        Steps(testDescription: "{batches: [1, 5, 25%]}", canary: 1, batches: [5, .percent(25)]),
        Steps(testDescription: "{batches: [10%, 50%]}", canary: .percent(10), batches: [.percent(50)]),
        Steps(testDescription: "{batches: 2}", canary: 1, batches: [2]),
        Steps(testDescription: "{canary: 0, batches: [1, 5]}", canary: 0, batches: [1, 5]),
        Steps(testDescription: "{canary: 10%, batches: [1, 5]}", canary: .percent(10), batches: [1, 5]),
    ])
    func stepsAreRead(_ steps: Steps) async throws {
        let (stage, mistakes) = try await read(steps.testDescription)
        #expect(mistakes == [])
        #expect(stage?.rollout.canary == steps.canary && stage?.rollout.batches == steps.batches)
    }

    @Test func limitsAndAnswersAreRead() async throws {
        let (stage, mistakes) = try await read(
            "{max_unavailable: 25%, progress_deadline: 10m, on_failure: rollback-batch, approval: canary}")
        #expect(mistakes == [])
        let policy = try #require(stage?.rollout)
        #expect(policy.maxUnavailable == .percent(25) && policy.progressDeadline == .seconds(600))
        #expect(policy.onFailure == .rollbackBatch && policy.approval == .canary)
    }

    @Test func everyMistakeIsToldAtOnce() async throws {
        let (_, mistakes) = try await read(
            "{batch: 1, batches: [2, x], max_unavailable: 0, progress_deadline: 1s, bake: 5s, on_failure: stopp, approval: all}",
            "    hooks: {before: no-such-program-anywhere, once: migrate, after: {command: 'true', run_on: moon}, befor: x}"
        )
        #expect(
            mistakes.map { String($0.prefix(60)) }.sorted() == [
                "6: a rollout has batch or batches, not both", "6: approval is one of canary, batch, end, but is 'all'",
                "6: batches must be a number of hosts or a percentage such as",
                "6: max_unavailable must be a number of hosts or a percentage",
                "6: on_failure is one of rollback, rollback-batch, stop, but ",
                "6: progress_deadline (1s) must be longer than bake (5s): no ",
                "7: run_on is one of controller, hosts, but is 'moon'",
                "7: the hook once has no way back: a rollout that fails would",
                "7: there is no command 'no-such-program-anywhere' on this ma", "7: unknown key 'befor' in hooks",
            ])
    }

    @Test(arguments: ["once: {command: m, undo: u}", "once: {command: m, compatible: true}"])
    func aMigrationWithAWayBackIsTaken(_ hook: String) async throws {
        let (stage, mistakes) = try await read("{}", "    hooks: {\(hook)}")
        #expect(mistakes == [])
        #expect(stage?.hooks?.once?.command == "m")
    }

    @Test(
        arguments: [
            (nil, nil, 10, 5), (nil, BatchSize.percent(20), 10, 8), (9, .percent(50), 10, 9), (2, .percent(20), 10, 8),
            (nil, 1, 1, 0), (nil, .percent(100), 3, 0), (0, 1, 4, 3),
        ] as [(Int?, BatchSize?, Int, Int)])
    func theStricterLimitHolds(_ c: (minimum: Int?, share: BatchSize?, total: Int, floor: Int)) {
        var policy = RolloutPolicy(minimumInService: c.minimum)
        policy.maxUnavailable = c.share
        #expect(policy.floor(of: c.total) == c.floor)
    }

    @Test func whatIsSaidSurvivesTheJournal() throws {
        var policy = RolloutPolicy(canary: .percent(10))
        policy.batches = [1, 5, .percent(25)]
        (policy.maxUnavailable, policy.progressDeadline) = (2, .seconds(600))
        (policy.onFailure, policy.approval) = (.stop, .end)
        #expect(try Coding.roundTrip(policy) == policy)
        let usual = String(decoding: try JSONEncoder().encode(RolloutPolicy()), as: UTF8.self)
        for key in ["batches", "maxUnavailable", "onFailure", "approval", "canaryShare"] {
            #expect(!usual.contains(key))
        }
    }

    @Test func whatPersonsSaySurvivesTheJournal() throws {
        let host = try HostName("ap1")
        let subject = RolloutRequest.Subject(
            RunRecord(id: RunID(1), kind: .rollout, stage: "s", holder: "me", startedAt: Timestamp(milliseconds: 5)))
        let error = RolloutError(.command, host: host, "no")
        let events: [RolloutEvent] = [
            .requested(RolloutRequest(.pause, of: subject, id: "1", by: "me", reason: "odd")),
            .held(RolloutHold(.paused, by: "me", reason: "odd", batches: 2)), .held(RolloutHold(.approval, batches: 1)),
            .overdue(.seconds(600)), .halted(RolloutHalt(setback: .hook(.once, error), takesBatchBack: true)),
            .turnedBack(.overdue(.seconds(600))), .intent(.hook(.once, host)), .done(.hook(.before, nil), note: "x"),
            .failed(.hook(.after, nil), error),
        ]
        for event in events { #expect(try Coding.roundTrip(event) == event) }
    }
}
