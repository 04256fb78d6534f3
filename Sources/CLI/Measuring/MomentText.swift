import Fleet
import Foundation
import Playbooks
import Values

/// A moment as somebody types it: how long ago (`10m`, `2h`), a time of today as `sar -s` takes it (`10:30`, `10:30:15`),
/// or whole (`2026-12-01T10:30`, `2026-12-01 10:30:15`, with `Z` for UTC). Without a zone it is this machine's time.
struct MomentText: Sendable {
    /// Seconds since 1970.
    let now: Int64
    /// How far local time is from UTC at some moment.
    let zone: @Sendable (Double) -> ZoneOffset

    init(now: Int64, zone: @escaping @Sendable (Double) -> ZoneOffset) { (self.now, self.zone) = (now, zone) }

    /// Seconds since 1970.
    /// - Throws: ``InputError`` for what is no moment.
    func seconds(_ text: String, of flag: String) throws(InputError) -> Int64 {
        if text == "now" { return now }
        if let ago = Duration(written: text) { return now - ago.wholeMilliseconds / 1000 }
        if let clock = Self.clock(text) { return midnight + clock }
        let parts = text.split(omittingEmptySubsequences: false, whereSeparator: { $0 == "T" || $0 == " " }).map(
            String.init)
        let day = parts.first.flatMap(Self.day)
        if let day, parts.count == 1 { return local(day) }
        if let day, parts.count == 2 {
            if parts[1].hasSuffix("Z"), let clock = Self.clock(String(parts[1].dropLast())) { return day + clock }
            if let clock = Self.clock(parts[1]) { return local(day + clock) }
        }
        throw InputError(
            "\(flag) '\(text)' is no moment",
            hints: ["how long ago (30m, 2h), a time of today (10:30), or a whole one: 2026-12-01T10:30"])
    }

    /// When today began here.
    private var midnight: Int64 {
        let offset = Int64(zone(Double(now)).seconds)
        return (now + offset) / 86400 * 86400 - offset
    }

    /// Seconds since 1970 of what a clock here showed so many seconds after 1970 began.
    private func local(_ seconds: Int64) -> Int64 { seconds - Int64(zone(Double(seconds)).seconds) }

    /// Seconds of a day: `10:30`, `10:30:15`.
    private static func clock(_ text: String) -> Int64? {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false).map { Int64($0) }
        guard (2...3).contains(parts.count), let hour = parts[0], let minute = parts[1],
            (0...23).contains(hour), (0...59).contains(minute)
        else { return nil }
        guard parts.count == 3 else { return hour * 3600 + minute * 60 }
        guard let second = parts[2], (0...59).contains(second) else { return nil }
        return hour * 3600 + minute * 60 + second
    }

    /// Seconds from 1970 to a day in UTC: `2026-12-01`.
    private static func day(_ text: String) -> Int64? {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false).map { Int32($0) }
        guard parts.count == 3, let year = parts[0], let month = parts[1], let day = parts[2],
            (1970...9999).contains(year), (1...12).contains(month), (1...31).contains(day)
        else { return nil }
        var fields = tm()
        (fields.tm_year, fields.tm_mon, fields.tm_mday) = (year - 1900, month - 1, day)
        let seconds = timegm(&fields)
        // The calendar has moved a day that the month does not have.
        return fields.tm_mday == day ? Int64(seconds) : nil
    }
}

extension MomentText {
    /// By this machine's clock.
    static var here: Self {
        Self(now: Int64(Date().timeIntervalSince1970), zone: { ZoneOffset.ofMachine(at: $0) })
    }

    /// What a clock here shows at a moment: `10:30:15`.
    func clock(_ seconds: Int64) -> String { DateText.format("%H:%M:%S", Double(seconds), in: zone(Double(seconds))) }

    /// The day here: `2026-12-01`.
    func date(_ seconds: Int64) -> String { DateText.format("%Y-%m-%d", Double(seconds), in: zone(Double(seconds))) }
}
