/// The lines of a file that the kernel wrote, and the words of a line, cut from the bytes without copying them.
///
/// Bytes rather than text: an agent reads thirty files a second, and what hosts answer need not be text at all.
struct TextLines: Sequence, IteratorProtocol {
    private var rest: ArraySlice<UInt8>

    init(_ bytes: [UInt8]) { rest = bytes[...] }

    mutating func next() -> ArraySlice<UInt8>? {
        guard !rest.isEmpty else { return nil }
        guard let end = rest.firstIndex(of: Ascii.newline) else {
            defer { rest = [] }
            return rest
        }
        defer { rest = rest[(end + 1)...] }
        return rest[..<end]
    }
}

/// The words of a line, between blanks and tabulators.
struct Words: Sequence, IteratorProtocol {
    private var rest: ArraySlice<UInt8>

    init(_ line: ArraySlice<UInt8>) { rest = line }

    mutating func next() -> ArraySlice<UInt8>? {
        guard let start = rest.firstIndex(where: { !Ascii.isBlank($0) }) else { return nil }
        let end = rest[start...].firstIndex(where: Ascii.isBlank) ?? rest.endIndex
        defer { rest = rest[end...] }
        return rest[start..<end]
    }
}

/// The few characters that the kernel's files are made of.
enum Ascii {
    static let newline: UInt8 = 10
    static let colon: UInt8 = 58
    static let equals: UInt8 = 61
    static let point: UInt8 = 46
    static let zero: UInt8 = 48

    static func isBlank(_ byte: UInt8) -> Bool { byte == 32 || byte == 9 || byte == 13 }
}

extension ArraySlice<UInt8> {
    /// The slice as a whole number; `nil` where it is something else, or more than 64 bits hold.
    var number: UInt64? {
        guard !isEmpty else { return nil }
        var result: UInt64 = 0
        for byte in self {
            let digit = byte &- Ascii.zero
            guard digit <= 9 else { return nil }
            let (tens, tooMany) = result.multipliedReportingOverflow(by: 10)
            let (sum, over) = tens.addingReportingOverflow(UInt64(digit))
            guard !tooMany, !over else { return nil }
            result = sum
        }
        return result
    }

    /// A number with two digits after its point, in hundredths: `0.25` is 25.
    var hundredths: UInt64? {
        guard let point = firstIndex(of: Ascii.point) else { return nil }
        guard let whole = self[..<point].number, let part = self[(point + 1)...].number, part < 100 else { return nil }
        let (scaled, over) = whole.multipliedReportingOverflow(by: 100)
        let (sum, more) = scaled.addingReportingOverflow(part)
        return over || more ? nil : sum
    }

    var text: String { String(decoding: self, as: UTF8.self) }

    /// The words of the slice that are numbers, each at its place.
    var numbers: [UInt64?] { Words(self).map(\.number) }

    /// What comes before and after the first such byte.
    func cut(at byte: UInt8) -> (before: ArraySlice<UInt8>, after: ArraySlice<UInt8>)? {
        firstIndex(of: byte).map { (self[..<$0], self[($0 + 1)...]) }
    }
}

extension Array where Element == UInt64? {
    /// The number at this place; `nil` where the line is shorter.
    func at(_ place: Int) -> UInt64? { indices.contains(place) ? self[place] : nil }
}
