import Fleet
import Testing

/// Moments as programs read them.
@Suite struct TimestampTests {
    @Test(arguments: [
        (0, "1970-01-01T00:00:00.000Z"), (1_700_000_000_005, "2023-11-14T22:13:20.005Z"),
        (1_700_000_000_050, "2023-11-14T22:13:20.050Z"), (1_700_000_000_999, "2023-11-14T22:13:20.999Z"),
        (-1, "1969-12-31T23:59:59.999Z"),
    ])
    func areWrittenToTheMillisecond(_ milliseconds: Int64, _ text: String) {
        let moment = Timestamp(milliseconds: milliseconds)
        #expect(moment.precise == text)
        #expect(moment.description == text.prefix(19) + "Z")
    }
}
