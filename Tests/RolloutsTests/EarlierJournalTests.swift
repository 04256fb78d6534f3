import Fleet
import Foundation
import OrderedCollections
import Rollouts
import Testing

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
        #expect(state.isGoingBack)
        #expect(state.hosts[try HostName("ap1")]?.current == Builds.two.release)
        #expect(
            Set(RolloutPlanner.next(state)) == [
                .perform(.observe(try HostName("ap1"))), .perform(.observe(try HostName("ap2"))),
            ])
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
