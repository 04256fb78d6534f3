import Fleet
import Testing
import Values

@testable import CLI

@Suite struct MomentTextTests {
    /// 2026-12-01 00:30:00 in UTC, where clocks are two hours ahead.
    private let moments = MomentText(now: 1_796_085_000, zone: { _ in ZoneOffset(seconds: 7200, name: "EET") })

    @Test(arguments: [
        ("now", Int64(1_796_085_000)), ("10m", 1_796_084_400), ("2h", 1_796_077_800),
        // Today began here two hours before it did in UTC.
        ("00:00", 1_796_076_000), ("02:30:15", 1_796_085_015), ("2026-12-01", 1_796_076_000),
        ("2026-12-01T01:00", 1_796_079_600), ("2026-12-01 01:00:30", 1_796_079_630),
        ("2026-12-01T01:00:00Z", 1_796_086_800), ("1970-01-02T00:00Z", 86_400),
    ])
    func isRead(_ text: String, _ seconds: Int64) throws {
        #expect(try moments.seconds(text, of: "--from") == seconds)
    }

    @Test(arguments: [
        "", "x", "25:00", "10", "10:60", "2026-13-01", "2026-02-30", "2026-12-01T", "-5m", "10:00Z", "9999999999999h",
    ])
    func isRefusedWithWhatIsTaken(_ text: String) {
        #expect { try moments.seconds(text, of: "--from") } throws: { error in
            guard let error = error as? InputError else { return false }
            return error.message.contains("--from '\(text)'") && error.hints.first?.contains("10:30") == true
        }
    }

    @Test func clocksAreThisMachines() {
        #expect(moments.clock(1_796_085_000) == "02:30:00")
        #expect(moments.date(1_796_085_000) == "2026-12-01")
    }
}
