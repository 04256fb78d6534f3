/// What the admin socket answered to one line of commands that ends with `show stat`, after `set severity-output number`:
/// a reply that says something begins with `[N]`, as syslog counts severities.
struct SocketAnswer: Equatable, Sendable {
    /// What HAProxy refused, in its words.
    let refusals: [String]
    /// The lines of the table, none when the backend does not exist.
    let table: [Substring]

    init(_ text: String) {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: true)
        let start = lines.firstIndex { $0.hasPrefix("# ") } ?? lines.endIndex
        table = Array(lines[start...])
        refusals = lines[..<start].compactMap(Self.refusal)
    }

    /// Whether nothing was said at all.
    var isEmpty: Bool { table.isEmpty && refusals.isEmpty }

    /// Whether `show stat` found no such backend.
    var lacksBackend: Bool { table.isEmpty && refusals.contains(Self.noProxy) }

    /// Whether `show stat` took the backend's name for that of a frontend, which has neither backend nor servers.
    var isOfNamesake: Bool { table.count == 1 }

    private static let noProxy = "No such proxy."

    private static func refusal(_ line: Substring) -> String? {
        guard line.first == "[", let end = line.firstIndex(of: "]"),
            let severity = Int(line[line.index(after: line.startIndex)..<end])
        else { return nil }
        let words = line[line.index(after: end)...].drop { $0 == ":" || $0 == " " }
        // HAProxy 2.6 gives an unknown command the severity of an information.
        return severity <= 4 || words.hasPrefix("Unknown command") ? String(words) : nil
    }
}

/// What members answered when a balancer asked them: a line for each, its name and what it said.
struct TrialAnswer: Equatable, Sendable {
    /// What was said, by member.
    let answers: [String: String]

    init(_ text: String) {
        let lines = text.split(whereSeparator: \.isNewline).map { $0.split(separator: " ", maxSplits: 1) }
        let pairs = lines.map { ($0.first.map(String.init) ?? "", $0.count > 1 ? String($0[1]) : "") }
        answers = Dictionary(pairs) { first, _ in first }
    }

    /// What `member` said, when HAProxy would not take that for healthy.
    func refusal(of member: String, expecting statuses: ClosedRange<Int>) -> String? {
        guard let said = answers[member] else { return "nothing in time" }
        let status = said.prefix { $0 != " " }
        return status.count == 3 && Int(status).map(statuses.contains) == true ? nil : said
    }
}
