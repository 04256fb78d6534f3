import Fleet
import Testing
import Values

/// Regular expressions mean what they mean to Python's `re`: every place of every group, every replacement, every error.
@Suite struct PythonPatternTests {
    private static let cases = (try? RecordedPatterns.all.get().cases) ?? []

    @Test func allCasesAreRead() throws { #expect(try RecordedPatterns.all.get().cases.count > 300) }

    @Test(arguments: cases)
    func isReadAsPythonReadsIt(_ recorded: PatternCase) throws {
        do {
            let pattern = try recorded.compiled()
            #expect(recorded.error == nil)
            #expect(pattern.names == recorded.names)
        } catch let error as InputError {
            let reason = try #require(recorded.error)
            #expect(error.message == "'\(recorded.source)' is not a regular expression: \(reason)")
        }
    }

    @Test(arguments: cases.filter { $0.error == nil })
    func matchesWherePythonDoes(_ recorded: PatternCase) throws {
        let pattern = try recorded.compiled()
        for subject in recorded.subjects ?? [] {
            let text = subject.text
            #expect(
                try recorded.first(pattern, in: text, .anywhere) == subject.search, "search in \(text.debugDescription)"
            )
            #expect(try recorded.first(pattern, in: text, .start) == subject.match, "match of \(text.debugDescription)")
            #expect(
                try recorded.first(pattern, in: text, .whole) == subject.fullmatch, "whole \(text.debugDescription)")
            #expect(try recorded.all(pattern, in: text) == subject.all, "all in \(text.debugDescription)")
        }
    }

    @Test(arguments: cases.filter { $0.error == nil && !$0.isOverBytes })
    func replacesAsPythonDoes(_ recorded: PatternCase) throws {
        let pattern = try recorded.compiled()
        for subject in recorded.subjects ?? [] {
            for wanted in subject.sub {
                let most = wanted.count == 0 ? Int.max : wanted.count
                do {
                    let replacement = try PatternReplacement(wanted.with, for: pattern)
                    let (text, _) = try pattern.replacing(in: subject.text, with: replacement, most: most)
                    #expect(wanted.text.map { Array($0.utf8) } == Array(text.utf8), "\(wanted.with) in \(subject.text)")
                } catch {
                    #expect(error.message == "'\(wanted.with)' can't be put in place of a match: \(wanted.error ?? "")")
                }
            }
        }
    }

    @Test(arguments: cases.filter { $0.error == nil && $0.isOverBytes })
    func expandsBytesAsPythonDoes(_ recorded: PatternCase) throws {
        let pattern = try recorded.compiled()
        for subject in recorded.subjects ?? [] {
            for wanted in subject.sub where wanted.count == 0 {
                let bytes = PatternCase.bytes(subject.text)
                let replacement = try PatternReplacement(wanted.with, for: pattern)
                var result: [UInt8] = []
                var end = 0
                for match in try pattern.matches(in: bytes) {
                    result += bytes[end..<match.range.lowerBound] + replacement.bytes(for: match)
                    end = match.range.upperBound
                }
                #expect(
                    result + bytes[end...] == wanted.text.map(PatternCase.bytes), "\(wanted.with) in \(subject.text)")
            }
        }
    }

    /// Characters that were assigned after the Unicode that Python 3.11 knows are left out.
    @Test(arguments: [#"\w"#, #"\d"#, #"\s"#])
    func classesHoldWhatPythonsHold(_ name: String) throws {
        let runs = try #require(try RecordedPatterns.all.get().classes[name])
        let members = Set(runs.flatMap { Array($0[0]...$0[1]) })
        let known = (UInt32(0)..<0x110000).compactMap(Unicode.Scalar.init).filter { scalar in
            scalar.properties.age.map { ($0.major, $0.minor) <= (14, 0) } ?? false
        }
        let text = String(String.UnicodeScalarView(known))
        let found = Set(try PythonPattern(name).matches(in: text).compactMap { $0[0]?.unicodeScalars.first?.value })
        #expect(found == members.intersection(known.map(\.value)))
    }

    // MARK: Limits

    @Test func whatTakesTooLongIsGivenUp() throws {
        let pattern = try PythonPattern("(a+)+$")
        let error = #expect(throws: InputError.self) {
            try pattern.firstMatch(in: String(repeating: "a", count: 60) + "b")
        }
        #expect(error?.message == "the regular expression '(a+)+$' takes too long on this text")
    }

    /// ICU reports each place at which it begins, which must not count as a step.
    @Test func longTextsAreSearchedToTheirEnd() throws {
        let text = String(repeating: "x", count: 200_000) + "1"
        #expect(try PythonPattern(#"\d"#).firstMatch(in: text)?.range == 200_000..<200_001)
        #expect(try PythonPattern("x*").matches(in: text).count == 3)
    }

    @Test func groupsNestNoDeeperThanTheStack() {
        let deep = String(repeating: "(", count: 100_000) + String(repeating: ")", count: 100_000)
        #expect(throws: InputError.self) { try PythonPattern(deep) }
    }

    // MARK: Cache

    @Test func cachedPatternsAreToldApartByTheirBytes() throws {
        let cache = PatternCache(most: 2)
        // Equal as texts of Swift, different to Python.
        let (composed, decomposed) = ("\u{E9}", "e\u{301}")
        #expect(try cache.pattern(composed).firstMatch(in: composed) != nil)
        #expect(try cache.pattern(decomposed).firstMatch(in: composed) == nil)
        #expect(try cache.pattern("A", .ignoresCase).firstMatch(in: "a") != nil)
        #expect(try cache.pattern("A").firstMatch(in: "a") == nil)
    }
}
