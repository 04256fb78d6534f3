import Foundation

/// Bytes as text of 64 different characters.
public enum Base64Coding {
    /// The text for `bytes`, on one line.
    public static func text(_ bytes: [UInt8]) -> String { Data(bytes).base64EncodedString() }

    /// The bytes; `nil` when the text is not just as ``text(_:)`` would write it. Foundation passes over padding that is too
    /// long.
    public static func bytes(_ text: String) -> [UInt8]? {
        guard let data = Data(base64Encoded: text), data.base64EncodedString() == text else { return nil }
        return [UInt8](data)
    }

    /// The bytes as Python's `base64.b64decode` reads them: what is no digit is passed over, and what stands behind the
    /// padding too.
    /// - Returns: `nil` when digits or their padding are missing.
    public static func bytesPassingOver(_ text: String) -> [UInt8]? {
        var bytes: [UInt8] = []
        var (place, held, pads) = (0, UInt8(0), 0)
        for byte in text.utf8 {
            if byte == UInt8(ascii: "=") {
                if place >= 2 {
                    pads += 1
                    if place + pads >= 4 { return bytes }
                }
                continue
            }
            guard let digit = digit(byte) else { continue }
            pads = 0
            if place > 0 { bytes.append(held << (2 * place) | digit >> (6 - 2 * place)) }
            held = digit
            place = (place + 1) % 4
        }
        return place == 0 ? bytes : nil
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): byte - UInt8(ascii: "A")
        case UInt8(ascii: "a")...UInt8(ascii: "z"): byte - UInt8(ascii: "a") + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0") + 52
        case UInt8(ascii: "+"): 62
        case UInt8(ascii: "/"): 63
        default: nil
        }
    }
}
