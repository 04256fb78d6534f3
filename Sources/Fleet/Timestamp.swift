/// A moment of the calendar, in milliseconds since 1970 (UTC). Whoever writes a record reads the clock and passes it.
public struct Timestamp: Hashable, Sendable, Comparable, Codable, CustomStringConvertible {
    /// Milliseconds since 1970-01-01T00:00:00Z.
    public let milliseconds: Int64

    /// The moment `milliseconds` after the beginning of 1970.
    public init(milliseconds: Int64) { self.milliseconds = milliseconds }

    /// Decodes a whole number of milliseconds.
    public init(from decoder: any Decoder) throws {
        milliseconds = try decoder.singleValueContainer().decode(Int64.self)
    }

    /// Encodes a whole number of milliseconds.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(milliseconds)
    }

    /// Orders by time.
    public static func < (left: Self, right: Self) -> Bool { left.milliseconds < right.milliseconds }

    /// The moment `duration` later, in whole milliseconds; the last or first one there is, where that is too far.
    public static func + (moment: Self, duration: Duration) -> Self {
        let (sum, isTooFar) = moment.milliseconds.addingReportingOverflow(duration.wholeMilliseconds)
        return Self(milliseconds: isTooFar ? (moment.milliseconds < 0 ? .min : .max) : sum)
    }

    /// The time from `earlier` to `later`; the longest there is in milliseconds, where it is longer.
    public static func - (later: Self, earlier: Self) -> Duration {
        let (time, isTooLong) = later.milliseconds.subtractingReportingOverflow(earlier.milliseconds)
        return .milliseconds(isTooLong ? (later.milliseconds < 0 ? .min : .max) : time)
    }

    /// As ISO 8601 writes it in UTC, to the second: `2026-11-21T10:36:44Z`.
    public var description: String { text(fraction: "") }

    /// As ISO 8601 writes it in UTC, to the millisecond: `2026-11-21T10:36:44.250Z`.
    public var precise: String {
        let remainder = milliseconds % 1000
        let rest = remainder < 0 ? remainder + 1000 : remainder
        return text(fraction: "." + (rest < 100 ? "0" : "") + Self.padded(rest))
    }

    private func text(fraction: String) -> String {
        let seconds = Self.floorDivide(milliseconds, 1000)
        let days = Self.floorDivide(seconds, 86400)
        let ofDay = seconds - days * 86400
        let (year, month, day) = Self.civil(days)
        let date = "\(Self.year(year))-\(Self.padded(month))-\(Self.padded(day))"
        let time = "\(Self.padded(ofDay / 3600)):\(Self.padded(ofDay / 60 % 60)):\(Self.padded(ofDay % 60))"
        return "\(date)T\(time)\(fraction)Z"
    }

    /// Year, month and day of a number of days since 1970, by Hinnant's `civil_from_days`: years begin in March, so that
    /// the leap day is a year's last.
    private static func civil(_ days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let shifted = days + 719_468
        let era = floorDivide(shifted, 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
    }

    private static func floorDivide(_ number: Int64, _ divisor: Int64) -> Int64 {
        let (quotient, rest) = number.quotientAndRemainder(dividingBy: divisor)
        return rest < 0 ? quotient - 1 : quotient
    }

    /// With four digits at least, as ISO 8601 wants it.
    private static func year(_ number: Int64) -> String {
        let digits = String(number.magnitude)
        return (number < 0 ? "-" : "") + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }

    private static func padded(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
}

extension Duration {
    /// Milliseconds, what is left over cut off; the most or fewest there are when it is more or fewer.
    public var wholeMilliseconds: Int64 {
        // `components` can't hold what is beyond these.
        if self >= .milliseconds(Int64.max) { return .max }
        if self <= .milliseconds(Int64.min) { return .min }
        return components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000
    }
}
