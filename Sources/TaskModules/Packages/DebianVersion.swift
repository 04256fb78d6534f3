/// Order of Debian's version numbers, as deb-version(7) has it.
enum DebianVersion {
    /// Whether `left` is older than `right`.
    static func isLess(_ left: String, _ right: String) -> Bool {
        let (one, two) = (parts(left), parts(right))
        if one.epoch != two.epoch { return one.epoch < two.epoch }
        let upstream = order(one.upstream, two.upstream)
        return upstream != 0 ? upstream < 0 : order(one.revision, two.revision) < 0
    }

    private static func parts(_ text: String) -> (epoch: Int, upstream: [UInt8], revision: [UInt8]) {
        var rest = text[...]
        var epoch = 0
        if let colon = rest.firstIndex(of: ":") {
            epoch = Int(rest[..<colon]) ?? 0
            rest = rest[rest.index(after: colon)...]
        }
        guard let dash = rest.lastIndex(of: "-") else { return (epoch, Array(rest.utf8), []) }
        return (epoch, Array(rest[..<dash].utf8), Array(rest[rest.index(after: dash)...].utf8))
    }

    /// Parts that are no digits and parts that are take turns; `~` comes before the end, letters before the rest.
    private static func order(_ left: [UInt8], _ right: [UInt8]) -> Int {
        var (one, two) = (left[...], right[...])
        while !one.isEmpty || !two.isEmpty {
            while !isDigit(one.first) || !isDigit(two.first) {
                let (a, b) = (weight(one.first), weight(two.first))
                if a != b { return a - b }
                if isEnd(one.first), isEnd(two.first) { break }
                if !isEnd(one.first) { one.removeFirst() }
                if !isEnd(two.first) { two.removeFirst() }
            }
            let (a, b) = (takeNumber(&one), takeNumber(&two))
            if a.count != b.count { return a.count - b.count }
            if let difference = zip(a, b).first(where: { $0 != $1 }) { return Int(difference.0) - Int(difference.1) }
        }
        return 0
    }

    private static func isDigit(_ byte: UInt8?) -> Bool { byte.map { (48...57).contains($0) } ?? false }

    private static func isEnd(_ byte: UInt8?) -> Bool { byte == nil || isDigit(byte) }

    private static func weight(_ byte: UInt8?) -> Int {
        guard let byte, !isDigit(byte) else { return 0 }
        if byte == UInt8(ascii: "~") { return -1 }
        return (65...90).contains(byte) || (97...122).contains(byte) ? Int(byte) : Int(byte) + 256
    }

    private static func takeNumber(_ bytes: inout ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        let digits = bytes.prefix { isDigit($0) }
        bytes = bytes.dropFirst(digits.count)
        return digits.drop { $0 == 48 }
    }
}
