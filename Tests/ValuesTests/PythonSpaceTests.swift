import Testing
import Values

/// What Python takes for white space, wherever a text is stripped or cut.
@Suite struct PythonSpaceTests {
    /// Answer of CPython 3.11 to `[c for c in range(0x110000) if chr(c).isspace()]`.
    private static let spaces: [UInt32] = [
        9, 10, 11, 12, 13, 28, 29, 30, 31, 32, 133, 160, 5760, 8192, 8193, 8194, 8195, 8196, 8197, 8198, 8199, 8200,
        8201, 8202, 8232, 8233, 8239, 8287, 12288,
    ]

    @Test func thoseOfPythonAndNoOthers() {
        let found = (0...0x10FFFF as ClosedRange<UInt32>).filter { Unicode.Scalar($0)?.isPythonSpace == true }
        #expect(found == Self.spaces)
    }

    @Test(arguments: [
        ("", ""), (" \t\r\n", ""), ("\u{1C}a\u{1F}", "a"), ("\r\n a b \r\n", "a b"), ("\u{2003}é\u{3000}", "é"),
        // White space before an accent is no part of it.
        ("a \u{301}", "a \u{301}"), ("\u{200B}a\u{200B}", "\u{200B}a\u{200B}"),
    ])
    func areStripped(_ text: String, _ expected: String) {
        #expect(Array(text.stripped.utf8) == Array(expected.utf8))
    }
}
