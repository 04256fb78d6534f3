extension Int {
    /// So many of a thing, in words: `1.of("host")` is "1 host", `2.of("host")` "2 hosts".
    public func of(_ one: String, _ many: String? = nil) -> String {
        self == 1 ? "1 \(one)" : "\(self) \(many ?? one + "s")"
    }
}
