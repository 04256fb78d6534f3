import Glibc

/// Dates, through the C library.
enum Calendar {
    /// `2024-05-01 12:30:00`, with microseconds when there are some.
    static func text(_ moment: Moment) -> String {
        let whole = moment.seconds.rounded(.down)
        let micros = min(999_999, Int(((moment.seconds - whole) * 1_000_000).rounded()))
        let text = format("%Y-%m-%d %H:%M:%S", whole, utc: true)
        guard micros > 0 else { return text }
        let digits = String(micros)
        return text + "." + String(repeating: "0", count: 6 - digits.utf8.count) + digits
    }

    /// Formats seconds since 1970 as `strftime` does.
    static func format(_ pattern: String, _ seconds: Double, utc: Bool) -> String {
        guard !pattern.isEmpty, let whole = time_t(exactly: seconds.rounded(.down)) else { return "" }
        var time = whole
        var parts = tm()
        _ = utc ? gmtime_r(&time, &parts) : localtime_r(&time, &parts)
        var buffer = [CChar](repeating: 0, count: pattern.utf8.count * 16 + 256)
        let length = strftime(&buffer, buffer.count, pattern, &parts)
        return String(decoding: buffer[..<length].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// - Throws: `.filter` when no calendar of the C library's reaches `seconds`.
    static func check(_ seconds: Double) throws {
        var parts = tm()
        guard var time = time_t(exactly: seconds.rounded(.down)), gmtime_r(&time, &parts) != nil else {
            throw TemplateError.filter("timestamp out of range for platform time_t")
        }
    }

    /// Seconds that local time is ahead of UTC at `seconds`.
    static func offset(at seconds: Double) -> Double {
        guard var time = time_t(exactly: seconds.rounded(.down)) else { return 0 }
        var parts = tm()
        localtime_r(&time, &parts)
        return Double(parts.tm_gmtoff)
    }
}

extension Calendar {
    /// `2024-05-01T12:30:00`, as a date becomes when it leaves a template.
    static func iso(_ moment: Moment) -> String { text(moment).replacingScalars(of: " ", with: "T") }
}
