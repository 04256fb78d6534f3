/// A line of HAProxy's configuration as it divides it: words, and a comment behind them.
struct BackendLine: Hashable, Sendable {
    /// A word, and where it stands in the line.
    struct Word: Hashable, Sendable {
        /// Without quotes and backslashes.
        var text: String
        /// As it is written.
        var written: String
        var range: Range<Int>
    }

    let words: [Word]
    /// Where the comment begins; where the line's text ends, if it has none.
    let commentStart: Int
    /// Where the line's text ends: before its terminator and the spaces before that.
    let textEnd: Int

    /// - Parameter bytes: With or without the terminator.
    init(_ bytes: [UInt8]) {
        var end = bytes.count
        while end > 0, Self.isSpace(bytes[end - 1]) { end -= 1 }
        var reader = Reader(bytes: bytes, end: end)
        words = reader.words()
        (commentStart, textEnd) = (reader.place, end)
    }

    static func isSpace(_ byte: UInt8) -> Bool { [0x20, 0x09, 0x0D, 0x0A].contains(byte) }

    private struct Reader {
        let bytes: [UInt8]
        let end: Int
        var place = 0

        mutating func words() -> [Word] {
            var words: [Word] = []
            while true {
                while place < end, BackendLine.isSpace(bytes[place]) { place += 1 }
                guard place < end, bytes[place] != UInt8(ascii: "#") else { return words }
                words.append(word())
            }
        }

        /// Ends at a space or a comment that is neither in quotes nor behind a backslash.
        private mutating func word() -> Word {
            let start = place
            var text: [UInt8] = []
            var quote: UInt8?
            while place < end {
                let byte = bytes[place]
                if quote == nil, BackendLine.isSpace(byte) || byte == UInt8(ascii: "#") { break }
                place += 1
                if byte == quote {
                    quote = nil
                } else if quote == nil, byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
                    quote = byte
                } else if byte == UInt8(ascii: "\\"), quote != UInt8(ascii: "'"), place < end {
                    text.append(bytes[place])
                    place += 1
                } else {
                    text.append(byte)
                }
            }
            return Word(
                text: String(decoding: text, as: UTF8.self),
                written: String(decoding: bytes[start..<place], as: UTF8.self), range: start..<place)
        }
    }
}
