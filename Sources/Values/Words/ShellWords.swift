public import Fleet

/// A line split into words as Python's `shlex.split` does: quotes and backslashes, nothing expanded.
public enum ShellWords {
    /// The words of `line`.
    ///
    /// - Parameter comments: Whether `#` begins a comment up to the line's end, even inside a word.
    /// - Throws: ``InputError`` for a quote that is never closed, or a backslash with nothing behind it. It names no part of
    ///   the line, which may hold secrets.
    public static func split(_ line: some StringProtocol, comments: Bool = false) throws(InputError) -> [String] {
        let line = Substring(line)
        if !line.utf8.contains(where: isSpecial) {
            return line.utf8.split(whereSeparator: isBlank).map { String(Substring($0)) }
        }
        var splitter = Splitter(rest: line.unicodeScalars)
        try splitter.run(comments: comments)
        return splitter.words
    }

    private static func isSpecial(_ byte: UInt8) -> Bool {
        switch Unicode.Scalar(byte) {
        case "'", "\"", "\\", "#": true
        default: false
        }
    }

    private static func isBlank(_ byte: UInt8) -> Bool {
        switch Unicode.Scalar(byte) {
        case " ", "\t", "\r", "\n": true
        default: false
        }
    }

    private struct Splitter {
        var rest: Substring.UnicodeScalarView
        var words: [String] = []
        /// The word at hand; there may be one without a character, between quotes.
        private var word: String.UnicodeScalarView?

        init(rest: Substring.UnicodeScalarView) { self.rest = rest }

        mutating func run(comments: Bool) throws(InputError) {
            while let scalar = rest.popFirst() {
                switch scalar {
                case " ", "\t", "\r", "\n": endWord()
                case "#" where comments:
                    rest = rest.drop { $0 != "\n" }
                    endWord()
                case "'": try singleQuoted()
                case "\"": try doubleQuoted()
                case "\\": add(try escaped())
                default: add(scalar)
                }
            }
            endWord()
        }

        private mutating func add(_ scalars: Unicode.Scalar?...) {
            var text = word ?? .init()
            // Out of the property meanwhile, so that its storage has one owner and grows in place.
            word = nil
            text.append(contentsOf: scalars.compactMap(\.self))
            word = text
        }

        private mutating func endWord() {
            if let word { words.append(String(word)) }
            word = nil
        }

        private mutating func singleQuoted() throws(InputError) {
            guard let close = rest.firstIndex(of: "'") else { throw Self.openQuote }
            word = (word ?? .init()) + rest[..<close]
            rest = rest[rest.index(after: close)...]
        }

        /// A backslash counts only before a quote or another backslash.
        private mutating func doubleQuoted() throws(InputError) {
            add()
            while let scalar = rest.popFirst() {
                switch scalar {
                case "\"": return
                case "\\":
                    let next = try escaped()
                    add(next == "\"" || next == "\\" ? nil : "\\", next)
                default: add(scalar)
                }
            }
            throw Self.openQuote
        }

        private mutating func escaped() throws(InputError) -> Unicode.Scalar {
            guard let scalar = rest.popFirst() else { throw InputError("the line ends in a backslash") }
            return scalar
        }

        private static var openQuote: InputError {
            InputError("a quote is never closed", hints: ["close the quote, or put a backslash before it"])
        }
    }
}
