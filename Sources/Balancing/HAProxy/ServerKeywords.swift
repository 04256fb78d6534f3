import Fleet

/// What HAProxy's lines say of every server of a pool: how it is checked, what becomes of one that goes down, its share.
struct ServerKeywords {
    /// As a `default-server` line has it.
    let words: String

    /// Requests in progress on a member that went down are ended at once: their clients would wait for the server's time
    /// limit. Not where a cookie keeps clients: such a member leaves by maintenance, which HAProxy takes for going down, with
    /// requests in progress.
    init(_ check: Pool.Check, _ traffic: PoolTraffic) {
        words =
            "inter \(check.interval.wholeMilliseconds)ms rise \(check.rise) fall \(check.fall)"
            + (traffic.cookie == nil ? " on-marked-down shutdown-sessions" : "")
            + (traffic.weight == 1 ? "" : " weight \(traffic.weight)")
            + (traffic.slowStart.map { " slowstart \($0.wholeMilliseconds)ms" } ?? "")
            + (traffic.agent.map(Self.asking) ?? "")
    }

    /// As a server has it that is added at run time, which inherits nothing.
    static func added(_ member: PoolMember, to pool: Pool, weight: Int?) -> String {
        var traffic = pool.traffic
        traffic.weight = weight ?? traffic.weight
        let cookie = traffic.cookie.map { _ in " cookie \(member.host)" } ?? ""
        return "check " + ServerKeywords(pool.check, traffic).words + cookie
    }

    /// The agent scales the weight, which has to be 100 for that, and says nothing of whether the member is up.
    private static func asking(_ agent: PoolTraffic.Agent) -> String {
        " agent-check agent-port \(agent.port) agent-inter \(agent.interval.wholeMilliseconds)ms"
    }

    /// The agent in a line of ours.
    static func agent(_ words: [Substring]) -> PoolTraffic.Agent? {
        guard words.contains("agent-check"), let port = value("agent-port", in: words).flatMap({ Int($0) }),
            let interval = value("agent-inter", in: words).flatMap(milliseconds)
        else { return nil }
        return PoolTraffic.Agent(port: port, interval: interval)
    }

    /// The times in a `default-server` line that begins as ours do.
    static func times(_ words: [Substring]) -> (interval: Duration, rise: Int, fall: Int)? {
        guard words.count >= 7, words[0] == "default-server", words[1] == "inter",
            let interval = milliseconds(words[2]), words[3] == "rise",
            let rise = Int(words[4]), words[5] == "fall", let fall = Int(words[6]), (1...100).contains(rise),
            (1...100).contains(fall)
        else { return nil }
        return (interval, rise, fall)
    }

    /// What follows `keyword` in a line.
    static func value(_ keyword: String, in words: [Substring]) -> Substring? {
        words.firstIndex { $0 == keyword }.flatMap { words.indices.contains($0 + 1) ? words[$0 + 1] : nil }
    }

    /// `1500ms`
    static func milliseconds(_ word: Substring) -> Duration? {
        guard word.hasSuffix("ms"), let number = Int64(word.dropLast(2)), (1...86_400_000).contains(number) else {
            return nil
        }
        return .milliseconds(number)
    }
}
