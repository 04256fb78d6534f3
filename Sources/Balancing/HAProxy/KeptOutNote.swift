import Fleet

/// What stands behind a `server` line of a member that somebody took out by hand: a comment, so that HAProxy does not mind.
enum KeptOutNote {
    /// `# maintenance since 1764560000000 by me@here:12: new disks`; `console` in place of who where nobody knows.
    static func text(_ kept: KeptOut) -> String {
        let since = kept.since.map { " since \($0.milliseconds)" } ?? ""
        let by = kept.by.map { word($0.replacing(" ", with: "_")) } ?? console
        let reason = kept.reason.map { ": \(word($0))" } ?? ""
        return "# \(kept.isMaintenance ? maintenance : drained)\(since) by \(by)\(reason)"
    }

    /// Reads what ``text(_:)`` writes; `nil` for any other comment.
    static func read(_ comment: some StringProtocol) -> KeptOut? {
        let (head, reason) = parts(String(comment))
        var words = head.split(separator: " ")[...]
        guard words.popFirst() == "#", let kind = words.popFirst(), kind == maintenance || kind == drained else {
            return nil
        }
        var kept = KeptOut(reason: reason, isMaintenance: kind == maintenance)
        if words.first == "since" {
            guard let since = words.dropFirst().first.flatMap({ Int64($0) }) else { return nil }
            kept.since = Timestamp(milliseconds: since)
            words = words.dropFirst(2)
        }
        guard words.popFirst() == "by", let by = words.popFirst(), words.isEmpty else { return nil }
        kept.by = by == console ? nil : String(by)
        return kept
    }

    private static let maintenance = "maintenance"
    private static let drained = "drained"
    private static let console = "console"

    private static func parts(_ text: String) -> (head: String, reason: String?) {
        guard let end = text.firstRange(of: ": ") else { return (text, nil) }
        return (String(text[..<end.lowerBound]), String(text[end.upperBound...]))
    }

    /// One line without control characters, and no longer than HAProxy's lines may be.
    private static func word(_ text: String) -> String {
        let plain = text.unicodeScalars.map {
            $0.value < 0x20 || (0x7F...0x9F).contains($0.value) ? " " : Character($0)
        }
        let words = String(plain).split { $0.isWhitespace || $0.isNewline }.joined(separator: " ")
        return String(words.prefix(200))
    }
}
