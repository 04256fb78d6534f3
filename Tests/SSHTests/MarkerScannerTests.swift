import TestSupport
import Testing

@testable import SSH

struct MarkerScannerTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var name: String
        var text: String
        /// Data as it stands, markers in brackets.
        var pieces: String
        var testDescription: String { name }
    }

    static let cases = [
        Case(name: "nothing", text: "", pieces: ""),
        Case(name: "only data", text: "abc", pieces: "abc"),
        Case(name: "only a marker", text: "TOKEN 1\n", pieces: "[1]"),
        Case(name: "a marker right behind data", text: "abcTOKEN 1 0\n", pieces: "abc[1 0]"),
        Case(name: "data between markers", text: "TOKEN 1\nabc\nTOKEN 1 127\n", pieces: "[1]abc\n[1 127]"),
        Case(name: "nothing between markers", text: "TOKEN 1\nTOKEN 1 0\nTOKEN 2\n", pieces: "[1][1 0][2]"),
        Case(name: "the beginning of a marker is data", text: "TOKETOKEN 1\nTO", pieces: "TOKE[1]TO"),
        Case(
            name: "a line that is too long is data", text: "TOKEN" + String(repeating: "x", count: 200),
            pieces: "TOKEN" + String(repeating: "x", count: 200)),
    ]

    /// Cuts at every place find the same pieces.
    @Test(arguments: cases)
    func finds(_ example: Case) {
        let bytes = Array(example.text.utf8)
        for cut in 0...bytes.count {
            #expect(pieces(of: [Array(bytes[..<cut]), Array(bytes[cut...])]) == example.pieces)
        }
        #expect(pieces(of: bytes.map { [$0] }) == example.pieces)
    }

    private func pieces(of chunks: [[UInt8]]) -> String {
        var scanner = MarkerScanner(token: "TOKEN")
        var text = ""
        let sink = { (piece: MarkerScanner.Piece) in
            switch piece {
            case .data(let data): text += String(decoding: data, as: UTF8.self)
            case .marker(let fields): text += "[\(fields.joined(separator: " "))]"
            }
        }
        for chunk in chunks { chunk.withUnsafeBytes { scanner.feed($0, sink) } }
        scanner.finish(sink)
        return text
    }

    /// Random bytes, cut at random, come out as they went in.
    @Test(arguments: 0..<50 as Range<UInt64>)
    func keepsAnyBytes(seed: UInt64) {
        var random = Dice(seed)
        let alphabet = Array("TOKEN 1\n\0".utf8)
        let bytes = (0..<500).map { _ in alphabet[Int.random(in: 0..<alphabet.count, using: &random)] }
        var reader = AnswerReader(token: "TOKENTOKEN")
        var events: [AnswerReader.Event] = []
        var stream = (Array("TOKENTOKEN 0\nTOKENTOKEN 1\n".utf8) + bytes + Array("TOKENTOKEN 1 42\n".utf8))[...]
        while !stream.isEmpty {
            let chunk = stream.prefix(Int.random(in: 1...40, using: &random))
            events += Array(chunk).withUnsafeBytes { reader.feed($0) }
            stream = stream.dropFirst(chunk.count)
        }
        #expect(events.last == .ended(sequence: 1, status: 42))
        #expect(reader.take() == bytes)
    }
}
