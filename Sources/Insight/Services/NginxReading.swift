/// What an nginx answered to `stub_status`.
public struct NginxReading: Sendable, Hashable {
    private var counters = CounterReading()

    /// Reads the page; `nil` where it is none.
    public init?(_ answer: String) {
        let lines = answer.split(whereSeparator: \.isNewline)
        for (place, line) in lines.enumerated() {
            let words = line.split { " :".contains($0) }
            if line.hasPrefix("Active connections:") { counters.note("active", words.last ?? "") }
            if line.contains("accepts handled requests"), place + 1 < lines.count {
                let names = ["accepts", "handled", "requests"]
                zip(names, lines[place + 1].split(separator: " ")).forEach { counters.note($0, $1) }
            }
            guard words.count == 6, words[0] == "Reading" else { continue }
            counters.note("writing", words[3])
            counters.note("waiting", words[5])
        }
        guard counters["active"] != nil, counters["requests"] != nil else { return nil }
    }

    /// Asks for the page where it usually is, on loopback: `location = /nginx_status { stub_status; allow 127.0.0.1; deny all; }`.
    static let script = #"""
        perl -MIO::Socket::INET -e '
          $SIG{PIPE} = "IGNORE"; alarm 5;
          for my $place (map { my $p = $_; map { [$p, $_] } qw(/nginx_status /stub_status /basic_status) } (80, 8080)) {
            my ($port, $path) = @$place;
            my $s = IO::Socket::INET->new(PeerAddr => "127.0.0.1", PeerPort => $port, Timeout => 1) or next;
            print $s "GET $path HTTP/1.0\r\nHost: localhost\r\n\r\n"; $s->flush;
            local $/; my $page = <$s> // "";
            if ($page =~ /^Active connections:/m) { print $page; exit 0 }
          }
          die "nginx has no stub_status on loopback\n";'
        """#

    /// What it did since.
    func figures(since earlier: Self, seconds: Double) -> NginxFigures {
        func rate(_ name: String) -> Double { counters.rate(name, since: earlier.counters, seconds) ?? 0 }
        return NginxFigures(
            requests: rate("requests"), accepted: rate("accepts"), dropped: max(0, rate("accepts") - rate("handled")),
            active: counters["active"] ?? 0, writing: counters["writing"] ?? 0, waiting: counters["waiting"] ?? 0)
    }
}
