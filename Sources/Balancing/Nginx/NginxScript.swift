import Fleet

/// The shell scripts that run on a balancer with nginx, as words. They need perl-base, coreutils, flock and nginx. Those that
/// change anything pass the fence first and hold its lock to their end.
enum NginxScript {
    /// The exit status of ``ask`` when the service does not run.
    static let inactive: Int32 = 69
    /// The exit status of ``write`` when nginx does not accept the candidate.
    static let invalid: Int32 = 65
    /// The exit status of ``write`` when the file is no longer the one that was read, and of ``reload`` when the workers stay.
    static let changed: Int32 = 75

    // MARK: asking

    /// Prints what the pool's own server tells, a line with `told` before each, and `open ADDRESS COUNT` for each address that
    /// the balancer has connections to. Nothing is told where nginx has not read the pool's file.
    static func ask(_ pool: String, unit: String, seconds: Int64, addresses: [ServerAddress]) -> [String] {
        let program = ["perl", "-MIO::Socket::INET", "-MSocket=inet_pton,AF_INET,AF_INET6", "-e", asking]
        let words = [
            unit, UpstreamFile.statusName(of: pool), String(UpstreamFile.statusPort), String(max(1, seconds)),
        ]
        return program + words + addresses.flatMap { [$0.address, String($0.port)] }
    }

    private static let asking = #"""
        my ($unit, $name, $port, $seconds, @places) = @ARGV;
        $SIG{PIPE} = "IGNORE";
        alarm $seconds;
        if (system("systemctl", "is-active", "--quiet", $unit)) { print STDERR "$unit does not run\n"; exit 69 }
        my $s = IO::Socket::INET->new(PeerHost => "127.0.0.1", PeerPort => $port, Timeout => $seconds);
        if ($s) {
          syswrite $s, "GET / HTTP/1.0\r\nHost: $name\r\n\r\n";
          my $answer = do { local $/; <$s> } // "";
          my ($head, $body) = split /\r?\n\r?\n/, $answer, 2;
          my @lines = split /\n/, $body // "";
          if ($head =~ m{^HTTP/\S+ 200} && ($lines[0] // "") =~ /^drover [0-9a-f]+$/) { print "told $_\n" for @lines }
        }
        my %count;
        for my $file ("/proc/net/tcp", "/proc/net/tcp6") {
          open my $table, "<", $file or next;
          while (<$table>) {
            my (undef, undef, $remote, $state) = split;
            $count{$remote}++ if $state eq "01";
          }
        }
        while (my ($address, $at) = splice @places, 0, 2) {
          my $six = $address =~ /:/;
          my $bytes = inet_pton($six ? AF_INET6 : AF_INET, $address) // next;
          my $hex = join "", map { sprintf "%08X", $_ } unpack "L*", $bytes;
          my $key = sprintf "%s:%04X", $hex, $at;
          my $open = ($count{$key} // 0) + ($six ? 0 : $count{"0000000000000000FFFF0000$key"} // 0);
          print "open ", $six ? "[$address]" : $address, ":$at $open\n";
        }
        """#

    // MARK: members

    /// Asks each member for the check's path, all at once, each at most twice: a line for each, its name, then the answer.
    static func trial(_ check: Pool.Check, pool: String, members: [(name: String, ServerAddress)]) -> [String] {
        let limit = max(100, min(check.interval.wholeMilliseconds, 10_000))
        let words = members.flatMap { [$0.name, $0.1.address, String($0.1.port)] }
        let expected = [check.expect.lowerBound, check.expect.upperBound].map { String($0) }
        return ["perl", "-MIO::Socket::IP", "-MIO::Select", "-e", trying, pool, check.path, String(limit)] + expected
            + words
    }

    private static let trying = #"""
        my ($name, $path, $limit, $least, $most, @members) = @ARGV;
        my $seconds = $limit / 1000;
        $| = 1;
        $SIG{PIPE} = "IGNORE";
        alarm 60;
        while (my ($member, $address, $port) = splice @members, 0, 3) {
          next if fork;
          my $said = ask($address, $port);
          $said = ask($address, $port) unless $said =~ /^(\d\d\d) / && $1 >= $least && $1 <= $most;
          $said =~ s/[^ -~]/?/g;
          syswrite STDOUT, "$member " . substr($said, 0, 200) . "\n";
          exit 0;
        }
        1 while wait > 0;
        sub ask {
          my ($address, $port) = @_;
          my $s = IO::Socket::IP->new(PeerHost => $address, PeerPort => $port, Type => SOCK_STREAM, Timeout => $seconds)
            or return "no connection: $!";
          syswrite $s, "GET $path HTTP/1.1\r\nHost: $name\r\nConnection: close\r\n\r\n";
          my $select = IO::Select->new($s);
          my $answer = "";
          while ($answer !~ /\n/ && length $answer < 4096) {
            return "no answer within $limit ms" unless $select->can_read($seconds);
            last unless sysread $s, $answer, 4096, length $answer;
          }
          return "$1 $2" if $answer =~ m{^HTTP/\d\.\d (\d\d\d) ?([^\r\n]*)};
          return length $answer ? "what is no HTTP" : "nothing";
        }
        """#

    // MARK: the file

    /// Replaces a pool's file by standard input, then prints it as ``BalancerScript/read(_:)`` does.
    ///
    /// The candidate is tried with all that nginx reads, in a copy of its folder, and only then takes the place of the file whose
    /// checksum was `sum`, by a rename that is on disk. The one before it stays beside it.
    static func write(
        _ file: String, sum: String, installation: NginxInstallation, fence: BalancerFence?
    ) -> [String] {
        shell(
            (fence?.script ?? "") + "set -eu\n" + writing, [file, sum, installation.program, installation.folder])
    }

    private static let writing = """
        folder=$(dirname "$1"); new=$1.new
        mkdir -p "$folder"
        exec 8<"$folder"
        flock -w 10 8 || { echo "another command has kept $folder for 10 s" >&2; exit 1; }
        same() { if [ -e "$1" ]; then sum=$(cksum < "$1"); else sum=none; fi; [ "$sum" = "$2" ] || exit 75; }
        same "$1" "$2"
        work=$(mktemp -d)
        trap 'rm -rf "$work" "$new"' EXIT
        cat > "$work/candidate"
        cp -rL "$4" "$work/etc"
        case $1 in "$4"/*) place=$work/etc/${1#"$4"/} ;; *) place= ;; esac
        if [ -n "$place" ]; then
            mkdir -p "$(dirname "$place")"
            cp "$work/candidate" "$place"
            find "$work/etc" -type f -exec sed -i "s#$4/#$work/etc/#g" {} +
            "$3" -t -q -c "$work/etc/nginx.conf" > "$work/log" 2>&1 || { cat "$work/log" >&2; exit 65; }
        fi
        same "$1" "$2"
        if [ -e "$1" ]; then cp -p "$1" "$1.before"; fi
        install -m 644 "$work/candidate" "$new"
        sync "$new"
        mv -f "$new" "$1"
        sync "$folder"
        if ! "$3" -t -q > "$work/log" 2>&1; then
            cat "$work/log" >&2
            if [ -e "$1.before" ]; then mv -f "$1.before" "$1"; else rm -f "$1"; fi
            exit 65
        fi
        cksum < "$1" && cat "$1"
        """

    // MARK: the service

    /// Has the service read its files again, and waits until no worker that runs what was before takes new requests.
    static func reload(_ installation: NginxInstallation, seconds: Int64, fence: BalancerFence?) -> [String] {
        let program = ["perl", "-e", reloading, installation.unit, String(max(1, seconds))]
        guard let fence else { return program }
        return shell(fence.script + #"exec "$@""#, program)
    }

    /// A worker that ends what it has calls itself so.
    private static let reloading = #"""
        my ($unit, $seconds) = @ARGV;
        my $master = `systemctl show --property=MainPID --value $unit`;
        chomp $master;
        my @old = workers();
        if (system "systemctl", "reload", $unit) { exit 1 }
        my $end = time + $seconds;
        while (1) {
          my %now = map { $_ => 1 } workers();
          my $new = %now;
          my $left = grep { $now{$_} } @old;
          exit 0 if !$left && $new;
          if (time >= $end) { print STDERR "the workers stayed: see its error log\n"; exit 75 }
          select undef, undef, undef, 0.02;
        }
        sub workers {
          my @found;
          for my $folder (glob "/proc/[0-9]*") {
            my $stat = slurp("$folder/stat");
            $stat =~ /^(\d+) \(.*\) \S (\d+)/s or next;
            my ($pid, $parent) = ($1, $2);
            $parent == $master or next;
            my $title = slurp("$folder/cmdline");
            push @found, $pid if $title =~ /^nginx: worker process[\0 ]*$/;
          }
          return @found;
        }
        sub slurp { open my $file, "<", shift or return ""; local $/; my $text = <$file>; $text // "" }
        """#

    /// Foreign words as part of our sentence: one line of a sentence's length, without a final stop.
    static func phrase(_ text: String) -> String {
        let lines = text.lines
        guard let line = lines.first(where: { $0.contains("[emerg]") }) ?? lines.last else { return "no reason given" }
        if line.count > 300 { return line.prefix(300) + "…" }
        return String(line.hasSuffix(".") ? line.dropLast() : line)
    }

    private static func shell(_ script: String, _ arguments: [String]) -> [String] {
        ["sh", "-c", script, "drover"] + arguments
    }
}
