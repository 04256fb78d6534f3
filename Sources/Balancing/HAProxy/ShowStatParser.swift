import Fleet

/// Reads the CSV that `show stat` prints. Columns are found by the names in its first line, so a version that adds some
/// changes nothing.
enum ShowStatParser {
    /// What the table could not be read as.
    struct Malformed: Error, Equatable {
        let message: String
    }

    /// The backend in a table of one backend (`show stat NAME 6 -1`), or in one of several.
    /// - Parameter wanted: Its name; `nil` where there is no other.
    static func backend(_ lines: [Substring], named wanted: String? = nil) throws(Malformed) -> BackendStatus {
        guard let first = lines.first, first.hasPrefix("# ") else {
            throw Malformed(message: "no table in HAProxy's answer")
        }
        let columns = Columns(first.dropFirst(2))
        var status = BackendStatus.missing
        for line in lines.dropFirst() where !line.isEmpty {
            let row = Row(cells: cells(line), columns: columns)
            if let wanted, let proxy = row["pxname"], proxy != wanted { continue }
            guard let name = row["svname"] else { throw Malformed(message: "a row without a server: \(line)") }
            status.id = row.number("iid") ?? status.id
            if name == "BACKEND" { status.queued = row.number("qcur") ?? 0 }
            if name != "BACKEND" && name != "FRONTEND" { status.servers.append(server(name, row)) }
        }
        return status
    }

    private static func server(_ name: String, _ row: Row) -> ServerStatus {
        ServerStatus(
            name: name, address: row["addr"].flatMap { ServerAddress($0) }, status: row["status"] ?? "",
            sessions: row.number("scur") ?? 0, queued: row.number("qcur") ?? 0,
            connections: ["idle_conn_cur", "safe_conn_cur", "used_conn_cur"].reduce(0) {
                $0 + (row.number($1) ?? 0)
            },
            // A star before the status means that the check is running just now.
            checkStatus: String((row["check_status"] ?? "").drop { $0 == "*" || $0 == " " }),
            checkCode: row["check_code"] ?? "",
            lastCheck: row["last_chk"].flatMap { $0.isEmpty ? nil : $0 }
                ?? row["check_desc"] ?? "",
            health: row.number("check_health") ?? 0, rise: row.number("check_rise") ?? 0,
            fall: row.number("check_fall") ?? 0, weight: row.number("uweight") ?? row.number("weight"),
            throttle: row.number("throttle").flatMap { $0 < 100 ? $0 : nil }, agent: agent(row),
            counters: counters(row))
    }

    /// The columns are empty while nobody is asked.
    private static func agent(_ row: Row) -> AgentReply? {
        let word = (row["agent_status"] ?? "").drop { $0 == "*" || $0 == " " }
        return word.isEmpty ? nil : AgentReply(word: String(word))
    }

    /// Columns that a pool of TCP leaves empty count nothing.
    private static func counters(_ row: Row) -> TrafficCounters? {
        guard let chosen = row.number("lbtot") else { return nil }
        func count(_ name: String) -> Int { max(0, row.number(name) ?? 0) }
        let names = ["hrsp_other"] + (1...5).map { "hrsp_\($0)xx" }
        return TrafficCounters(
            answers: row.number("hrsp_2xx") == nil ? [] : names.map(count), connectionFailures: count("econ"),
            brokenAnswers: count("eresp"), retries: count("wretr"), redispatches: count("wredis"),
            abandoned: count("cli_abrt"), chosen: max(0, chosen), responseTime: row.number("rtime").map { max(0, $0) })
    }

    /// The fields of one line: separated by commas, those with a comma or a quote in quotes, which are doubled inside.
    static func cells(_ line: Substring) -> [String] {
        var cells: [String] = []
        var cell = ""
        var isQuoted = false
        var previousWasQuote = false
        for character in line {
            if isQuoted {
                if character == "\"" {
                    isQuoted = false
                    previousWasQuote = true
                    continue
                }
                cell.append(character)
            } else if character == "\"" {
                // A doubled quote inside a quoted field is one quote.
                if previousWasQuote { cell.append(character) }
                isQuoted = true
            } else if character == "," {
                cells.append(cell)
                cell = ""
            } else {
                cell.append(character)
            }
            previousWasQuote = false
        }
        return cells + [cell]
    }

    private struct Columns {
        let index: [String: Int]

        init(_ line: Substring) {
            let names = ShowStatParser.cells(line).enumerated().map { ($1, $0) }
            index = Dictionary(names) { first, _ in first }
        }
    }

    private struct Row {
        let cells: [String]
        let columns: Columns

        subscript(name: String) -> String? {
            columns.index[name].flatMap { $0 < cells.count ? cells[$0] : nil }
        }

        /// Kept within bounds in which sums of some never overflow.
        func number(_ name: String) -> Int? {
            self[name].flatMap { Int($0) }.map { min(max($0, -Self.largest), Self.largest) }
        }

        private static let largest = 1 << 40
    }
}
