/// How the characters of a text are written between a JSON text's quotes.
public enum JSONEscapes {
    /// The inside of a JSON text; characters beyond ASCII as they are, or as `\u` escapes.
    public static func escaped(_ text: String, asASCII: Bool) -> String {
        var (text, bytes) = (text, [UInt8]())
        text.withUTF8 { append($0, to: &bytes, asASCII: asASCII) }
        return String(decoding: bytes, as: UTF8.self)
    }

    static func append(_ text: UnsafeBufferPointer<UInt8>, to output: inout [UInt8], asASCII: Bool) {
        // Whatever stands as it is is copied in one piece.
        var start = 0
        var place = 0
        while place < text.count {
            let byte = text[place]
            let length = length(ofCharacter: byte)
            defer { place += length }
            guard isEscaped(byte, asASCII) else { continue }
            output += text[start..<place]
            start = place + length
            if byte < 0x80 {
                append(ascii: byte, to: &output)
            } else {
                append(Unicode.Scalar(character: text[place..<min(start, text.count)]), to: &output)
            }
        }
        output += text[start...]
    }

    private static func isEscaped(_ byte: UInt8, _ asASCII: Bool) -> Bool {
        byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") || (asASCII && byte > 0x7E)
    }

    private static func length(ofCharacter first: UInt8) -> Int {
        first < 0xC0 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4
    }

    private static func append(ascii byte: UInt8, to output: inout [UInt8]) {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): output += [UInt8(ascii: "\\"), byte]
        case 0x08: output += #"\b"#.utf8
        case 0x09: output += #"\t"#.utf8
        case 0x0A: output += #"\n"#.utf8
        case 0x0C: output += #"\f"#.utf8
        case 0x0D: output += #"\r"#.utf8
        default: append(unit: UInt16(byte), to: &output)
        }
    }

    private static func append(_ scalar: Unicode.Scalar, to output: inout [UInt8]) {
        for unit in UTF16.encode(scalar) ?? UTF16.encodedReplacementCharacter { append(unit: unit, to: &output) }
    }

    private static func append(unit: UInt16, to output: inout [UInt8]) {
        output += #"\u"#.utf8
        for shift in [12, 8, 4, 0] {
            let digit = UInt8(unit >> UInt16(shift) & 0xF)
            output.append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
        }
    }
}

extension Unicode.Scalar {
    /// The character of a text's bytes, which are its UTF-8.
    fileprivate init(character bytes: Slice<UnsafeBufferPointer<UInt8>>) {
        let first = UInt32(bytes[bytes.startIndex])
        let lead = bytes.count == 2 ? first & 0x1F : bytes.count == 3 ? first & 0x0F : first & 0x07
        let code = bytes.dropFirst().reduce(lead) { $0 << 6 | UInt32($1) & 0x3F }
        self = Unicode.Scalar(code) ?? "\u{FFFD}"
    }
}
