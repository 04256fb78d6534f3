import Fleet
import Rollouts
import Testing

@testable import CLI

/// What `plan` and `apply` do to a pool, for programs and for people.
@Suite struct FleetAnswerTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let change: FleetChange, json: String, words: String
        var testDescription: String { change.kind.rawValue }
    }

    static let cases: [Case] = {
        guard let host = try? HostName("ap1"), let other = try? HostName("ap0"), let lb = try? HostName("lb1"),
            let one = ReleaseID("111111111111"), let two = ReleaseID("222222222222")
        else { return [] }
        return [
            Case(
                change: .remove(host), json: #"{"kind":"remove"}"#,
                words: "drain, then remove from the pool: no longer a member in the inventory"),
            Case(
                change: .retire(host, address: "10.0.0.1", units: ["shop.service"]),
                json: #"{"from":"10.0.0.1","kind":"retire","units":["shop.service"]}"#,
                words: "stop and disable shop.service on 10.0.0.1: no longer in the inventory"),
            Case(
                change: .establish(balancers: [lb]), json: #"{"balancers":["lb1"],"kind":"establish"}"#,
                words: "establish the pool on lb1"),
            Case(
                change: .rename(from: other, to: host), json: #"{"from":"ap0","kind":"rename","to":"ap1"}"#,
                words: "take over the pool's entry of ap0, which is the same machine"),
            Case(
                change: .start(host, units: ["a", "b"]), json: #"{"kind":"start","units":["a","b"]}"#,
                words: "start a, b"),
            Case(
                change: .deploy(host, two, running: one),
                json: #"{"from":"111111111111","kind":"deploy","to":"222222222222"}"#,
                words: "deploy release 222222222222 (runs 111111111111), then admit once healthy"),
            Case(
                change: .deploy(host, two, running: nil), json: #"{"kind":"deploy","to":"222222222222"}"#,
                words: "deploy release 222222222222 (runs none), then admit once healthy"),
            Case(change: .admit(host), json: #"{"kind":"admit"}"#, words: "admit to the pool once healthy"),
        ]
    }()

    @Test(arguments: cases)
    func programsGetWhatChangesAndPeopleASentence(_ c: Case) throws {
        var answer = FleetAnswer(kind: "change", planned: true)
        answer.change = FleetAnswer.Change(c.change)
        let line = #"{"change":\#(c.json),"event":"fleet","kind":"change","planned":true"#
        #expect(try EncodedJSON.line(answer) == line + #","schema":"drover.fleet/1","version":1}"#)
        #expect(c.change.words == c.words)
    }

    @Test func aLineNamesItsHostAndKind() throws {
        var line = FleetAnswer(kind: "admit", planned: true)
        line.host = try HostName("ap1")
        line.change = FleetAnswer.Change(.admit(try HostName("ap1")))
        #expect(
            try EncodedJSON.line(line)
                == #"{"change":{"kind":"admit"},"event":"fleet","host":"ap1","kind":"admit","planned":true,"#
                + #""schema":"drover.fleet/1","version":1}"#
        )
    }
}
