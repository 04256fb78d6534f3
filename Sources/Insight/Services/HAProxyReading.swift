import Fleet

/// What an HAProxy answered: `show info` and `show stat`.
public struct HAProxyReading: Sendable, Hashable {
    private var info = CounterReading()
    private var rows: [String: HAProxyRow] = [:]
    private var order: [String] = []

    /// Reads both; `nil` where either is missing.
    public init?(_ answer: String) {
        var columns: [String] = []
        for line in answer.split(whereSeparator: \.isNewline) {
            if line.hasPrefix("# pxname,") {
                columns = line.dropFirst(2).split(separator: ",", omittingEmptySubsequences: false).map(String.init)
            } else if columns.isEmpty {
                let words = line.split(separator: ":", maxSplits: 1)
                if words.count == 2 { info.note(words[0], words[1].drop { $0 == " " }) }
            } else if let row = HAProxyRow(line, columns: columns), rows.updateValue(row, forKey: row.key) == nil {
                order.append(row.key)
            }
        }
        guard info["CurrConns"] != nil, !columns.isEmpty else { return nil }
    }

    /// Root and HAProxy's own group may ask. Sockets stand where Debian and Drover's role have them.
    static let script = #"""
        perl -MIO::Socket::UNIX -e '
          $SIG{PIPE} = "IGNORE"; alarm 5;
          for my $path (@ARGV) {
            next unless -S $path;
            my $s = IO::Socket::UNIX->new(Peer => $path) or die "$path: $!\n";
            print $s "show info;show stat\n"; $s->flush; $s->shutdown(1); print while <$s>; exit 0;
          }
          die "HAProxy has no admin socket in /run/haproxy\n";' /run/haproxy/admin.sock /run/haproxy-master.sock \
          /var/run/haproxy.sock
        """#

    /// What it did since.
    func figures(since earlier: Self, seconds: Double) -> HAProxyFigures {
        var process = HAProxyProcess()
        process.idle = info["Idle_pct"]
        process.connections = info["CurrConns"]
        process.connectionLimit = info["Maxconn"]
        process.threads = info["Nbthread"]
        process.requests = info.rate("CumReq", since: earlier.info, seconds)
        let listed = order.compactMap { rows[$0] }
        let servers = listed.filter { $0.kind == .server }
        func proxies(_ kind: HAProxyRow.Kind) -> [HAProxyProxy] {
            listed.filter { $0.kind == kind }.map { row in
                var proxy = row.proxy(since: earlier.rows[row.key], seconds: seconds)
                guard kind == .backend else { return proxy }
                proxy.members = servers.filter { $0.proxyName == row.proxyName }
                    .compactMap { $0.member(since: earlier.rows[$0.key], seconds: seconds) }
                return proxy
            }
        }
        return HAProxyFigures(process: process, frontends: proxies(.frontend), backends: proxies(.backend))
    }
}
