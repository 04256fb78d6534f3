import Fleet

/// Asks a service on its own host until it answers, in one round trip. Needs perl-base, which every Debian has.
struct HealthScript: Hashable, Sendable {
    /// The exit status when a unit has failed, which no waiting mends: its name is printed first.
    static let unitFailed: Int32 = 113

    /// Address that the service listens on.
    var address: String
    /// Its TCP port.
    var port: Int
    /// Path asked with GET; empty where a connection is enough.
    var path: String
    /// The answers that mean healthy. Redirects are not followed.
    var expect: ClosedRange<Int>
    /// Seconds until it gives up.
    var seconds: Int

    /// Prints the last answer. Ends with 0 once it was one of those expected; with 1 when time is up, or ``unitFailed``, and the
    /// states of the units with the last lines of their journals.
    func script(_ layout: ReleaseLayout, release: ReleaseID) -> String {
        let units = layout.units.map(RemoteCommand.quote).joined(separator: " ")
        return """
            link=$(readlink \(RemoteCommand.quote(layout.root + "/current")) 2>/dev/null || true)
            if [ "${link##*/}" != \(release) ]; then echo "${link##*/}"; exit \(ReleaseScript.Status.reverted); fi
            \(command) \(units)
            status=$?
            if [ $status -ne 0 ]; then
              for unit in \(units); do
                echo "$unit: $(systemctl is-active "$unit" 2>&1)"
                # With --since, --lines counts from the beginning before systemd 254.
                journalctl --unit "$unit" --since=-\(seconds + 5)s --quiet --no-pager --output cat 2>/dev/null | tail -n 10
              done
              exit $status
            fi
            """
    }

    /// What is asked, for people.
    var question: String { path.isEmpty ? "a connection" : "GET \(path)" }

    /// The probe alone: prints the answer, ends with 0 when it was good. Units whose names follow are looked at meanwhile.
    var command: String { "perl -MIO::Socket::INET -e \(RemoteCommand.quote(Self.probe)) \(words)" }

    private var words: String {
        [address, "\(port)", path, "\(seconds)", "\(expect.lowerBound)", "\(expect.upperBound)"].map(
            RemoteCommand.quote
        ).joined(separator: " ")
    }

    /// Tries every fifth of a second, and looks at the units every second; each try has 3 seconds.
    private static let probe = #"""
        my ($host, $port, $path, $seconds, $least, $most, @units) = @ARGV;
        my ($end, $last, $look) = (time + $seconds, "no answer", 0);
        sub failed {
          return if time < $look;
          $look = time + 1;
          for my $unit (@units) {
            open(my $said, "-|", "systemctl", "is-active", $unit) or next;
            my $state = <$said> // "";
            close $said;
            return $unit if $state =~ /^failed\b/;
          }
          return;
        }
        while (1) {
          my $answer = "";
          eval {
            local $SIG{ALRM} = sub { die "no answer within 3 s\n" };
            alarm 3;
            my $s = IO::Socket::INET->new(PeerAddr => $host, PeerPort => $port, Proto => "tcp")
              or die "connect to $host:$port: $!\n";
            if ($path eq "") { print "connected\n"; exit 0 }
            print $s "GET $path HTTP/1.0\r\nHost: $host:$port\r\nUser-Agent: drover\r\nConnection: close\r\n\r\n";
            while (length $answer < 4096 and sysread $s, my $part, 4096) { $answer .= $part }
            alarm 0;
            1;
          } or $last = $@;
          alarm 0;
          if ($answer =~ m{^HTTP/\S+ (\d{3})\b([^\r\n]*)}) {
            my $line = "$1$2";
            my $ok = $1 >= $least && $1 <= $most;
            my ($body) = $answer =~ m{\r?\n\r?\n(.*)}s;
            $last = $line . (defined $body && length $body && !$ok ? "\n" . substr($body, 0, 300) : "");
            if ($ok) { print "$line\n"; exit 0 }
          } elsif (length $answer) { $last = "the answer is not HTTP" }
          chomp $last;
          if (my $unit = failed()) { print "$unit\n$last\n"; exit 113 }
          if (time >= $end) { print "$last\n"; exit 1 }
          select undef, undef, undef, 0.2;
        }
        """#
}
