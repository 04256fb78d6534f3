/// What a memcached answered to `stats`.
public struct MemcachedReading: Sendable, Hashable {
    private let counters: CounterReading

    /// Reads `STAT name value` lines; `nil` where the ones are missing that each memcached has.
    public init?(_ answer: String) {
        counters = CounterReading(lines: answer.split(whereSeparator: \.isNewline), prefix: "STAT ")
        guard counters["cmd_get"] != nil, counters["limit_maxbytes"] != nil else { return nil }
    }

    /// Asks on loopback, and on the host's own addresses where it does not listen there.
    static let script = #"""
        perl -MIO::Socket::INET -e '
          $SIG{PIPE} = "IGNORE"; alarm 5;
          my $s;
          for my $address (@ARGV) {
            $s = IO::Socket::INET->new(PeerAddr => $address, PeerPort => 11211, Timeout => 1) and last;
          }
          $s or die "memcached does not answer on port 11211: $!\n";
          print $s "stats\r\nquit\r\n"; $s->flush; print while <$s>;' 127.0.0.1 $(hostname -I)
        """#

    /// What it did since.
    func figures(since earlier: Self, seconds: Double) -> MemcachedFigures {
        func rate(_ name: String) -> Double { counters.rate(name, since: earlier.counters, seconds) ?? 0 }
        let (hits, misses) = (rate("get_hits"), rate("get_misses"))
        return MemcachedFigures(
            gets: rate("cmd_get"), hitShare: hits + misses > 0 ? hits / (hits + misses) : nil, sets: rate("cmd_set"),
            evictions: rate("evictions"), items: counters["curr_items"] ?? 0, bytes: counters["bytes"] ?? 0,
            limitBytes: counters["limit_maxbytes"] ?? 0, connections: counters["curr_connections"] ?? 0,
            connectionLimit: counters["max_connections"], refusals: rate("listen_disabled_num"),
            processors: rate("rusage_user") + rate("rusage_system"), threads: counters["threads"])
    }
}
