/// What a MariaDB (or MySQL) answered: status, variables, and how it follows a primary.
public struct MariaReading: Sendable, Hashable {
    private var status = CounterReading()
    private var settings = CounterReading()
    private var states: [String: String] = [:]
    private var replica: [String: String] = [:]

    /// Reads `name<tab>value` lines in parts; `nil` where the status is not among them.
    public init?(_ answer: String) {
        var part = ""
        for line in answer.split(whereSeparator: \.isNewline) {
            if line.hasPrefix("drover-part") {
                part = String(line.split(separator: "\t").last ?? "")
                continue
            }
            if part == "replica" {
                note(replica: line)
                continue
            }
            let words = line.split(separator: "\t", maxSplits: 1).map(String.init)
            guard words.count == 2 else { continue }
            states[words[0].lowercased()] = words[1]
            if part == "status" { status.note(words[0].lowercased(), words[1]) }
            if part == "settings" { settings.note(words[0].lowercased(), words[1]) }
        }
        guard status["threads_connected"] != nil else { return nil }
    }

    private mutating func note(replica line: Substring) {
        let words = line.split(separator: ":", maxSplits: 1)
        guard words.count == 2 else { return }
        let name = words[0].drop { $0 == " " }.lowercased()
        replica[name] = String(words[1].drop { $0 == " " })
    }

    /// Over the server's socket, as root or whoever may log in there.
    static let script = #"""
        drover_sql=$(command -v mariadb || command -v mysql) && "$drover_sql" --connect-timeout=3 -B -e "
          SELECT 'drover-part', 'status'; SHOW GLOBAL STATUS;
          SELECT 'drover-part', 'settings'; SHOW GLOBAL VARIABLES WHERE Variable_name IN
            ('max_connections', 'innodb_buffer_pool_size', 'read_only', 'rpl_semi_sync_master_enabled', 'long_query_time');
          SELECT 'drover-part', 'replica'; SHOW SLAVE STATUS\G"
        """#

    /// What it did since.
    func figures(since earlier: Self, seconds: Double) -> MariaFigures {
        func rate(_ name: String) -> Double? { status.rate(name, since: earlier.status, seconds) }
        var figures = MariaFigures()
        figures.connections = status["threads_connected"]
        figures.connectionLimit = settings["max_connections"]
        figures.refusals = rate("connection_errors_max_connections")
        figures.running = status["threads_running"]
        figures.queries = rate("questions")
        figures.slowQueries = rate("slow_queries")
        figures.commits = rate("com_commit")
        figures.pageRequests = rate("innodb_buffer_pool_read_requests")
        figures.pageReads = rate("innodb_buffer_pool_reads")
        figures.poolWaits = rate("innodb_buffer_pool_wait_free")
        figures.poolBytes = settings["innodb_buffer_pool_size"]
        figures.syncs = rate("innodb_data_fsyncs")
        figures.rowLockTime = rate("innodb_row_lock_time")
        figures.scannedRows = rate("handler_read_rnd_next")
        figures.indexedRows = rate("handler_read_key")
        figures.isReadOnly = states["read_only"].map { $0 != "OFF" && $0 != "0" }
        figures.replica = following
        if states["rpl_semi_sync_master_enabled"] == "ON" {
            figures.isSemiSynchronous = states["rpl_semi_sync_master_status"] == "ON"
            figures.replicaWait = status["rpl_semi_sync_master_tx_avg_wait_time"]
        }
        return figures
    }

    private var following: MariaReplica? {
        guard let fetching = replica["slave_io_running"], let applying = replica["slave_sql_running"] else {
            return nil
        }
        let error = [replica["last_io_error"], replica["last_sql_error"]].compactMap(\.self).first { !$0.isEmpty }
        return MariaReplica(
            isFetching: fetching == "Yes", isApplying: applying == "Yes",
            lag: replica["seconds_behind_master"].flatMap { Double($0) }.flatMap { $0.isFinite ? $0 : nil },
            error: error)
    }
}
