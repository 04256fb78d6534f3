/// Why a text is no JSON: Python's words and place.
public struct JSONError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What is wrong, as Python's `json` says it: `Expecting value`.
    public let reason: String
    /// The characters before the fault.
    public let offset: Int
    /// The line of the fault, counted from 1.
    public let line: Int
    /// The character of the fault in its line, counted from 1.
    public let column: Int

    /// The fault as Python prints it: `Expecting value: line 1 column 2 (char 1)`.
    public var description: String { "\(reason): line \(line) column \(column) (char \(offset))" }

    /// The fault as a part of a sentence: `expecting value at line 1, column 2`.
    public var message: String {
        let words = reason.prefix(1).lowercased() + reason.dropFirst()
        return "\(words.hasSuffix(" at") ? words : words + " at") line \(line), column \(column)"
    }

    init(_ reason: String, in bytes: [UInt8], at place: Int) {
        self.reason = reason
        var (offset, line, column) = (0, 1, 1)
        // Bytes that continue a character count for nothing.
        for byte in bytes.prefix(place) where byte & 0xC0 != 0x80 {
            offset += 1
            (line, column) = byte == UInt8(ascii: "\n") ? (line + 1, 1) : (line, column + 1)
        }
        (self.offset, self.line, self.column) = (offset, line, column)
    }
}
