import Foundation
import Testing
import Values

/// What Python answered, recorded by the scripts in `Recorded/Patterns`; read by Foundation, so by none of the code that is
/// tested.
enum RecordedPatterns {
    static func read<Recording: Decodable>(_ file: String) throws -> Recording {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        let data = try Data(contentsOf: folder.appendingPathComponent("Recorded/Patterns/" + file))
        return try JSONDecoder().decode(Recording.self, from: data)
    }

    static let all = Result { try read("patterns.json") as Recording }

    struct Recording: Decodable, Sendable {
        let cases: [PatternCase]
        /// First and last code points of the runs that a class matches.
        let classes: [String: [[UInt32]]]
    }
}

/// One pattern, and what Python makes of some texts with it.
struct PatternCase: Decodable, Sendable, CustomTestStringConvertible {
    let pattern: String
    let flags: String
    let error: String?
    let names: [String: Int]?
    let subjects: [Subject]?

    struct Subject: Decodable, Sendable {
        let text: String
        let search: [[Int]]?
        let match: [[Int]]?
        let fullmatch: [[Int]]?
        let all: [[[Int]]]
        let sub: [Replacement]
    }

    struct Replacement: Decodable, Sendable {
        let with: String
        let count: Int
        let text: String?
        let error: String?
    }

    var testDescription: String { "\(pattern.debugDescription) \(flags)" }

    var isOverBytes: Bool { flags.contains("b") }

    /// The pattern as the program gets it: a pattern over bytes is written in UTF-8.
    var source: String { isOverBytes ? String(decoding: Self.bytes(pattern), as: UTF8.self) : pattern }

    /// The bytes that characters of Latin-1 stand for.
    static func bytes(_ text: String) -> [UInt8] { text.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) } }

    var options: PythonPattern.Options {
        let letters: [(Character, PythonPattern.Options)] = [
            ("i", .ignoresCase), ("m", .isMultiline), ("s", .dotMatchesAll), ("x", .isVerbose),
        ]
        return letters.reduce(into: []) { if flags.contains($1.0) { $0.insert($1.1) } }
    }

    func compiled() throws -> PythonPattern { try PythonPattern(source, options, over: isOverBytes ? .bytes : .text) }

    func first(_ pattern: PythonPattern, in text: String, _ anchor: PythonPattern.Anchor) throws -> [[Int]]? {
        let match =
            isOverBytes
            ? try pattern.firstMatch(in: Self.bytes(text), anchor) : try pattern.firstMatch(in: text, anchor)
        return match.map { spans($0, text) }
    }

    func all(_ pattern: PythonPattern, in text: String) throws -> [[[Int]]] {
        let matches = isOverBytes ? try pattern.matches(in: Self.bytes(text)) : try pattern.matches(in: text)
        return matches.map { spans($0, text) }
    }

    /// Python counts code points of text.
    private func spans(_ match: PythonPattern.Match, _ text: String) -> [[Int]] {
        match.ranges.map { range in
            guard let range else { return [-1, -1] }
            return isOverBytes
                ? [range.lowerBound, range.upperBound]
                : [range.lowerBound, range.upperBound].map { unit in
                    let place = text.utf16.index(text.startIndex, offsetBy: unit)
                    return text.unicodeScalars.distance(from: text.startIndex, to: place)
                }
        }
    }
}
