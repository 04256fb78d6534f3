import Fleet
import Glibc
import Values

/// Numbers.
extension Filters {
    static let numbers: [String: Plugin] = [
        "int": Plugin("default", "base") { try integer($0) },
        "float": Plugin("default") { call in
            switch call.subject {
            case .string(let text): NumberReading.floating(text).map(Object.double) ?? call[0] ?? .double(0)
            case .double: call.subject
            default: call.subject.number.map(Object.double) ?? call[0] ?? .double(0)
            }
        },
        "abs": Plugin { call in
            switch call.subject {
            case .double(let value): return .double(value.magnitude)
            default:
                guard let value = call.subject.integer else {
                    throw TemplateError.filter("bad operand type for abs(): '\(call.subject.typeName)'")
                }
                return value < 0 ? try Arithmetic.negative(.int(value)) : .int(value)
            }
        },
        "round": Plugin("precision", "method") { try rounded($0) },
        "log": Plugin("base") { call in
            let value = try number(call.subject, "log")
            let base = try call[0].map { try number($0, "log") } ?? M_E
            guard value > 0, base > 0 else { throw TemplateError.filter("math domain error") }
            return .double(base == 10 ? log10(value) : base == M_E ? log(value) : log(value) / log(base))
        },
        "pow": Plugin("y") { call in
            let (base, exponent) = (try number(call.subject, "pow"), try number(try call.required(0, "y"), "pow"))
            let power = Glibc.pow(base, exponent)
            guard !power.isNaN || base.isNaN || exponent.isNaN else { throw TemplateError.filter("math domain error") }
            guard power.isFinite || !base.isFinite || !exponent.isFinite else {
                throw TemplateError.filter(base == 0 ? "math domain error" : "math range error")
            }
            return .double(power)
        },
        "root": Plugin("base") { call in
            let base = try call[0].map { try number($0, "root") } ?? 2
            let value = try number(call.subject, "root")
            guard value >= 0 else { throw TemplateError.filter("root() can only be used on numbers that have one") }
            return .double(base == 2 ? value.squareRoot() : Glibc.pow(value, 1 / base))
        },
        "filesizeformat": Plugin("binary") { .string(try ByteText.fileSize(number($0.subject), binary: $0.flag(0))) },
        "human_readable": Plugin("isbits", "unit") { call in
            .string(
                try ByteText.readable(
                    number(call.subject, "human_readable"), bits: call.flag(0), unit: call.optionalText(1)))
        },
        "human_to_bytes": Plugin("default_unit", "isbits") { call in
            .int(try ByteText.bytes(call.subjectText(), unit: call.optionalText(0), bits: call.flag(1)))
        },
    ]

    private static func number(_ object: Object, _ name: String) throws -> Double {
        guard let value = object.number else { throw TemplateError.filter("\(name)() can only be used on numbers") }
        return value
    }

    private static func number(_ object: Object) throws -> Double {
        if case .string(let text) = object, let value = NumberReading.floating(text) { return value }
        return try number(object, "this filter")
    }

    private static func integer(_ call: PluginCall) throws -> Object {
        let fallback = call[0] ?? .int(0)
        let base = try call.integer(1, default: 10)
        switch call.subject {
        case .string(let text):
            if let value = NumberReading.whole(text, base: base) { return .int(value) }
            // Python holds what 64 bits can't.
            guard let value = NumberReading.floating(text), value.isFinite else { return fallback }
            return .int(try Extent.whole(value))
        case .double(let value):
            if value.isNaN { return fallback }
            guard value.isFinite else { throw TemplateError.filter("cannot convert float infinity to integer") }
            return .int(try Extent.whole(value))
        default: return call.subject.integer.map(Object.int) ?? fallback
        }
    }

    private static func rounded(_ call: PluginCall) throws -> Object {
        let precision = try call.integer(0, default: 0)
        let method = try call.text(1, default: "common")
        guard ["common", "ceil", "floor"].contains(method) else {
            throw TemplateError.filter("method must be common, ceil or floor")
        }
        let value = try number(call.subject, "round")
        if method == "common" {
            if let whole = call.subject.integer { return .int(try Rounding.rounded(whole, precision)) }
            return .double(Rounding.rounded(value, precision))
        }
        let factor = Glibc.pow(10, Double(precision))
        let scaled = value * factor
        // Beyond any digit that the number has.
        guard scaled.isFinite, factor > 0 else { return .double(value) }
        return .double((method == "ceil" ? scaled.rounded(.up) : scaled.rounded(.down)) / factor)
    }
}

/// Rounding as Python does it.
enum Rounding {
    /// Half to even, to a power of ten.
    /// - Throws: `.type` when the result leaves 64 bits.
    static func rounded(_ value: Int, _ precision: Int) throws -> Int {
        guard precision < 0 else { return value }
        guard precision >= -19 else { return 0 }
        let unit = (0..<(-precision)).reduce(Int128(1)) { unit, _ in unit * 10 }
        let (quotient, remainder) = Int128(value).quotientAndRemainder(dividingBy: unit)
        let twice = Int128(remainder.magnitude) * 2
        let isUp = twice > unit || (twice == unit && !quotient.isMultiple(of: 2))
        guard let rounded = Int(exactly: (quotient + (isUp ? Int128(value.signum()) : 0)) * unit) else {
            throw Extent.tooLarge
        }
        return rounded
    }

    /// Half to even, decided on the number's exact decimal digits.
    static func rounded(_ value: Double, _ precision: Int) -> Double {
        guard value.isFinite else { return value }
        if precision >= 0 { return Double(FormatSpec.printed("f", value, min(precision, 300))) ?? value }
        let factor = Glibc.pow(10, -Double(precision))
        guard factor.isFinite else { return value.sign == .minus ? -0.0 : 0 }
        return (value / factor).rounded(.toNearestOrEven) * factor
    }
}

/// Sizes for people.
enum ByteText {
    private static let units: [(name: String, size: Double)] = [
        ("Y", 0x1p80), ("Z", 0x1p70), ("E", 0x1p60), ("P", 0x1p50), ("T", 0x1p40), ("G", 0x1p30), ("M", 0x1p20),
        ("K", 0x1p10), ("B", 1),
    ]

    static func readable(_ size: Double, bits: Bool, unit: String?) throws -> String {
        let base = bits ? "bits" : "Bytes"
        for (name, limit) in units {
            if let unit {
                guard unit.uppercased() == name else { continue }
            } else if size < limit {
                continue
            }
            return FormatSpec.printed("f", size / limit, 2) + " " + (name == "B" ? base : name + (bits ? "b" : "B"))
        }
        return FormatSpec.printed("f", size, 2) + " " + base
    }

    private static let amount = PythonPattern(known: #"\s*(\d*\.?\d*)([A-Za-z]+)?\s*"#)

    static func bytes(_ text: String, unit: String?, bits: Bool) throws -> Int {
        let compact = text.stripped.replacingScalars(of: " ", with: "")
        let match = try Session.matching { () throws(InputError) in try amount.firstMatch(in: compact, .whole) }
        guard let match, let number = match[1].flatMap(Double.init) else {
            throw TemplateError.filter("human_to_bytes() can't interpret '\(text)'")
        }
        guard let name = match[2] ?? unit, let first = name.first else {
            return try Extent.whole(number.rounded(.toNearestOrEven))
        }
        guard let size = units.first(where: { $0.name == first.uppercased() })?.size, isUnit(name, bits: bits) else {
            throw TemplateError.filter("human_to_bytes() can't convert '\(text)': unknown unit '\(name)'")
        }
        return try Extent.whole((number * size).rounded(.toNearestOrEven))
    }

    private static func isUnit(_ name: String, bits: Bool) -> Bool {
        guard name.count > 1 else { return true }
        let rest = name.dropFirst()
        if name.first?.uppercased() == "B" {
            return name.lowercased() == (bits ? "bits" : "bytes") || name.lowercased() == (bits ? "bit" : "byte")
        }
        return rest == (bits ? "b" : "B") || rest.lowercased() == (bits ? "bit" : "byte")
            || rest.lowercased() == (bits ? "bits" : "bytes")
    }

    /// Jinja2's `filesizeformat`.
    static func fileSize(_ size: Double, binary: Bool) throws -> String {
        let base: Double = binary ? 1024 : 1000
        if size == 1 { return "1 Byte" }
        if size < base {
            guard size.isFinite else { throw TemplateError.filter("cannot convert float infinity to integer") }
            let whole = size.rounded(.towardZero)
            return (whole == 0 ? "0" : FormatSpec.printed("f", whole, 0)) + " Bytes"
        }
        let names =
            binary
            ? ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB", "ZiB", "YiB"]
            : ["kB", "MB", "GB", "TB", "PB", "EB", "ZB", "YB"]
        var unit = base
        for name in names {
            unit *= base
            if size < unit || name == names[7] { return FormatSpec.printed("f", base * size / unit, 1) + " " + name }
        }
        return ""
    }
}
