/// What a host's command wrote, made safe for a terminal: lines and colours stay, everything else that would command the
/// terminal is written as an escape, and so are bytes that are not UTF-8.
enum HostOutput {
    /// `bytes` as they may be shown. A colour ends with its line.
    static func visible(_ bytes: [UInt8]) -> [UInt8] {
        if bytes.allSatisfy(isPlain) { return bytes }
        var shown: [UInt8] = []
        shown.reserveCapacity(bytes.count + bytes.count / 8)
        var isColoured = false
        var index = 0
        while index < bytes.count {
            if isPlain(bytes[index]) {
                if bytes[index] == lineFeed { endColour(&isColoured, &shown) }
                shown.append(bytes[index])
                index += 1
            } else if let end = colour(in: bytes, at: index) {
                shown += bytes[index..<end]
                isColoured = true
                index = end
            } else {
                index += append(bytes, index, to: &shown)
            }
        }
        endColour(&isColoured, &shown)
        return shown
    }

    private static let lineFeed = UInt8(ascii: "\n")

    private static func isPlain(_ byte: UInt8) -> Bool {
        (0x20..<0x7F).contains(byte) || byte == lineFeed || byte == UInt8(ascii: "\t")
    }

    private static func endColour(_ isColoured: inout Bool, _ shown: inout [UInt8]) {
        if isColoured { shown += Array("\u{1B}[0m".utf8) }
        isColoured = false
    }

    /// Appends the character at `index` as it may be shown.
    /// - Returns: How many bytes it takes.
    private static func append(_ bytes: [UInt8], _ index: Int, to shown: inout [UInt8]) -> Int {
        // The line's own end, as other systems write it.
        if bytes[index] == UInt8(ascii: "\r"), index + 1 < bytes.count, bytes[index + 1] == lineFeed {
            shown.append(bytes[index])
            return 1
        }
        var parser = Unicode.UTF8.ForwardParser()
        var rest = bytes[index...].makeIterator()
        switch parser.parseScalar(from: &rest) {
        case .valid(let encoded):
            let scalar = Unicode.UTF8.decode(encoded)
            shown += VisibleText.isHidden(scalar) ? Array(VisibleText.escape(scalar).utf8) : Array(encoded)
            return encoded.count
        case .error(let length):
            for byte in bytes[index..<index + length] {
                shown += Array((#"\x"# + String(byte, radix: 16)).utf8)
            }
            return length
        case .emptyInput: return 1
        }
    }

    // MARK: Colours

    /// The end of a sequence that sets colours or weight, when one begins at `index`.
    private static func colour(in bytes: [UInt8], at index: Int) -> Int? {
        guard bytes[index] == 0x1B, index + 1 < bytes.count, bytes[index + 1] == UInt8(ascii: "[") else { return nil }
        var end = index + 2
        while end < bytes.count, isParameter(bytes[end]), end - index < longest { end += 1 }
        guard end < bytes.count, bytes[end] == UInt8(ascii: "m") else { return nil }
        return hides(bytes[(index + 2)..<end]) ? nil : end + 1
    }

    private static let longest = 64

    private static func isParameter(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || byte == UInt8(ascii: ";") || byte == UInt8(ascii: ":")
    }

    /// Whether the parameters ask for text that can't be seen (8).
    private static func hides(_ parameters: ArraySlice<UInt8>) -> Bool {
        var numbers = parameters.split(separator: UInt8(ascii: ";"), omittingEmptySubsequences: false)[...]
        while let number = numbers.popFirst() {
            let text = String(decoding: number.prefix { $0 != UInt8(ascii: ":") }, as: UTF8.self)
            let value = Int(text) ?? 0
            if value == 8 { return true }
            // An extended colour's own numbers follow.
            guard [38, 48, 58].contains(value), !number.contains(UInt8(ascii: ":")) else { continue }
            let kind = numbers.popFirst().flatMap { Int(String(decoding: $0, as: UTF8.self)) }
            numbers = numbers.dropFirst(kind == 5 ? 1 : kind == 2 ? 3 : 0)
        }
        return false
    }
}
