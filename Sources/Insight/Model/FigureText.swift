import Foundation

/// Numbers as people read them.
public enum FigureText {
    /// `12 %`, `3.4 ms`, `6053 /s`, `128 MiB`: three digits that count, and no more than one after the point.
    public static func of(_ value: Double, _ unit: String = "") -> String {
        guard value.isFinite else { return value.isNaN ? "unknown" : value < 0 ? "-infinite" : "infinite" }
        if unit == "bytes" { return bytes(value) }
        return unit.isEmpty ? number(value) : "\(number(value)) \(unit)"
    }

    /// A number by itself.
    public static func number(_ value: Double) -> String {
        guard value.isFinite else { return value.isNaN ? "unknown" : "infinite" }
        let size = abs(value)
        // What would be 10.0 is 10.
        let digits = size >= 9.95 || size == size.rounded() ? 0 : size >= 0.1 || size == 0 ? 1 : size >= 0.01 ? 2 : 3
        let scale = pow(10, Double(digits))
        let rounded = (value * scale).rounded() / scale
        guard abs(rounded) < 1e15 else { return "\(rounded)" }
        return digits == 0 ? "\(Int64(rounded))" : "\(rounded)"
    }

    private static func bytes(_ value: Double) -> String {
        let units = ["bytes", "KiB", "MiB", "GiB", "TiB", "PiB"]
        var (size, place) = (value, 0)
        while abs(size) >= 1024, place + 1 < units.count { (size, place) = (size / 1024, place + 1) }
        return "\(number(size)) \(units[place])"
    }
}
