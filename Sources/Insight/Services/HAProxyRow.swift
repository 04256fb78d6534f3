import Fleet

/// One row of `show stat`, by the columns' names.
struct HAProxyRow: Sendable, Hashable {
    enum Kind: Sendable, Hashable { case frontend, backend, server }

    let proxyName: String
    let name: String
    let kind: Kind
    private let status: String
    private var counters = CounterReading()

    var key: String { proxyName + "\n" + name }

    init?(_ line: Substring, columns: [String]) {
        let cells = Self.cells(line)
        guard cells.count > 2, cells.count <= columns.count + 1 else { return nil }
        proxyName = cells[0]
        name = cells[1]
        kind = name == "FRONTEND" ? .frontend : name == "BACKEND" ? .backend : .server
        var status = ""
        for (column, cell) in zip(columns, cells).dropFirst(2) {
            if column == "status" { status = cell } else { counters.note(column, cell) }
        }
        self.status = status
    }

    func proxy(since earlier: Self?, seconds: Double) -> HAProxyProxy {
        var proxy = HAProxyProxy(name: proxyName)
        proxy.requests = requests(since: earlier, seconds)
        proxy.answers = answers(since: earlier, seconds)
        proxy.sessions = counters["scur"] ?? 0
        proxy.sessionLimit = counters["slim"]
        proxy.queued = counters["qcur"] ?? 0
        proxy.refused = ["dreq", "ereq"].reduce(0) { $0 + (rate($1, earlier, seconds) ?? 0) }
        return proxy
    }

    /// `nil` for a server whose name is no host's.
    func member(since earlier: Self?, seconds: Double) -> MemberObservation? {
        // A server that no host is called like is none of ours.
        guard let host = try? HostName(name) else { return nil }
        var member = MemberObservation(
            host: host, state: state, requests: requests(since: earlier, seconds),
            answers: answers(since: earlier, seconds),
            connectionFailures: rate("econ", earlier, seconds) ?? 0,
            brokenAnswers: rate("eresp", earlier, seconds) ?? 0,
            weight: counters["weight"].flatMap { Int(exactly: $0) }, sessions: counters["scur"],
            sessionLimit: counters["slim"], queued: counters["qcur"], responseTime: counters["rtime"])
        member.retries = rate("wretr", earlier, seconds) ?? 0
        member.abandoned = rate("cli_abrt", earlier, seconds) ?? 0
        member.queueGrowth = earlier?.counters["qcur"].flatMap { then in counters["qcur"].map { $0 - then } }
        member.queueTime = counters["qtime"]
        member.connectTime = counters["ctime"]
        member.totalTime = counters["ttime"]
        return member
    }

    /// A maintenance or drain that an agent or somebody asked for begins with its word.
    private var state: RunningMember.State {
        if status.hasPrefix("MAINT") { return .maintenance }
        if status.hasPrefix("DRAIN") || status.hasPrefix("NOLB") { return .draining }
        return status.hasPrefix("UP") || status == "no check" ? .up : .down
    }

    private func rate(_ name: String, _ earlier: Self?, _ seconds: Double) -> Double? {
        earlier.flatMap { counters.rate(name, since: $0.counters, seconds) }
    }

    private static let classes = ["hrsp_other"] + (1...5).map { "hrsp_\($0)xx" }

    private func answers(since earlier: Self?, _ seconds: Double) -> [Double] {
        guard counters["hrsp_2xx"] != nil else { return [] }
        return Self.classes.map { rate($0, earlier, seconds) ?? 0 }
    }

    /// Those that were answered or had no connection; times chosen, or sessions, where answers are not counted.
    private func requests(since earlier: Self?, _ seconds: Double) -> Double? {
        guard earlier != nil else { return nil }
        let failures = kind == .server ? rate("econ", earlier, seconds) ?? 0 : 0
        if counters["hrsp_2xx"] != nil { return answers(since: earlier, seconds).reduce(failures, +) }
        return rate("lbtot", earlier, seconds) ?? rate("stot", earlier, seconds)
    }

    /// Fields between commas; one in quotes may hold some. Two quotes in it are one.
    private static func cells(_ line: Substring) -> [String] {
        guard line.contains("\"") else {
            return line.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        }
        var cells = [""]
        var isQuoted = false
        for character in line {
            if character == "\"" {
                isQuoted.toggle()
            } else if character == ",", !isQuoted {
                cells.append("")
            } else {
                cells[cells.count - 1].append(character)
            }
        }
        return cells
    }
}
