/// A whole answer of HTTP.
public struct WebPage: Hashable, Sendable {
    /// The status.
    public var status: Int
    /// Header fields in their order; a name may stand there several times.
    public var fields: [Field]
    /// The body, as far as it was taken.
    public var body: [UInt8]

    /// A header field.
    public struct Field: Hashable, Sendable {
        /// Its name, as it came.
        public var name: String
        /// Its value.
        public var value: String

        /// A field.
        public init(_ name: String, _ value: String) { (self.name, self.value) = (name, value) }
    }

    /// An answer.
    public init(status: Int, fields: [Field] = [], body: [UInt8] = []) {
        (self.status, self.fields, self.body) = (status, fields, body)
    }

    /// The values under a name, whatever its case.
    public subscript(name: String) -> [String] {
        fields.filter { $0.name.lowercased() == name.lowercased() }.map(\.value)
    }

    /// The answer that `bytes` are; `nil` where they are none. What precedes the answer proper (1xx) is passed over, and
    /// chunks are put together, as far as they have come.
    public init?(_ bytes: [UInt8]) {
        var rest = bytes[...]
        while let end = Self.endOfHead(rest) {
            let lines = String(decoding: rest[..<end.head], as: UTF8.self).split(whereSeparator: \.isNewline)
            let words = lines.first?.split(separator: " ", maxSplits: 2) ?? []
            guard words.count >= 2, words[0].hasPrefix("HTTP/"), let status = Int(words[1]),
                (100...999).contains(status)
            else { return nil }
            rest = rest[end.body...]
            if (100..<200).contains(status) { continue }
            let fields = lines.dropFirst().compactMap(Self.field)
            self.init(status: status, fields: fields)
            let isChunked = self["Transfer-Encoding"].contains { $0.lowercased().contains("chunked") }
            body = isChunked ? Self.joined(rest) : Array(rest)
            return
        }
        return nil
    }

    private static func field(_ line: Substring) -> Field? {
        guard let colon = line.firstIndex(of: ":") else { return nil }
        let value = line[line.index(after: colon)...].drop { $0 == " " || $0 == "\t" }
        return Field(String(line[..<colon]), String(value))
    }

    /// Where the head ends, and where the body begins.
    private static func endOfHead(_ bytes: ArraySlice<UInt8>) -> (head: Int, body: Int)? {
        var index = bytes.startIndex
        while index < bytes.endIndex {
            if bytes[index] == 10 {
                let next = bytes[(index + 1)...]
                if next.first == 10 { return (index, index + 2) }
                if next.starts(with: [13, 10]) { return (index, index + 3) }
            }
            index += 1
        }
        return nil
    }

    private static func joined(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
        var body: [UInt8] = []
        var rest = bytes
        while let end = rest.firstIndex(of: 10) {
            let digits = String(decoding: rest[..<end].prefix { $0 != 59 && $0 != 13 }, as: UTF8.self)
            guard let size = Int(digits, radix: 16), size > 0 else { break }
            rest = rest[(end + 1)...]
            body += rest.prefix(size)
            rest = rest.dropFirst(size).drop { $0 == 13 || $0 == 10 }
        }
        return body
    }
}
