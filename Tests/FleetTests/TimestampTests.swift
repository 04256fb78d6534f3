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

    /// As Python's `datetime.isoformat(timespec="milliseconds")` writes them.
    @Test(arguments: [
        (-62_135_596_800_000, "0001-01-01T00:00:00.000Z"), (-30_610_224_000_001, "0999-12-31T23:59:59.999Z"),
        (-12_219_292_799_999, "1582-10-15T00:00:00.001Z"), (-11_670_955_200_000, "1600-02-29T12:00:00.000Z"),
        (-2_203_891_200_001, "1900-02-28T23:59:59.999Z"), (-2_203_891_200_000, "1900-03-01T00:00:00.000Z"),
        (951_786_123_004, "2000-02-29T01:02:03.004Z"), (978_307_199_999, "2000-12-31T23:59:59.999Z"),
        (1_709_164_800_000, "2024-02-29T00:00:00.000Z"), (2_147_483_648_000, "2038-01-19T03:14:08.000Z"),
        (4_107_542_399_000, "2100-02-28T23:59:59.000Z"), (4_107_542_400_000, "2100-03-01T00:00:00.000Z"),
        (253_402_300_799_999, "9999-12-31T23:59:59.999Z"),
    ])
    func theCalendarIsGregorianWithoutEnd(_ milliseconds: Int64, _ text: String) {
        #expect(Timestamp(milliseconds: milliseconds).precise == text)
    }

    @Test func theFirstAndTheLastMomentHaveTextToo() {
        #expect(Timestamp(milliseconds: .max).precise == "292278994-08-17T07:12:55.807Z")
        #expect(Timestamp(milliseconds: .min).precise == "-292275055-05-16T16:47:04.192Z")
    }

    @Test(arguments: [
        (0, Duration.seconds(90), 90_000), (5, .milliseconds(-5), 0), (0, .nanoseconds(1_999_999), 1),
        (Int64.max - 1, .seconds(1), Int64.max), (Int64.min + 1, .seconds(-1), Int64.min),
        (1, .seconds(Int64.max), Int64.max), (-1, .seconds(Int64.min), Int64.min),
    ])
    func addingStopsAtTheLastMoment(_ start: Int64, _ time: Duration, _ end: Int64) {
        #expect((Timestamp(milliseconds: start) + time).milliseconds == end)
    }

    @Test(arguments: [
        (10, 4, Duration.milliseconds(6)), (4, 10, .milliseconds(-6)), (Int64.max, -1, .milliseconds(Int64.max)),
        (Int64.min, 1, .milliseconds(Int64.min)),
    ])
    func theTimeBetweenIsAtMostWhatThereIs(_ later: Int64, _ earlier: Int64, _ time: Duration) {
        #expect(Timestamp(milliseconds: later) - Timestamp(milliseconds: earlier) == time)
    }

    @Test func orderIsThatOfTime() {
        #expect(Timestamp(milliseconds: -1) < Timestamp(milliseconds: 0))
        #expect(!(Timestamp(milliseconds: 0) < Timestamp(milliseconds: 0)))
    }
}
