extension Unicode.Scalar {
    /// Whether it is white space to Python (`str.isspace`): Unicode's, and the four separators of ASCII.
    public var isPythonSpace: Bool {
        value < 0x80 ? value == 0x20 || 0x09...0x0D ~= value || 0x1C...0x1F ~= value : properties.isWhitespace
    }
}

extension StringProtocol {
    /// Without white space at both ends, as Python's `strip()`.
    public var stripped: String {
        let scalars = unicodeScalars
        guard let start = scalars.firstIndex(where: { !$0.isPythonSpace }) else { return "" }
        var end = scalars.endIndex
        while scalars[scalars.index(before: end)].isPythonSpace { end = scalars.index(before: end) }
        return String(self[start..<end])
    }
}
