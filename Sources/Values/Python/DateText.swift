import Glibc

/// How far local time is from UTC at some moment.
public struct ZoneOffset: Hashable, Sendable {
    /// Seconds that local time is ahead of UTC.
    public var seconds: Int
    /// What the zone is called then: `CEST`.
    public var name: String

    /// `seconds` ahead of UTC, called `name`.
    public init(seconds: Int, name: String) {
        self.seconds = seconds
        self.name = name
    }

    /// No time ahead.
    public static let utc = ZoneOffset(seconds: 0, name: "UTC")
}

/// Dates as text, through the C library.
public enum DateText {
    /// `2024-05-01 12:30:00`, with microseconds when there are some.
    ///
    /// - Parameters:
    ///   - seconds: Since 1970, in the zone they are meant for.
    ///   - separator: What stands between date and time; `T` for Python's `isoformat()`.
    public static func text(_ seconds: Double, separator: String = " ") -> String {
        let whole = seconds.rounded(.down)
        let micros = min(999_999, Int(((seconds - whole) * 1_000_000).rounded()))
        let text = format("%Y-%m-%d\(separator)%H:%M:%S", whole)
        guard micros > 0 else { return text }
        let digits = String(micros)
        return text + "." + String(repeating: "0", count: 6 - digits.utf8.count) + digits
    }

    /// Seconds since 1970 as `strftime` formats them in a zone; nothing for what no calendar reaches.
    public static func format(_ pattern: String, _ seconds: Double, in zone: ZoneOffset = .utc) -> String {
        let local = seconds.rounded(.down) + Double(zone.seconds)
        guard !pattern.isEmpty, var time = time_t(exactly: local) else { return "" }
        var parts = tm()
        guard gmtime_r(&time, &parts) != nil else { return "" }
        parts.tm_gmtoff = zone.seconds
        var buffer = [CChar](repeating: 0, count: pattern.utf8.count * 16 + 256)
        let length = zone.name.withCString { name in
            parts.tm_zone = name
            return strftime(&buffer, buffer.count, pattern, &parts)
        }
        return String(decoding: buffer[..<length].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Whether a calendar of the C library's reaches `seconds` since 1970.
    public static func reaches(_ seconds: Double) -> Bool {
        var parts = tm()
        guard var time = time_t(exactly: seconds.rounded(.down)) else { return false }
        return gmtime_r(&time, &parts) != nil
    }
}
