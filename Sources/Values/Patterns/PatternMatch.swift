extension PythonPattern {
    /// One match.
    public struct Match: Sendable {
        /// Where the whole and the groups are: in UTF-16 units of text, or bytes. `nil` for a group that took no part.
        public let ranges: [Range<Int>?]
        private let names: [String: Int]
        private let matter: PatternMatter

        init(ranges: [Range<Int>?], names: [String: Int], matter: PatternMatter) {
            self.ranges = ranges
            self.names = names
            self.matter = matter
        }

        /// Where the whole is.
        public var range: Range<Int> { (ranges.first ?? nil) ?? 0..<0 }

        /// What a group of text holds; group 0 is the whole.
        /// - Returns: `nil` when the group took no part, or there is none.
        public subscript(group: Int) -> String? {
            ranges.indices.contains(group) ? ranges[group].map(matter.text) : nil
        }

        /// What a group of bytes holds.
        /// - Returns: `nil` when the group took no part, or there is none.
        public func bytes(_ group: Int) -> ArraySlice<UInt8>? {
            ranges.indices.contains(group) ? ranges[group].map(matter.bytes) : nil
        }

        /// Where the group called `name` is.
        public func range(of name: String) -> Range<Int>? {
            names[name].flatMap { ranges.indices.contains($0) ? ranges[$0] : nil }
        }
    }
}

/// What is searched: text, or bytes as the characters of Latin-1.
struct PatternMatter: Sendable {
    let text: String
    let isASCII: Bool
    /// How many UTF-16 units or bytes there are.
    let count: Int
    private let bytes: [UInt8]?

    init(_ text: String) {
        self.text = text
        isASCII = text.utf8.allSatisfy { $0 < 0x80 }
        count = isASCII ? text.utf8.count : text.utf16.count
        bytes = nil
    }

    init(_ bytes: [UInt8]) {
        isASCII = bytes.allSatisfy { $0 < 0x80 }
        text =
            isASCII
            ? String(decoding: bytes, as: UTF8.self) : String(decoding: bytes.map(UInt16.init), as: UTF16.self)
        count = bytes.count
        self.bytes = bytes
    }

    /// Whether a text that every match has in it is there.
    func mayHold(_ needle: [UInt8]) -> Bool {
        guard !needle.isEmpty else { return true }
        if let bytes { return bytes.withUnsafeBytes { Self.holds($0, needle) } }
        // Native strings are in one piece; others are left to the search itself.
        return text.utf8.withContiguousStorageIfAvailable { Self.holds(UnsafeRawBufferPointer($0), needle) } ?? true
    }

    private static func holds(_ text: UnsafeRawBufferPointer, _ needle: [UInt8]) -> Bool {
        guard let first = needle.first, text.count >= needle.count else { return false }
        var start = 0
        let last = text.count - needle.count
        while start <= last {
            guard text[start] == first else {
                start += 1
                continue
            }
            if needle.indices.allSatisfy({ text[start + $0] == needle[$0] }) { return true }
            start += 1
        }
        return false
    }

    func text(_ range: Range<Int>) -> String {
        if isASCII {
            let units = text.utf8
            let start = units.index(units.startIndex, offsetBy: range.lowerBound)
            return String(text[start..<units.index(start, offsetBy: range.count)])
        }
        let units = text.utf16
        let start = units.index(units.startIndex, offsetBy: range.lowerBound)
        return String(text[start..<units.index(start, offsetBy: range.count)])
    }

    func bytes(_ range: Range<Int>) -> ArraySlice<UInt8> {
        if let bytes { return bytes[range] }
        return Array(text(range).utf8)[...]
    }

    /// The place behind one character.
    func index(after index: Int) -> Int {
        guard !isASCII, bytes == nil else { return index + 1 }
        let units = text.utf16
        let unit = units[units.index(units.startIndex, offsetBy: index)]
        return index + (UTF16.isLeadSurrogate(unit) ? 2 : 1)
    }
}

extension PatternNode {
    /// The longest text that stands in every match, in UTF-8 for text.
    static func needle(in nodes: PatternSequence, _ flags: PatternFlags, isText: Bool) -> [UInt8] {
        guard !flags.contains(.ignoresCase) else { return [] }
        var longest: [UInt8] = []
        var current: [UInt8] = []
        for node in nodes {
            if case .literal(let value) = node, let scalar = Unicode.Scalar(value) {
                current += isText ? Array(String(scalar).utf8) : [UInt8(truncatingIfNeeded: value)]
            } else {
                current = []
            }
            if current.count > longest.count { longest = current }
        }
        return longest
    }
}
