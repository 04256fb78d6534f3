import Fleet
import Rollouts
import Testing

@testable import CLI

/// How hosts are said to be left by a rollout that ends in the middle.
@Suite struct RolloutWordsTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        let events: @Sendable (HostName, ReleaseID) -> [RolloutEvent]
        let words: [String]
        var testDescription: String { name }
    }

    private static func way(_ host: HostName, _ release: ReleaseID) -> [RolloutEvent] {
        [
            .intent(.deliver(host, release)), .done(.deliver(host, release), note: nil), .intent(.drain(host)),
            .done(.drain(host), note: nil), .intent(.activate(host, release)),
            .done(.activate(host, release), note: nil),
            .intent(.check(host, release)), .done(.check(host, release), note: nil), .intent(.admit(host)),
            .done(.admit(host), note: nil), .intent(.confirm(host, release)), .done(.confirm(host, release), note: nil),
        ]
    }

    static let timer = "; goes back by itself unless it is confirmed"
    static let cases = [
        Case(name: "nothing begun", events: { _, _ in [] }, words: []),
        Case(name: "being brought the build", events: { Array(way($0, $1).prefix(1)) }, words: []),
        Case(
            name: "being drained", events: { Array(way($0, $1).prefix(3)) },
            words: ["ap1: runs 111111111111, out of rotation, drain begun and not known to be done"]),
        Case(
            name: "drained", events: { Array(way($0, $1).prefix(4)) },
            words: ["ap1: runs 111111111111, out of rotation"]),
        Case(
            name: "being switched", events: { Array(way($0, $1).prefix(5)) },
            words: ["ap1: may run either release, out of rotation, activate begun and not known to be done\(timer)"]),
        Case(
            name: "switched", events: { Array(way($0, $1).prefix(6)) },
            words: ["ap1: runs 222222222222, out of rotation\(timer)"]),
        Case(
            name: "being admitted", events: { Array(way($0, $1).prefix(9)) },
            words: ["ap1: runs 222222222222, perhaps in service, admit begun and not known to be done\(timer)"]),
        Case(
            name: "watched", events: { Array(way($0, $1).prefix(10)) },
            words: ["ap1: runs 222222222222, in service\(timer)"]),
        Case(name: "confirmed", events: { way($0, $1) }, words: []),
    ]

    @Test(arguments: cases)
    func aHostInHandIsToldAsItWasLeft(_ c: Case) throws {
        let hosts = [try HostName("ap1"), try HostName("ap2")]
        let build = try BuildDigest(String(repeating: "2", count: 64))
        let before = try #require(ReleaseID("111111111111"))
        let plan = RolloutPlan(stage: "production", build: build, baseline: before, hosts: hosts)
        var state = RolloutState(plan)
        let sightings = hosts.map { RolloutEvent.sighted($0, Observation(release: before, isServing: true)) }
        let events =
            [.started(plan)] + sightings + [.batchOpened(hosts, isCanary: false)] + c.events(hosts[0], build.release)
        for (index, event) in events.enumerated() {
            state.apply(RolloutEntry(sequence: Int64(index + 1), at: Timestamp(milliseconds: 1), event: event))
        }
        #expect(RolloutWords.left(state) == c.words)
    }

    @Test(arguments: [
        (RolloutOutcome.succeeded, "done: production runs build 222222222222"),
        (.rolledBack, "gone back in 3.0s: production is rid of build 222222222222: gate errors failed: 5 of 100"),
        (.rollbackFailed, "going back failed on some host"), (.failed, "ended before any host was changed"),
    ])
    func theLastLineNamesTheBuild(_ outcome: RolloutOutcome, _ words: String) throws {
        let build = try BuildDigest(String(repeating: "2", count: 64))
        let plan = RolloutPlan(stage: "production", build: build, baseline: nil, hosts: [try HostName("ap1")])
        let finding = GateReport.Finding(gate: "errors", verdict: .fail, reason: "5 of 100")
        let back = outcome == .rolledBack ? [RolloutEvent.turnedBack(.gate(finding))] : []
        var told = RolloutTold()
        for (index, event) in ([.started(plan)] + back + [.finished(outcome)]).enumerated() {
            let at = Timestamp(milliseconds: Int64(index) * 3000)
            told.note(RolloutEntry(sequence: Int64(index + 1), at: at, event: event))
        }
        #expect(RolloutWords.text(.finished(outcome), took: nil, after: told) == words)
    }
}
