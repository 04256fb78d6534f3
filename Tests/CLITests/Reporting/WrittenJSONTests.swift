import TestSupport
import Testing

/// What holds the program's JSON against docs/json.schema.json finds what is not so.
@Suite struct WrittenJSONTests {
    private static let run =
        #""schema":"drover.run/1","run":7,"stage":"staging","kind":"rollout","holder":"me@vm:1","startedAt":"2026-11-30T10:36:44Z""#

    @Test func whatIsRightIsTaken() {
        #expect(WrittenJSON.mistakes(in: "[{\(Self.run)}, {\(Self.run)}]\n") == [])
        #expect(WrittenJSON.mistakes(in: "{\(Self.run)}\n{\(Self.run)}\n{\"sche", isCutOff: true) == [])
    }

    @Test(arguments: [
        (#""run":7"#, #""run":"7""#, "run is \"7\", no integer"), (#","stage":"staging""#, "", "stage is missing"),
        (#""run":7"#, #""run":7,"odd":1"#, "odd is in no schema"), ("44Z", "44", "startedAt is no time"),
        ("drover.run/1", "drover.run/9", "no known schema"),
    ])
    func whatIsWrongIsNamed(_ part: String, _ wrong: String, _ says: String) {
        let mistakes = WrittenJSON.mistakes(in: "{\(Self.run.replacing(part, with: wrong))}")
        #expect(mistakes.count == 1 && mistakes.first?.contains(says) == true, "\(mistakes)")
    }

    @Test func anEventHasTheFieldsOfItsKind() {
        let done = #"{"schema":"drover.rollout/1","version":1,"run":1,"sequence":2,"at":"2026-11-30T10:36:44.250Z","#
        #expect(WrittenJSON.mistakes(in: done + #""event":"resumed"}"#) == [])
        #expect(WrittenJSON.mistakes(in: done + #""event":"batch","hosts":["ap1"],"canary":true}"#) == [])
        #expect(WrittenJSON.mistakes(in: done + #""event":"batch","hosts":["ap1"]}"#).count == 1)
        #expect(WrittenJSON.mistakes(in: done + #""event":"resumed","canary":true}"#).count == 1)
        #expect(WrittenJSON.mistakes(in: done + #""event":"unheard"}"#).count == 1)
    }
}
