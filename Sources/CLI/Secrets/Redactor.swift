import Fleet
import Synchronization

/// Keeps secrets out of what is written: it knows every text that a vault opened and every password that was typed, and
/// puts ``mask`` wherever one of them stands.
///
/// What it can't do: mask texts of fewer than ``shortest`` bytes, which would blot out half of every line, and what a
/// template made of a secret (a hash of it, its first letters). It does know the common spellings: in JSON, quoted for
/// a shell, in a URL, in base64, and the lines of a secret of several lines each by itself.
final class Redactor: Sendable {
    /// What stands in a secret's place.
    static let mask = "********"
    /// The shortest text that is masked, in bytes.
    static let shortest = 4

    private let patterns = Mutex(SecretPatterns())

    /// Keeps `text` secret from now on.
    func add(_ text: String) {
        if patterns.withLock({ $0.knows(text) }) { return }
        let spellings = SecretSpellings.of(text, shortest: Self.shortest)
        patterns.withLock { patterns in
            patterns.note(text)
            for spelling in spellings { patterns.add(spelling) }
        }
    }

    /// `text` with every secret masked.
    func callAsFunction(_ text: String) -> String {
        let patterns = patterns.withLock { $0 }
        if patterns.isEmpty { return text }
        var text = text
        let ranges = text.withUTF8 { patterns.ranges(in: $0) }
        guard !ranges.isEmpty else { return text }
        var masked: [UInt8] = []
        text.withUTF8 { bytes in
            var written = 0
            for range in ranges {
                masked.append(contentsOf: bytes[written..<range.lowerBound])
                masked.append(contentsOf: Self.mask.utf8)
                written = range.upperBound
            }
            masked.append(contentsOf: bytes[written...])
        }
        return String(decoding: masked, as: UTF8.self)
    }

    /// JSON with every secret masked in its texts; keys and numbers stay, so that it can still be read.
    func json(_ text: String) -> String {
        if patterns.withLock({ $0.isEmpty }) { return text }
        var result = ""
        var rest = text[...]
        while let quote = rest.utf8.firstIndex(of: UInt8(ascii: "\"")) {
            let end = Self.endOfString(rest, from: quote)
            result += masked(numbers: rest[..<quote])
            let literal = rest[quote..<end]
            rest = rest[end...]
            let isKey = rest.utf8.first { $0 != UInt8(ascii: " ") } == UInt8(ascii: ":")
            result += isKey ? String(literal) : masked(literal: literal)
        }
        return result + masked(numbers: rest)
    }

    /// What stands between texts: a number that is a secret as a whole becomes a text.
    private func masked(numbers text: Substring) -> String {
        guard text.utf8.contains(where: Self.isDigit) else { return String(text) }
        var result = ""
        var rest = text
        while let start = rest.firstIndex(where: { "0123456789-".contains($0) }) {
            let end = rest[start...].firstIndex { !"0123456789+-.eE".contains($0) } ?? rest.endIndex
            let number = String(rest[start..<end])
            result += rest[..<start] + (self(number) == Self.mask ? "\"\(Self.mask)\"" : number)
            rest = rest[end...]
        }
        return result + rest
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

    /// Just after the quote that closes the one at `start`.
    private static func endOfString(_ text: Substring, from start: String.Index) -> String.Index {
        var index = text.utf8.index(after: start)
        while index < text.endIndex {
            switch text.utf8[index] {
            case UInt8(ascii: "\""): return text.utf8.index(after: index)
            case UInt8(ascii: "\\"):
                index = text.utf8.index(index, offsetBy: 2, limitedBy: text.endIndex) ?? text.endIndex
            default: index = text.utf8.index(after: index)
            }
        }
        return text.endIndex
    }

    private func masked(literal: Substring) -> String {
        // A literal that can't be read is masked as it is written.
        guard literal.contains("\\"), let plain = try? EncodedJSON.decoded(String(literal)) else {
            return self(String(literal))
        }
        let masked = self(plain)
        // Text always encodes.
        return masked == plain ? self(String(literal)) : (try? EncodedJSON.line(masked)) ?? "\"\(Self.mask)\""
    }
}

/// Byte patterns that are looked for all at once. Adding one costs the same however many there are.
private struct SecretPatterns: Sendable {
    /// Patterns that begin with the same four bytes.
    private struct Bucket {
        var patterns: Set<[UInt8]> = []
        /// The lengths that occur, longest first.
        var lengths: [Int] = []

        mutating func add(_ pattern: [UInt8]) {
            patterns.insert(pattern)
            let place = lengths.firstIndex { $0 <= pattern.count } ?? lengths.count
            if place == lengths.count || lengths[place] != pattern.count { lengths.insert(pattern.count, at: place) }
        }

        /// The length of the longest pattern that `bytes` begin with.
        func longestMatch(_ bytes: Slice<UnsafeBufferPointer<UInt8>>) -> Int? {
            lengths.first { $0 <= bytes.count && patterns.contains(Array(bytes.prefix($0))) }
        }
    }

    private var buckets: [UInt32: Bucket] = [:]
    /// One bit for each pair of first bytes that occurs, so that most of a text is passed over quickly.
    private var starts = [UInt64](repeating: 0, count: 1024)
    private var texts: Set<String> = []

    var isEmpty: Bool { buckets.isEmpty }

    func knows(_ text: String) -> Bool { texts.contains(text) }

    mutating func note(_ text: String) { texts.insert(text) }

    mutating func add(_ text: String) {
        let bytes = Array(text.utf8)
        guard bytes.count >= Redactor.shortest else { return }
        let start = bytes.withUnsafeBufferPointer { Self.start($0, 0) }
        buckets[start, default: Bucket()].add(bytes)
        let pair = Int(start & 0xFFFF)
        starts[pair / 64] |= 1 << UInt64(pair % 64)
    }

    private static func start(_ bytes: UnsafeBufferPointer<UInt8>, _ index: Int) -> UInt32 {
        UInt32(bytes[index]) | UInt32(bytes[index + 1]) << 8 | UInt32(bytes[index + 2]) << 16
            | UInt32(bytes[index + 3]) << 24
    }

    /// Where secrets stand, those that touch or overlap together.
    func ranges(in bytes: UnsafeBufferPointer<UInt8>) -> [Range<Int>] {
        var ranges: [Range<Int>] = []
        for index in 0..<max(0, bytes.count - Redactor.shortest + 1) {
            let pair = Int(bytes[index]) | Int(bytes[index + 1]) << 8
            guard starts[pair / 64] & (1 << UInt64(pair % 64)) != 0,
                let length = buckets[Self.start(bytes, index)]?.longestMatch(bytes[index...])
            else { continue }
            let end = index + length
            if let last = ranges.last, index < last.upperBound {
                if end > last.upperBound { ranges[ranges.count - 1] = last.lowerBound..<end }
            } else {
                ranges.append(index..<end)
            }
        }
        return ranges
    }
}
