import Fleet
import Synchronization
import Values

/// Keeps secrets out of what is written: it knows every text that a vault opened and every password that was typed, and
/// puts ``mask`` wherever one of them stands. Variables in the open whose names say that they are secrets are masked with
/// that name: `***(db_password)`.
///
/// What it can't do: mask texts of fewer than ``shortest`` bytes, which would blot out half of every line, and what a
/// template made of a secret (a hash of it, its first letters). It does know the common spellings: in JSON, quoted for
/// a shell, in a URL, in base64, and the lines of a secret of several lines each by itself.
final class Redactor: Sendable {
    /// What stands in a secret's place.
    static let mask = "********"
    /// The shortest text that is masked, in bytes.
    static let shortest = 4

    /// The shortest value of a variable in the open that is masked, in characters.
    static let shortestNamed = 6

    private let patterns = Mutex(SecretPatterns())

    /// Keeps `text` secret from now on.
    func add(_ text: String) { add(text, shortest: Self.shortest, mask: Self.mask) }

    /// Keeps the value of the variable `name` secret from now on, unless it is short.
    func add(_ text: String, named name: String) {
        guard text.count >= Self.shortestNamed else { return }
        let shown = String(name.unicodeScalars.map { Self.isPlain($0) ? Character($0) : "?" }.prefix(60))
        add(text, shortest: Self.shortestNamed, mask: "***(\(shown))")
    }

    /// Whether a character of a name means nothing to a terminal, to JSON or to a reader of masks.
    private static func isPlain(_ scalar: Unicode.Scalar) -> Bool {
        scalar.isASCII
            && (scalar.properties.isAlphabetic || ("0"..."9").contains(scalar) || "_-.".unicodeScalars.contains(scalar))
    }

    private func add(_ text: String, shortest: Int, mask: String) {
        if patterns.withLock({ $0.knows(text, mask) }) { return }
        let spellings = SecretSpellings.of(text, shortest: shortest)
        patterns.withLock { patterns in
            patterns.note(text, mask)
            for spelling in spellings { patterns.add(spelling, mask) }
        }
    }

    /// `text` with every secret masked.
    func callAsFunction(_ text: String) -> String {
        var text = text
        let changed: [UInt8]? = text.withUTF8 { masked($0) }
        return changed.map { String(decoding: $0, as: UTF8.self) } ?? text
    }

    /// `bytes` with every secret masked.
    func callAsFunction(_ bytes: [UInt8]) -> [UInt8] { bytes.withUnsafeBufferPointer { masked($0) } ?? bytes }

    /// `nil` when there is nothing to mask.
    private func masked(_ bytes: UnsafeBufferPointer<UInt8>) -> [UInt8]? {
        let patterns = patterns.withLock { $0 }
        if patterns.isEmpty { return nil }
        let places = patterns.places(in: bytes)
        if places.isEmpty { return nil }
        var masked: [UInt8] = []
        var written = 0
        for place in places {
            masked.append(contentsOf: bytes[written..<place.range.lowerBound])
            masked.append(contentsOf: place.mask.utf8)
            written = place.range.upperBound
        }
        masked.append(contentsOf: bytes[written...])
        return masked
    }

    /// JSON with every secret masked in its texts; keys and numbers stay, so that it can still be read, but a number that
    /// is a secret as a whole becomes a text. What is no JSON is masked as a text.
    func json(_ text: String) -> String {
        if patterns.withLock({ $0.isEmpty }) { return text }
        let bytes = Array(text.utf8)
        var reader = JSONReader(text)
        var masked: [UInt8] = []
        var written = 0
        do throws(JSONError) {
            while let token = try reader.next() {
                guard let mask = mask(of: token, written: bytes[reader.range]) else { continue }
                masked += bytes[written..<reader.range.lowerBound]
                masked += mask
                written = reader.range.upperBound
            }
        } catch {
            return self(text)
        }
        return String(decoding: masked + bytes[written...], as: UTF8.self)
    }

    /// What stands in the place of a piece of JSON; `nil` for a piece that may stay.
    private func mask(of token: JSONToken, written bytes: ArraySlice<UInt8>) -> [UInt8]? {
        switch token {
        case .string(let text):
            let shown = self(text)
            // A secret may be spelled as this text is.
            return shown == text ? masked(Array(bytes)) : Array(Value.string(shown).json(.visible).utf8)
        case .int, .digits, .double:
            return mask(ofWhole: Array(bytes)).map { Array("\"\($0)\"".utf8) }
        case .null, .bool, .key, .listStart, .listEnd, .mapStart, .mapEnd: return nil
        }
    }

    private func masked(_ bytes: [UInt8]) -> [UInt8]? { bytes.withUnsafeBufferPointer { masked($0) } }

    /// The mask of what is a secret from its beginning to its end.
    private func mask(ofWhole bytes: [UInt8]) -> String? {
        let patterns = patterns.withLock { $0 }
        let places = bytes.withUnsafeBufferPointer { patterns.places(in: $0) }
        return places.count == 1 && places[0].range == bytes.indices ? places[0].mask : nil
    }
}

/// Byte patterns that are looked for all at once. Adding one costs the same however many there are.
private struct SecretPatterns: Sendable {
    /// Patterns that begin with the same four bytes.
    private struct Bucket {
        var patterns: [[UInt8]: String] = [:]
        /// The lengths that occur, longest first.
        var lengths: [Int] = []

        mutating func add(_ pattern: [UInt8], _ mask: String) {
            // What came from a vault stays without a name.
            if patterns[pattern] != Redactor.mask { patterns[pattern] = mask }
            let place = lengths.firstIndex { $0 <= pattern.count } ?? lengths.count
            if place == lengths.count || lengths[place] != pattern.count { lengths.insert(pattern.count, at: place) }
        }

        /// The longest pattern that `bytes` begin with: its length and its mask.
        func longestMatch(_ bytes: Slice<UnsafeBufferPointer<UInt8>>) -> (length: Int, mask: String)? {
            for length in lengths where length <= bytes.count {
                if let mask = patterns[Array(bytes.prefix(length))] { return (length, mask) }
            }
            return nil
        }
    }

    private var buckets: [UInt32: Bucket] = [:]
    /// One bit for each pair of first bytes that occurs, so that most of a text is passed over quickly.
    private var starts = [UInt64](repeating: 0, count: 1024)
    private var texts: [String: String] = [:]

    var isEmpty: Bool { buckets.isEmpty }

    /// Whether `text` is masked so already, or as a vault's.
    func knows(_ text: String, _ mask: String) -> Bool {
        texts[text].map { $0 == mask || $0 == Redactor.mask } ?? false
    }

    mutating func note(_ text: String, _ mask: String) { texts[text] = mask }

    mutating func add(_ text: String, _ mask: String) {
        let bytes = Array(text.utf8)
        guard bytes.count >= Redactor.shortest else { return }
        let start = bytes.withUnsafeBufferPointer { Self.start($0, 0) }
        buckets[start, default: Bucket()].add(bytes, mask)
        let pair = Int(start & 0xFFFF)
        starts[pair / 64] |= 1 << UInt64(pair % 64)
    }

    private static func start(_ bytes: UnsafeBufferPointer<UInt8>, _ index: Int) -> UInt32 {
        UInt32(bytes[index]) | UInt32(bytes[index + 1]) << 8 | UInt32(bytes[index + 2]) << 16
            | UInt32(bytes[index + 3]) << 24
    }

    /// Where a secret stands, and what is shown instead.
    struct Place {
        var range: Range<Int>
        var mask: String
    }

    /// Where secrets stand, those that overlap together, under the first one's mask.
    func places(in bytes: UnsafeBufferPointer<UInt8>) -> [Place] {
        var places: [Place] = []
        for index in 0..<max(0, bytes.count - Redactor.shortest + 1) {
            let pair = Int(bytes[index]) | Int(bytes[index + 1]) << 8
            guard starts[pair / 64] & (1 << UInt64(pair % 64)) != 0,
                let match = buckets[Self.start(bytes, index)]?.longestMatch(bytes[index...])
            else { continue }
            let end = index + match.length
            if let last = places.last, index < last.range.upperBound {
                if end > last.range.upperBound { places[places.count - 1].range = last.range.lowerBound..<end }
            } else {
                places.append(Place(range: index..<end, mask: match.mask))
            }
        }
        return places
    }
}
