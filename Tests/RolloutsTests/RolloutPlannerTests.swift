import Fleet
import Foundation
import OrderedCollections
import Rollouts
import Testing

/// A rollout as a few lines for each step, compared with a file. `UPDATE_TRANSCRIPTS=1` rewrites the files.
enum RolloutTranscript {
    static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("Transcripts")

    static func expect(_ text: String, matches name: String) throws {
        let file = folder.appendingPathComponent(name + ".txt")
        if ProcessInfo.processInfo.environment["UPDATE_TRANSCRIPTS"] == "1" {
            try text.write(to: file, atomically: true, encoding: .utf8)
        }
        let expected = try String(contentsOf: file, encoding: .utf8)
        #expect(text == expected, "\(name) differs")
    }

    /// The steps of a rollout in which each round of actions is done in the planner's order before the next is asked for.
    static func of(_ plan: RolloutPlan, _ fleet: SimulatedFleet, interruptedAfter rounds: Int = .max) -> String {
        var fleet = fleet
        var state = RolloutState(plan)
        var lines: [String] = []
        var sequence: Int64 = 0
        func write(_ event: RolloutEvent) {
            sequence += 1
            state.apply(RolloutEntry(sequence: sequence, at: Timestamp(milliseconds: sequence), event: event))
        }
        write(.started(plan))
        for round in 0..<200 {
            if round == rounds {
                lines.append("-- the controller dies; another takes over")
                fleet.letTimersFire()
                write(.resumed)
            }
            let steps = RolloutPlanner.next(state)
            if steps.isEmpty { break }
            var words: [String] = []
            for step in steps {
                switch step {
                case .record(let event):
                    write(event)
                    words.append(decision(event))
                case .perform(let action):
                    write(.intent(action))
                    let event = fleet.perform(action, state)
                    write(event)
                    words.append(text(action) + outcome(event))
                }
            }
            lines.append(words.joined(separator: "; "))
        }
        let hosts = fleet.hosts.sorted { $0.key < $1.key }.map { name, host in
            "\(name)=\(host.release.map { String($0.description.prefix(1)) } ?? "-")\(host.isServing ? "" : " out")"
        }
        return (lines + ["-- " + hosts.joined(separator: ", ")]).joined(separator: "\n") + "\n"
    }

    private static func text(_ action: RolloutAction) -> String {
        let release = action.release.map { " " + $0.description.prefix(1) } ?? ""
        return [action.verb.rawValue, action.host?.description].compactMap { $0 }.joined(separator: " ") + release
    }

    private static func outcome(_ event: RolloutEvent) -> String {
        switch event {
        case .failed(_, let error): " (\(error.code))"
        case .sighted(_, let sighting):
            " (\(sighting.release.map { String($0.description.prefix(1)) } ?? "-")\(sighting.isServing ? "" : ", out"))"
        case .judged(_, let report): " (\(report.verdict.rawValue))"
        case .counted(let count): " (\(counted(count)))"
        default: ""
        }
    }

    private static func counted(_ count: Headcount) -> String {
        let out = count.out.isEmpty ? "all" : "without " + count.out.map(\.description).joined(separator: " ")
        return ([out] + count.faults.map { "\($0.host) \($0.code)" }).joined(separator: ", ")
    }

    private static func decision(_ event: RolloutEvent) -> String {
        switch event {
        case .batchOpened(let hosts, let isCanary):
            "[\(isCanary ? "canary" : "batch") \(hosts.map(\.description).joined(separator: " "))]"
        case .turnedBack(let reason): "[back: \(reason)]"
        case .finished(let outcome): "[\(outcome.rawValue)]"
        case .failed(let action, let error): "[\(text(action)): \(error.code)]"
        default: "[\(event.name)]"
        }
    }
}

/// One recorded rollout.
struct TranscriptCase: Sendable, CustomTestStringConvertible {
    let name: String
    var hosts = 4
    var policy = RolloutPolicy(canary: 1, batch: .percent(50))
    var kind = RolloutPlan.Kind.rollout
    var baseline: ReleaseID? = Builds.one.release
    var distrusted: BuildDigest?
    var interruptedAfter = Int.max
    let change: @Sendable (inout SimulatedFleet) throws -> Void

    var testDescription: String { name }

    static let all: [TranscriptCase] = [
        TranscriptCase(name: "canary-then-batches") { _ in },
        TranscriptCase(name: "no-canary", policy: RolloutPolicy(canary: 0, batch: .hosts(3))) { _ in },
        TranscriptCase(name: "one-host", hosts: 1) { _ in },
        TranscriptCase(name: "already-there") { fleet in
            for host in fleet.hosts.keys { fleet.hosts[host]?.release = Builds.two.release }
        },
        TranscriptCase(name: "canary-unhealthy") { $0.faulty = [Builds.two.release] },
        TranscriptCase(name: "gate-fails") { $0.objections[Builds.two.release] = .fail },
        TranscriptCase(name: "gate-has-too-little") { $0.objections[Builds.two.release] = .insufficient },
        TranscriptCase(name: "first-release-unhealthy", baseline: nil) { fleet in
            for host in fleet.hosts.keys { fleet.hosts[host] = .init(release: nil, isServing: false) }
            fleet.faulty = [Builds.two.release]
        },
        TranscriptCase(name: "unreachable-before-over-budget") { fleet in
            try fleet.hosts[HostName("ap2")]?.isReachable = false
            try fleet.hosts[HostName("ap2")]?.isServing = false
        },
        TranscriptCase(
            name: "unreachable-before-within-budget", policy: RolloutPolicy(canary: 1, batch: .percent(50), budget: 1)
        ) { fleet in
            try fleet.hosts[HostName("ap2")]?.isReachable = false
            try fleet.hosts[HostName("ap2")]?.isServing = false
        },
        TranscriptCase(
            name: "unreachable-during", policy: RolloutPolicy(canary: 1, batch: .percent(50), budget: 1)
        ) { try $0.vanishing[HostName("ap3")] = 16 },
        TranscriptCase(name: "too-few-in-service", hosts: 2, policy: RolloutPolicy(budget: 1)) { fleet in
            try fleet.hosts[HostName("ap2")]?.isReachable = false
            try fleet.hosts[HostName("ap2")]?.isServing = false
        },
        TranscriptCase(name: "one-of-two-out", hosts: 2) { fleet in
            try fleet.hosts[HostName("ap2")]?.isServing = false
        },
        TranscriptCase(name: "all-out") { fleet in
            for host in fleet.hosts.keys { fleet.hosts[host]?.isServing = false }
        },
        TranscriptCase(name: "no-room-on-a-later-host") { try $0.full = [HostName("ap3")] },
        TranscriptCase(name: "crash-loop-on-the-canary") { $0.crashing = [Builds.two.release] },
        TranscriptCase(
            name: "crash-loop-within-budget",
            policy: RolloutPolicy(canary: 0, batch: .percent(50), budget: 2)
        ) { $0.crashing = [Builds.two.release] },
        TranscriptCase(name: "first-release-fails-its-gate", hosts: 2, baseline: nil) { fleet in
            for host in fleet.hosts.keys { fleet.hosts[host] = .init(release: nil, isServing: false) }
            fleet.objections[Builds.two.release] = .fail
        },
        TranscriptCase(name: "first-release-crash-loops", hosts: 2, baseline: nil) { fleet in
            for host in fleet.hosts.keys { fleet.hosts[host] = .init(release: nil, isServing: false) }
            fleet.crashing = [Builds.two.release]
        },
        TranscriptCase(name: "bad-build-is-the-only-one-in-service", hosts: 2) { fleet in
            try fleet.vanishing[HostName("ap2")] = 9
            fleet.objections[Builds.two.release] = .fail
        },
        TranscriptCase(
            name: "confirmed-host-dies-over-budget",
            policy: RolloutPolicy(canary: 1, batch: .hosts(1), minimumInService: 3)
        ) { try $0.vanishing[HostName("ap1")] = 15 },
        TranscriptCase(
            name: "confirmed-host-dies-within-budget",
            policy: RolloutPolicy(canary: 1, batch: .hosts(1), budget: 1, minimumInService: 2)
        ) { try $0.vanishing[HostName("ap1")] = 15 },
        TranscriptCase(
            name: "confirmed-host-dies-at-the-floor",
            policy: RolloutPolicy(canary: 1, batch: .hosts(1), budget: 1, minimumInService: 3)
        ) { try $0.vanishing[HostName("ap1")] = 15 },
        TranscriptCase(name: "growing-batches", hosts: 9, policy: .growing) { _ in },
        TranscriptCase(name: "approval-after-the-canary", policy: .approved) { _ in },
        TranscriptCase(name: "failure-stops", policy: .answering(.stop)) { $0.faulty = [Builds.two.release] },
        TranscriptCase(name: "failure-takes-the-batch-back", policy: .answering(.rollbackBatch)) {
            $0.objections[Builds.two.release] = .fail
        },
        TranscriptCase(name: "balancers-vanish-for-a-while") { $0.silence = 12..<15 },
        TranscriptCase(name: "balancers-vanish-for-good") { $0.silence = 12..<1000 },
        TranscriptCase(name: "interrupted-then-resumed", interruptedAfter: 5) { _ in },
        TranscriptCase(name: "rollback-to-last-good", kind: .rollback) { fleet in
            for host in fleet.hosts.keys { fleet.hosts[host]?.release = Builds.three.release }
        },
        TranscriptCase(name: "rollback-of-a-distrusted-build", hosts: 2, kind: .rollback, distrusted: Builds.three) {
            fleet in
            for host in fleet.hosts.keys { fleet.hosts[host]?.release = Builds.three.release }
            try fleet.hosts[HostName("ap2")] = .init(
                release: Builds.three.release, isServing: false, isReachable: false)
        },
        TranscriptCase(name: "rollback-with-too-few-in-service", hosts: 2, kind: .rollback) { fleet in
            for host in fleet.hosts.keys { fleet.hosts[host]?.release = Builds.three.release }
            try fleet.hosts[HostName("ap2")] = .init(
                release: Builds.three.release, isServing: false, isReachable: false)
        },
        TranscriptCase(name: "rollback-is-unhealthy", kind: .rollback) { fleet in
            fleet.faulty = [Builds.two.release]
        },
        TranscriptCase(name: "convergence-of-a-new-host", hosts: 1, kind: .convergence) { fleet in
            try fleet.hosts[HostName("ap1")] = .init(release: nil, isServing: false)
        },
    ]
}

extension RolloutPolicy {
    fileprivate static var growing: Self {
        var policy = Self(canary: 1)
        (policy.batches, policy.maxUnavailable) = ([2, .percent(50)], .percent(25))
        return policy
    }

    fileprivate static var approved: Self {
        var policy = Self(canary: 1, batch: .percent(50))
        policy.approval = .canary
        return policy
    }

    fileprivate static func answering(_ response: FailureResponse) -> Self {
        var policy = Self(canary: 1, batch: .percent(50))
        policy.onFailure = response
        return policy
    }
}

@Suite struct RolloutPlannerTests {
    @Test(arguments: TranscriptCase.all)
    func stepsAreAsRecorded(_ recorded: TranscriptCase) throws {
        let names = try (1...recorded.hosts).map { try HostName("ap\($0)") }
        var fleet = SimulatedFleet()
        for name in names { fleet.hosts[name] = .init(release: Builds.one.release, isServing: true) }
        try recorded.change(&fleet)
        let plan = RolloutPlan(
            stage: "production", kind: recorded.kind, build: Builds.two, baseline: recorded.baseline, hosts: names,
            policy: recorded.policy, distrusted: recorded.distrusted?.release)
        let text = RolloutTranscript.of(plan, fleet, interruptedAfter: recorded.interruptedAfter)
        try RolloutTranscript.expect(text, matches: recorded.name)
    }
}
