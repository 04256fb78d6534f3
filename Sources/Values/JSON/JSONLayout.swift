/// How JSON is laid out: the parameters of Python's `json.dumps`, with its defaults.
public struct JSONLayout: Hashable, Sendable {
    /// What an element's line begins with, once for each level; `nil` writes all on one line.
    public var indent: String?
    /// Whether keys are written in order instead of as they stand.
    public var sortsKeys: Bool
    /// Whether characters beyond ASCII are written as `\u` escapes.
    public var ensuresASCII: Bool
    /// What stands between elements.
    public var itemSeparator: String
    /// What stands between a key and its value.
    public var keySeparator: String

    /// Python's layout, one line of ASCII, but for what is given.
    public init(
        indent: String? = nil, sortsKeys: Bool = false, ensuresASCII: Bool = true, itemSeparator: String? = nil,
        keySeparator: String = ": "
    ) {
        self.indent = indent
        self.sortsKeys = sortsKeys
        self.ensuresASCII = ensuresASCII
        // Without blanks that would end a line.
        self.itemSeparator = itemSeparator ?? (indent == nil ? ", " : ",")
        self.keySeparator = keySeparator
    }

    /// One line of ASCII, as `json.dumps` writes it.
    public static let line = JSONLayout()
    /// One line, every character as it is.
    public static let visible = JSONLayout(ensuresASCII: false)
    /// Several lines, keys in order, every character as it is: as `ansible-inventory` writes it.
    public static let listing = JSONLayout(indent: "    ", sortsKeys: true, ensuresASCII: false)
}
