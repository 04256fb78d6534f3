/// Numbers as a history's bytes, the lowest byte first.
struct ByteWriter {
    private(set) var bytes: [UInt8] = []

    mutating func put<Number: FixedWidthInteger>(_ number: Number) {
        withUnsafeBytes(of: number.littleEndian) { bytes.append(contentsOf: $0) }
    }

    mutating func put(_ number: Float) { put(number.bitPattern) }

    mutating func put(_ number: Double) { put(Float(number)) }

    /// The length in one byte, then the text; what is longer is cut.
    mutating func put(_ text: String) {
        let text = text.utf8.prefix(255)
        put(UInt8(truncatingIfNeeded: text.count))
        bytes.append(contentsOf: text)
    }

    mutating func fill(to size: Int) {
        if bytes.count < size { bytes.append(contentsOf: repeatElement(0, count: size - bytes.count)) }
    }
}

/// The way back; `nil` where the bytes end early.
struct ByteReader {
    private var rest: ArraySlice<UInt8>

    init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

    mutating func take<Number: FixedWidthInteger>(_: Number.Type = Number.self) -> Number? {
        let size = Number.bitWidth / 8
        guard rest.count >= size else { return nil }
        var number: Number = 0
        for (place, byte) in rest.prefix(size).enumerated() {
            number |= Number(truncatingIfNeeded: byte) << (place * 8)
        }
        rest = rest.dropFirst(size)
        return number
    }

    mutating func takeFloat() -> Float? { take(UInt32.self).map { Float(bitPattern: $0) } }

    mutating func takeDouble() -> Double? { takeFloat().map { Double($0) } }

    mutating func takeText() -> String? {
        guard let count: UInt8 = take(), rest.count >= Int(count) else { return nil }
        defer { rest = rest.dropFirst(Int(count)) }
        return rest.prefix(Int(count)).text
    }
}

/// CRC-32 as zlib has it: tells what a power cut left half written.
enum Checksum {
    private static let table: [UInt32] = (0..<256).map { index in
        (0..<8).reduce(UInt32(index)) { value, _ in value & 1 == 1 ? 0xEDB8_8320 ^ (value >> 1) : value >> 1 }
    }

    static func of(_ bytes: some Sequence<UInt8>) -> UInt32 {
        ~bytes.reduce(UInt32.max) { table[Int(truncatingIfNeeded: ($0 ^ UInt32($1)) & 0xFF)] ^ ($0 >> 8) }
    }
}
