import Fleet
import Foundation
import OrderedCollections
import Testing

@testable import Rollouts

/// Entries as earlier versions wrote them can still be read, and a rollout goes on from them.
@Suite struct EarlierJournalTests {
    private static let digest = String(repeating: "2", count: 64)
    private static let policy =
        #"{"batch":"50%","bake":2,"budget":0,"canary":1,"confirm":120,"drain":20,"health":15}"#
    static let lines = [
        #"{"event":"started","plan":{"baseline":"111111111111","build":"\#(digest)","hosts":["ap1","ap2"],"kind":"promotion","policy":\#(policy),"stage":"production"}}"#,
        #"{"action":"observe","event":"intent","host":"ap1"}"#,
        #"{"event":"sighted","host":"ap1","sighting":{"isServing":true,"release":"111111111111"}}"#,
        #"{"event":"sighted","host":"ap2","sighting":{"isServing":true,"release":"111111111111"}}"#,
        #"{"canary":true,"event":"batch","hosts":["ap1"]}"#,
        #"{"action":"stage","event":"done","host":"ap1","note":"already there","release":"222222222222"}"#,
        #"{"action":"drain","event":"intent","host":"ap1"}"#,
        #"{"action":"drain","event":"done","host":"ap1"}"#,
        #"{"action":"activate","event":"done","host":"ap1","release":"222222222222"}"#,
        #"{"action":"check","event":"done","host":"ap1","note":"200 OK","release":"222222222222"}"#,
        #"{"action":"admit","event":"done","host":"ap1"}"#,
        #"{"batch":0,"event":"judged","report":{"findings":[{"gate":"GET /","reason":"200","verdict":"pass"}]}}"#,
        #"{"action":"confirm","event":"done","host":"ap1","release":"222222222222"}"#,
        #"{"action":"stage","event":"failed","fault":{"detail":[],"hints":[],"host":"ap2","kind":"unreachable","message":"gone"},"host":"ap2","release":"222222222222"}"#,
        #"{"event":"turnedBack","reason":"1 host failed, the budget is 0: ap2: gone"}"#,
        #"{"event":"resumed"}"#,
    ]

    private func entries() throws -> [RolloutEntry] {
        try Self.lines.enumerated().map { index, line in
            RolloutEntry(
                sequence: Int64(index + 1), at: Timestamp(milliseconds: 1),
                event: try JSONDecoder().decode(RolloutEvent.self, from: Data(line.utf8)))
        }
    }

    @Test func theyAreReadAndGoneOnFrom() throws {
        let state = try #require(RolloutState(replaying: try entries()))
        #expect(state.direction == .back(.told("1 host failed, the budget is 0: ap2: gone")))
        #expect(state.hosts[try HostName("ap1")]?.current == Builds.two.release)
        #expect(
            Set(RolloutPlanner.next(state)) == [
                .perform(.observe(try HostName("ap1"))), .perform(.observe(try HostName("ap2"))),
            ])
    }

    /// What a later version may write where this one knows a few words only.
    @Test func wordsOfLaterVersionsAreKept() throws {
        let lines = [
            #"{"cause":{"kind":"moonrise"},"event":"turnedBack","reason":"the moon rose"}"#,
            #"{"action":"drain","event":"failed","fault":{"detail":[],"hints":[],"host":"ap2","kind":"eclipse","message":"dark"},"host":"ap2"}"#,
        ]
        let events = try lines.map { try JSONDecoder().decode(RolloutEvent.self, from: Data($0.utf8)) }
        #expect(events[0] == .turnedBack(.told("the moon rose")))
        guard case .failed(_, let error) = events[1] else { return #expect(Bool(false), "\(events[1])") }
        #expect(error.code.description == "eclipse")
        for event in events { #expect(try Coding.roundTrip(event) == event) }
    }

    /// The names in the journal, by which programs and older versions read it.
    @Test func whatIsWrittenHasTheNamesOfEarlierVersions() throws {
        let host = try HostName("ap1")
        let events: [(RolloutEvent, String)] = [
            (
                .intent(.deliver(host, Builds.two.release)),
                #"{"action":"stage","event":"intent","host":"ap1","release":"222222222222"}"#
            ),
            (
                .failed(.drain(host), RolloutError(.balancer, host: host, "no")),
                #"{"action":"drain","event":"failed","fault":{"detail":[],"hints":[],"host":"ap1","kind":"balancer","message":"no"},"host":"ap1"}"#
            ),
            (
                .turnedBack(.noHostLeft),
                #"{"cause":{"kind":"noHostLeft"},"event":"turnedBack","reason":"no host is left"}"#
            ),
        ]
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        for (event, line) in events { #expect(String(decoding: try encoder.encode(event), as: UTF8.self) == line) }
    }

    static let setbacks: [Setback] = {
        guard let host = try? HostName("ap1") else { return [] }
        let error = RolloutError(.unhealthy, host: host, "500", detail: ["a line"], isServing: true)
        return [
            .canary(error), .budget(failed: 2, budget: 1, error), .balancer(error), .noHostLeft, .asked(by: "me"),
            .told("so"), .overdue(.seconds(600)), .hook(.once, error),
            .gate(.init(gate: "GET /", verdict: .insufficient, reason: "2 requests")),
            .shortage(Shortage(serving: 1, total: 3, floor: 2, out: [.init(host: host, message: nil)])),
        ]
    }()

    @Test(arguments: setbacks)
    func everySetbackSurvivesItsJournal(_ setback: Setback) throws {
        #expect(try Coding.roundTrip(RolloutEvent.turnedBack(setback)) == .turnedBack(setback))
    }

    @Test(arguments: ["1e300", "-5", "1e-320", "999999999999999"])
    func timesThatNoClockKnowsAreBounded(seconds: String) throws {
        let text = Self.policy.replacing(#""bake":2"#, with: #""bake":\#(seconds)"#)
        let policy = try JSONDecoder().decode(RolloutPolicy.self, from: Data(text.utf8))
        #expect(policy.bake >= .zero && policy.bake <= .seconds(315_360_000))
        #expect(policy.patienceForConfirmation(hosts: 10_000_000) <= .seconds(315_360_000))
    }

    @Test func timesOfAnySizeAddUpWithoutEndingTheProgram() {
        let policy = RolloutPolicy(
            batch: .percent(100), drain: .seconds(Int64.max), health: .seconds(Int64.max), bake: .seconds(Int64.max),
            confirm: .seconds(Int64.max))
        #expect(policy.patienceForConfirmation(hosts: Int.max) == .seconds(315_360_000))
        #expect(policy.batch.count(of: Int.max) == Int.max / 100 * 100 + Int.max % 100)
    }
}
