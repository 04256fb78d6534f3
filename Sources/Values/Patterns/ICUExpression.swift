import Fleet
import Foundation

/// A pattern as ICU has it.
struct ICUExpression: Sendable {
    private let compiled: Compiled
    /// ICU's numbers of the groups, by Python's.
    private let numbers: [Int]

    /// NSRegularExpression is immutable and documented as safe to share.
    private struct Compiled: @unchecked Sendable {
        // Nobody guards it: it never changes after its making.
        let value: NSRegularExpression
    }

    /// Where a search begins.
    struct Place {
        var start = 0
        /// Whether the match must begin there.
        var isAnchored = false
    }

    /// - Throws: ``InputError`` for what ICU can't do.
    init(_ reading: PatternReader.Reading, _ form: PythonPattern.Form) throws(InputError) {
        let writer = try ICUWriter(reading, alphabet: form.alphabet)
        numbers = writer.numbers
        var text = writer.text
        // `\G` is where the search began; looked at from behind, for from before ICU finds the text's beginning there.
        if form.isLonger { text = "(?:\(text))(?<!\\G)" }
        if form.isWhole { text = "(?:\(text))\\z" }
        do {
            // ICU takes no empty pattern.
            compiled = Compiled(
                value: try NSRegularExpression(pattern: text.isEmpty ? "(?:)" : text, options: .useUnixLineSeparators))
        } catch {
            throw InputError("it is too large, or looks behind itself for what a group holds")
        }
    }

    /// After so many thousands of steps, some seconds, a search is given up: some patterns try a text in more ways than
    /// anybody can wait for. ICU also reports each place at which it begins.
    private static let mostTicks = 10_000

    /// Up to `most` matches from a place on.
    /// - Throws: ``InputError`` when the search takes too long, or more memory than ICU gives it.
    func matches(
        in matter: PatternMatter, at place: Place, most: Int, _ pattern: PythonPattern
    ) throws(InputError) -> [PythonPattern.Match] {
        var options: NSRegularExpression.MatchingOptions = [
            .reportProgress, .reportCompletion, .withTransparentBounds, .withoutAnchoringBounds,
        ]
        if place.isAnchored { options.insert(.anchored) }
        var matches: [PythonPattern.Match] = []
        var ticksLeft = Self.mostTicks + matter.count
        var hasFailed = false
        compiled.value.enumerateMatches(
            in: matter.text, options: options, range: NSRange(location: place.start, length: matter.count - place.start)
        ) { result, flags, stop in
            if let result { matches.append(match(result, matter, pattern)) }
            if flags.contains(.progress) { ticksLeft -= 1 }
            if flags.contains(.internalError) { hasFailed = true }
            if ticksLeft < 0 || matches.count >= most { stop.pointee = true }
        }
        guard ticksLeft >= 0, !hasFailed else {
            let what = hasFailed ? "needs too much memory" : "takes too long"
            throw InputError("the regular expression '\(pattern.source)' \(what) on this text")
        }
        return matches
    }

    private func match(
        _ result: NSTextCheckingResult, _ matter: PatternMatter, _ pattern: PythonPattern
    ) -> PythonPattern.Match {
        PythonPattern.Match(
            ranges: numbers.map { Range(result.range(at: $0)) }, names: pattern.names, matter: matter)
    }
}
