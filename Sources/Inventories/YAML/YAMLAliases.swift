/// Guesses from the text alone how far aliases of aliases unfold. Yams compares keys by all that is in them, and a page of text
/// with such a key would keep it busy for years.
enum YAMLAliases {
    private static let mostNodes = 10_000_000

    /// Whether some anchor stands for more nodes than any real file has.
    ///
    /// What stands between an anchor and the next one counts as its own.
    static func unfoldTooFar(_ text: String) -> Bool {
        guard text.utf8.contains(ampersand), text.utf8.contains(asterisk) else { return false }
        var sizes: [Substring: Int] = [:]
        var anchor: Substring?
        var mayBegin = true
        var index = text.utf8.startIndex
        while index < text.utf8.endIndex {
            let byte = text.utf8[index]
            text.utf8.formIndex(after: &index)
            guard mayBegin, byte == ampersand || byte == asterisk else {
                mayBegin = isBefore(byte)
                continue
            }
            let name = Substring(text.utf8[index...].prefix(while: isOfName))
            if name.isEmpty { continue }
            index = name.utf8.endIndex
            mayBegin = false
            if byte == ampersand {
                anchor = name
                sizes[name] = 1
            } else if let anchor, let size = sizes[name] {
                sizes[anchor, default: 1] += size
                if sizes[anchor, default: 1] > mostNodes { return true }
            }
        }
        return false
    }

    private static let ampersand = UInt8(ascii: "&")
    private static let asterisk = UInt8(ascii: "*")

    /// Whether an anchor or an alias may stand after the byte.
    private static func isBefore(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\n"), UInt8(ascii: "\r"), UInt8(ascii: "["),
            UInt8(ascii: "{"), UInt8(ascii: ","), UInt8(ascii: ":"):
            true
        default: false
        }
    }

    private static func isOfName(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
        default: false
        }
    }
}
