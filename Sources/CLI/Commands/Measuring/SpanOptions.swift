import ArgumentParser
import Fleet

/// Which part of what agents kept is meant.
struct SpanOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "From when on: how long ago (30m, 2h), a time of today (10:30), or 2026-12-01T10:30.", valueName: "time"))
    var from: String?

    @Option(help: ArgumentHelp("Until when, written so too (default: now).", valueName: "time"))
    var to: String?

    /// Whether one was named.
    var isGiven: Bool { from != nil || to != nil }

    /// The span; without one, the last hour.
    /// - Parameter step: How many seconds a sample of it is long; `nil` for what makes a readable number of them.
    /// - Throws: ``InputError`` for what is no moment, or no span.
    func span(_ moments: MomentText, step: Int? = nil, usual: Int64 = 3600) throws(InputError) -> HostHistory.Span {
        let end = try to.map { text throws(InputError) in try moments.seconds(text, of: "--to") } ?? moments.now
        let begin = try from.map { text throws(InputError) in try moments.seconds(text, of: "--from") } ?? (end - usual)
        guard begin < end else {
            throw InputError(
                "--from is not before --to: \(moments.date(begin)) \(moments.clock(begin)) and "
                    + "\(moments.date(end)) \(moments.clock(end))",
                hints: ["a time alone is one of today; yesterday's: 2026-12-01T10:30"])
        }
        guard begin <= moments.now else {
            throw InputError(
                "--from is yet to come: \(moments.date(begin)) \(moments.clock(begin))",
                hints: ["a time alone is one of today"])
        }
        return HostHistory.Span(from: begin, to: end, step: step ?? Self.step(end - begin))
    }

    /// A sample a minute of two hours, one in ten minutes, as `sar` keeps them, of more; all there are of some minutes.
    private static func step(_ seconds: Int64) -> Int { seconds <= 600 ? 10 : seconds <= 7200 ? 60 : 600 }
}
