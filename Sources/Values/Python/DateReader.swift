import Glibc

/// Reads dates as Python's `strptime` does.
public struct DateReader {
    private var rest: Substring.UnicodeScalarView
    private var parts = tm()
    private var micros = 0
    /// Whether the day is one of the year, and not of a month.
    private var countsDays = false
    private var isAfternoon: Bool?

    /// The date in `text`, all of which must match `pattern`, in seconds since 1970 in the zone it is meant for; `nil`
    /// when it does not match.
    public static func seconds(_ text: String, _ pattern: String) -> Double? {
        var reader = DateReader(text)
        return reader.read(pattern) && reader.rest.isEmpty && reader.isDate ? reader.seconds : nil
    }

    private init(_ text: String) {
        rest = text.unicodeScalars[...]
        parts.tm_mday = 1
    }

    private var seconds: Double {
        var parts = parts
        if let isAfternoon { parts.tm_hour = parts.tm_hour % 12 + (isAfternoon ? 12 : 0) }
        return Double(timegm(&parts) * 1_000_000 + micros) / 1_000_000
    }

    /// Whether the month has the day, and the minute the second: a leap second can be read, but no date has one.
    private var isDate: Bool {
        guard parts.tm_sec < 60 else { return false }
        if countsDays { return true }
        var given = parts
        _ = timegm(&given)
        return given.tm_mday == parts.tm_mday
    }

    private mutating func read(_ pattern: String) -> Bool {
        var pattern = pattern.unicodeScalars[...]
        while let scalar = pattern.popFirst() {
            if scalar == "%", let field = pattern.popFirst() {
                guard read(field: field) else { return false }
            } else if scalar.isPythonSpace {
                guard rest.first?.isPythonSpace == true else { return false }
                rest = rest.drop { $0.isPythonSpace }
                pattern = pattern.drop { $0.isPythonSpace }
            } else {
                guard rest.popFirst() == scalar else { return false }
            }
        }
        return true
    }

    private mutating func number(_ digits: Int, _ range: ClosedRange<Int>, exactly isExact: Bool = false) -> Int32? {
        let text = rest.prefix(digits).prefix { ("0"..."9").contains($0) }
        guard !isExact || text.count == digits, let value = Int(String(text)), range.contains(value) else {
            return nil
        }
        rest = rest.dropFirst(text.count)
        return Int32(value)
    }

    private mutating func store(_ value: Int32?, _ path: WritableKeyPath<tm, Int32>, _ shift: Int32 = 0) -> Bool {
        guard let value else { return false }
        parts[keyPath: path] = value + shift
        return true
    }

    private mutating func read(field: Unicode.Scalar) -> Bool {
        switch field {
        case "Y": return store(number(4, 1...9999, exactly: true), \.tm_year, -1900)
        case "y":
            guard let year = number(2, 0...99) else { return false }
            return store(year < 69 ? year + 100 : year, \.tm_year)
        case "m": return store(number(2, 1...12), \.tm_mon, -1)
        case "d": return store(number(2, 1...31), \.tm_mday)
        case "H": return store(number(2, 0...23), \.tm_hour)
        case "I": return store(number(2, 1...12), \.tm_hour)
        case "M": return store(number(2, 0...59), \.tm_min)
        case "S": return store(number(2, 0...61), \.tm_sec)
        case "j":
            parts.tm_mon = 0
            countsDays = true
            return store(number(3, 1...366), \.tm_mday)
        case "f":
            let digits = rest.prefix(6).prefix { ("0"..."9").contains($0) }
            let padded = String(digits) + String(repeating: "0", count: 6 - digits.count)
            guard let value = Int(padded), !digits.isEmpty else { return false }
            micros = value
            rest = rest.dropFirst(digits.count)
            return true
        case "b", "B", "h": return store(name(Self.months), \.tm_mon)
        case "a", "A": return name(Self.days) != nil
        case "p":
            guard let half = name(["am", "pm"]) else { return false }
            isAfternoon = half == 1
            return true
        case "T": return read("%H:%M:%S")
        case "D": return read("%m/%d/%y")
        case "F": return read("%Y-%m-%d")
        case "%": return rest.popFirst() == "%"
        default: return false
        }
    }

    private static let months = [
        "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
        "december",
    ]
    private static let days = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]

    /// The place of the name that stands here, whole or by its first three letters.
    private mutating func name(_ names: [String]) -> Int32? {
        let text = String(rest).lowercased()
        for (index, name) in names.enumerated() {
            for form in [name, String(name.prefix(3))] where text.hasPrefix(form) {
                rest = rest.dropFirst(form.unicodeScalars.count)
                return Int32(index)
            }
        }
        return nil
    }
}
