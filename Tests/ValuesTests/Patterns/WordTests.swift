import Fleet
import Foundation
import Testing
import Values

/// Names, words and paths are read as Python reads them.
@Suite struct WordTests {
    struct Recording: Decodable, Sendable {
        struct Name: Decodable, Sendable { let pattern, name: String, fits: Bool }
        struct Line: Decodable, Sendable { let line: String, comments: Bool, words: [String]? }
        struct Encoded: Decodable, Sendable { let text: String, bytes: String? }
        struct Path: Decodable, Sendable { let path: String, home: String?, expanded: String }

        let fnmatch: [Name]
        let shlex: [Line]
        let base64: [Encoded]
        let homes: [String: String]
        let expanduser: [Path]
    }

    private static let recorded = Result { try RecordedPatterns.read("words.json") as Recording }

    @Test func namesFitAsInFnmatch() throws {
        for name in try Self.recorded.get().fnmatch {
            #expect(FileNamePattern(name.pattern).matches(name.name) == name.fits, "\(name)")
        }
    }

    @Test(arguments: [
        ("?", "é", false), ("??", "é", true), ("[é]?", "é", true), ("*", ".a", false), (".*", ".a", true),
        ("a*", "ab", true),
    ])
    func globsListBytes(_ pattern: String, _ name: String, _ isListed: Bool) {
        #expect(FileNamePattern(pattern, over: .bytes).lists(name) == isListed)
    }

    @Test func bracketsOfHostKeysStandForThemselves() {
        #expect(FileNamePattern("[10.0.0.1]:22*", hasSets: false).matches("[10.0.0.1]:2222"))
        #expect(!FileNamePattern("[10.0.0.1]:2222").matches("[10.0.0.1]:2222"))
    }

    @Test func manyStarsTakeNoTime() {
        #expect(
            !FileNamePattern(String(repeating: "*a", count: 200) + "b").matches(String(repeating: "a", count: 5000)))
    }

    @Test func linesAreSplitAsByShlex() throws {
        for line in try Self.recorded.get().shlex {
            // Words decide by their bytes: to Swift, texts that look alike are equal.
            let words = try? ShellWords.split(line.line, comments: line.comments).map { Array($0.utf8) }
            #expect(words == line.words?.map { Array($0.utf8) }, "\(line)")
        }
    }

    @Test func openQuotesNameNoPartOfTheLine() {
        let error = #expect(throws: InputError.self) { try ShellWords.split("password='secret") }
        #expect(error?.message == "a quote is never closed")
    }

    @Test func base64IsReadAsPythonReadsIt() throws {
        for encoded in try Self.recorded.get().base64 {
            #expect(Base64Coding.bytesPassingOver(encoded.text).map { Hex.text($0) } == encoded.bytes, "\(encoded)")
        }
    }

    @Test(arguments: [[], [0], [1, 2], [255, 254, 253, 252]] as [[UInt8]])
    func bytesComeBackFromBase64(_ bytes: [UInt8]) {
        #expect(Base64Coding.bytes(Base64Coding.text(bytes)) == bytes)
        #expect(Base64Coding.bytesPassingOver(Base64Coding.text(bytes)) == bytes)
    }

    @Test func homesAreFoundAsByExpanduser() throws {
        let recorded = try Self.recorded.get()
        for path in recorded.expanduser {
            let expanded = HomeFolder.expanding(path.path) { user in
                user.isEmpty ? path.home ?? "/root" : recorded.homes[user]
            }
            #expect(expanded == path.expanded, "\(path)")
        }
    }
}
