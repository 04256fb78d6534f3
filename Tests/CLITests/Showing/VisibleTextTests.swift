import Foundation
import TestSupport
import Testing

@testable import CLI

/// A text from outside, and how it is shown.
struct ShownCase: Sendable, CustomTestStringConvertible {
    let name: String, text: String, shown: String
    var testDescription: String { name }

    init(_ name: String, _ text: String, _ shown: String) { (self.name, self.text, self.shown) = (name, text, shown) }
}

/// Characters that command a terminal, hide or turn the direction become visible; others stay.
@Suite struct VisibleTextTests {
    @Test(arguments: [
        ShownCase("plain", "web1: ok\t(2)", "web1: ok\t(2)"),
        ShownCase("letters of any script", "Grüße 東京 🚀", "Grüße 東京 🚀"),
        ShownCase("emoji with a selector", "⚠️", "⚠️"), ShownCase("clear the screen", "a\u{1B}[2Jb", #"a\x1b[2Jb"#),
        ShownCase("title", "\u{1B}]0;x\u{7}", #"\x1b]0;x\x07"#),
        ShownCase("our own colour", "\u{1B}[31mred", #"\x1b[31mred"#),
        ShownCase("return", "ok\rerror: no", #"ok\rerror: no"#),
        ShownCase("line feed", "ok\nerror: no", #"ok\nerror: no"#),
        ShownCase("both", "a\r\nb", #"a\r\nb"#), ShownCase("backspace", "a\u{8}b", #"a\x08b"#),
        ShownCase("delete", "a\u{7F}b", #"a\x7fb"#), ShownCase("null", "a\0b", #"a\x00b"#),
        ShownCase("C1 control sequence", "a\u{9B}2Jb", #"a\x9b2Jb"#), ShownCase("next line", "a\u{85}b", #"a\x85b"#),
        ShownCase("right to left", "a\u{202E}b", #"a\u202eb"#), ShownCase("isolate", "a\u{2066}b", #"a\u2066b"#),
        ShownCase("zero width", "a\u{200B}b", #"a\u200bb"#), ShownCase("line separator", "a\u{2028}b", #"a\u2028b"#),
        ShownCase("paragraph separator", "a\u{2029}b", #"a\u2029b"#),
        ShownCase("byte order mark", "\u{FEFF}a", #"\ufeffa"#),
        ShownCase("tag", "a\u{E0041}b", #"a\U000e0041b"#), ShownCase("filler", "a\u{3164}b", #"a\u3164b"#),
    ])
    func oneLine(_ example: ShownCase) throws {
        #expect(VisibleText.line(example.text) == example.shown)
        let json = String(decoding: try JSONEncoder().encode(example.text), as: UTF8.self)
        let shown = VisibleText.json(json)
        #expect(try JSONDecoder().decode(String.self, from: Data(shown.utf8)) == example.text)
        #expect(!shown.unicodeScalars.contains(where: VisibleText.isHidden))
    }

    @Test func onlyOurLinesAndColoursTakeEffect() {
        let text = TerminalText("a\nb", .red) + " c\u{1B}[0m" + TerminalText(lines: "\nd\ne\n", indent: "  ")
        let redactor = Redactor()
        #expect(text.shown(redactor, colours: true) == "\u{1B}[31ma\\nb\u{1B}[39m c\\x1b[0m\n  d\n  e")
        #expect(text.shown(redactor, colours: false) == "a\\nb c\\x1b[0m\n  d\n  e")
    }

    @Test func secretsAreMaskedBeforeTheyAreEscaped() {
        let redactor = Redactor()
        redactor.add("ring\u{7}ring")
        #expect(TerminalText("a ring\u{7}ring").shown(redactor, colours: false) == "a ********")
    }

    @Test func cellsOfATableStayOnTheirLine() {
        var table = Table("HOST", "SAYS")
        table.add("web1", "a\nerror: b\tc")
        let shown = table.lines.joined(separator: "\n")
        #expect(shown.split(separator: "\n").count == 2)
        #expect(shown.contains(#"a\nerror: b\tc"#))
    }
}

/// What hosts write, on a terminal.
@Suite struct HostOutputTests {
    @Test(arguments: [
        ShownCase("plain lines", "a\nb\tc\n", "a\nb\tc\n"), ShownCase("other scripts", "Grüße\n", "Grüße\n"),
        ShownCase("a colour ends with its line", "\u{1B}[31mred\nx\n", "\u{1B}[31mred\u{1B}[0m\nx\n"),
        ShownCase("many colours", "\u{1B}[1;38;5;8mgrey\u{1B}[m", "\u{1B}[1;38;5;8mgrey\u{1B}[m\u{1B}[0m"),
        ShownCase("true colour", "\u{1B}[38;2;8;8;8mx", "\u{1B}[38;2;8;8;8mx\u{1B}[0m"),
        ShownCase("colour by colons", "\u{1B}[38:5:8mx", "\u{1B}[38:5:8mx\u{1B}[0m"),
        ShownCase("concealed", "\u{1B}[8mx", #"\x1b[8mx"#),
        ShownCase("concealed among others", "\u{1B}[1;08mx", #"\x1b[1;08mx"#),
        ShownCase("clear", "\u{1B}[2Jx", #"\x1b[2Jx"#), ShownCase("unfinished", "x\u{1B}[31", #"x\x1b[31"#),
        ShownCase("private parameters", "\u{1B}[?25lx", #"\x1b[?25lx"#),
        ShownCase("escape alone", "\u{1B}c", #"\x1bc"#),
        ShownCase("progress", "1%\r2%\n", "1%\\r2%\n"),
        ShownCase("line ends of other systems", "a\r\nb\r\n", "a\r\nb\r\n"),
        ShownCase("C1", "\u{9B}31mx", #"\x9b31mx"#), ShownCase("turned", "\u{202E}x", #"\u202ex"#),
    ])
    func onATerminal(_ example: ShownCase) {
        let shown = HostOutput.visible(Array(example.text.utf8))
        #expect(String(decoding: shown, as: UTF8.self) == example.shown)
    }

    @Test func bytesThatAreNoTextBecomeVisible() {
        let shown = HostOutput.visible([0x61, 0x9B, 0x32, 0x4A, 0xFF, 0xC3, 0x0A, 0xE2, 0x82])
        #expect(String(decoding: shown, as: UTF8.self) == "a\\x9b2J\\xff\\xc3\n\\xe2\\x82")
    }

    /// Whatever bytes come, nothing but line ends and colours is left to take effect.
    @Test(arguments: 0..<50 as Range<UInt64>) func noBytesGetThrough(_ seed: UInt64) {
        var state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
        let alphabet: [UInt8] = Array("\u{1B}[;:m0138a\r\n\u{7}".utf8) + [0x9B, 0xC2, 0x85, 0xE2, 0x80, 0xAE, 0xFF]
        let bytes = (0..<400).map { _ -> UInt8 in
            state = state &* 6_364_136_223_846_793_005 &+ 1
            return alphabet[Int(state >> 33) % alphabet.count]
        }
        let shown = String(decoding: HostOutput.visible(bytes), as: UTF8.self)
        #expect(Terminals.leftovers(in: shown).isEmpty)
    }
}

/// What a terminal was given.
enum Terminals {
    /// The characters that would take effect beside lines and colours.
    static func leftovers(in shown: String) -> [Unicode.Scalar] {
        let colours = shown.replacing(/\x1B\[[0-9;:]*m/, with: "")
        let ours = colours.replacingOccurrences(of: "\r\u{1B}[K", with: "").replacingOccurrences(of: "\r\n", with: "\n")
        return ours.unicodeScalars.filter { VisibleText.isHidden($0) && $0 != "\n" }
    }
}
