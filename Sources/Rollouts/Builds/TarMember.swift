/// One entry of a tar archive, as its headers have it.
struct TarMember: Equatable, Sendable {
    /// What it is.
    enum Kind: Equatable, Sendable {
        case file, folder, symbolicLink, hardLink, device, pipe
        /// A type that is none of these, by its character.
        case other(Character)
    }

    /// Its path, as it is written.
    var name: String
    var kind: Kind
    /// Permission bits, with set-user-ID, set-group-ID and the sticky bit.
    var mode: Int
    /// Bytes of data that follow it.
    var size: Int64
    /// Where a link leads, as it is written.
    var target = ""
}

/// An archive is no tar archive, or it is cut off.
struct TarDamage: Error, Equatable {
    let reason: String

    init(_ reason: String) { self.reason = reason }
}

/// A block of 512 bytes that describes a member, in the layouts of v7, POSIX (ustar) and GNU.
struct TarHeader {
    static let size = 512
    private let bytes: ArraySlice<UInt8>

    /// - Parameter bytes: 512 of them.
    init(_ bytes: ArraySlice<UInt8>) { self.bytes = bytes }

    private func field(_ range: Range<Int>) -> ArraySlice<UInt8> {
        bytes[(bytes.startIndex + range.lowerBound)..<(bytes.startIndex + range.upperBound)]
    }

    /// Whether it ends the archive.
    var isZero: Bool { bytes.allSatisfy { $0 == 0 } }

    /// The member's type, as a character; a space for what v7 called a file.
    var type: UInt8 { bytes[bytes.startIndex + 156] }

    var mode: Int { Int((try? number(100..<108)) ?? 0) & 0o7777 }  // Rubbish means no bit at all, as for tar.

    /// Bytes of data that follow.
    /// - Throws: ``TarDamage`` for what is no size.
    func dataSize() throws(TarDamage) -> Int64 {
        let size = try number(124..<136)
        guard size >= 0, size <= 1 << 50 else { throw TarDamage("a member has no size that can be") }
        return size
    }

    var name: String {
        let name = Self.text(field(0..<100))
        guard field(257..<263).elementsEqual("ustar\0".utf8) else { return name }
        let prefix = Self.text(field(345..<500))
        return prefix.isEmpty ? name : "\(prefix)/\(name)"
    }

    var target: String { Self.text(field(157..<257)) }

    /// Whether a GNU sparse header goes on in a further block; `isFurther` for such a block.
    func goesOn(isFurther: Bool) -> Bool { bytes[bytes.startIndex + (isFurther ? 504 : 482)] != 0 }

    /// - Throws: ``TarDamage`` unless the sum of the bytes is what the header says.
    func check() throws(TarDamage) {
        let said = try number(148..<156)
        var sum = 0
        var signed = 0
        for (index, byte) in bytes.enumerated() {
            let value = (148..<156).contains(index) ? UInt8(ascii: " ") : byte
            sum += Int(value)
            signed += Int(Int8(bitPattern: value))
        }
        guard said == sum || said == signed else { throw TarDamage("a header is damaged, or this is no tar archive") }
    }

    /// Octal digits, or GNU's binary numbers.
    private func number(_ range: Range<Int>) throws(TarDamage) -> Int64 {
        let field = field(range)
        if let first = field.first, first & 0x80 != 0 { return try binary(field) }
        let digits = field.drop { $0 == 0x20 || $0 == 0 }.prefix { $0 != 0x20 && $0 != 0 }
        if digits.isEmpty { return 0 }
        guard let number = Int64(String(decoding: digits, as: UTF8.self), radix: 8), number >= 0 else {
            throw TarDamage("a header holds no number where one belongs")
        }
        return number
    }

    private func binary(_ field: ArraySlice<UInt8>) throws(TarDamage) -> Int64 {
        var number: Int64 = 0
        for (index, byte) in field.enumerated() {
            let digit = Int64(index == 0 ? byte & 0x7F : byte)
            let (product, isTooLarge) = number.multipliedReportingOverflow(by: 256)
            guard !isTooLarge, product <= .max - digit else { throw TarDamage("a header holds too large a number") }
            number = product + digit
        }
        return number
    }

    static func text(_ field: ArraySlice<UInt8>) -> String { String(decoding: field.prefix { $0 != 0 }, as: UTF8.self) }
}
