extension Duration {
    /// Reads `500ms`, `30s`, `5m` or `1h`; `nil` for anything else.
    public init?(written text: String) {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        guard let count = Int(digits), digits.count < 10 else { return nil }
        switch text.dropFirst(digits.count) {
        case "ms": self = .milliseconds(count)
        case "s": self = .seconds(count)
        case "m": self = .seconds(count * 60)
        case "h": self = .seconds(count * 3600)
        default: return nil
        }
    }

    /// As ``init(written:)`` reads it: `90s`, `2h`.
    public var written: String {
        let milliseconds = wholeMilliseconds
        guard milliseconds % 1000 == 0, milliseconds > 0 else { return milliseconds == 0 ? "0s" : "\(milliseconds)ms" }
        let seconds = milliseconds / 1000
        if seconds % 3600 == 0 { return "\(seconds / 3600)h" }
        return seconds % 60 == 0 ? "\(seconds / 60)m" : "\(seconds)s"
    }

    /// In seconds and tenths of them, what is left over cut off: `12.3s`.
    public var inSeconds: String {
        let tenths = wholeMilliseconds / 100
        return "\(tenths / 10).\(tenths % 10)s"
    }
}
