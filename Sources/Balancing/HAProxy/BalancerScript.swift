import Fleet

/// The shell scripts that run on a balancer, as words. They need perl-base, coreutils, flock and HAProxy, which every
/// Debian balancer has. Those that change anything pass the fence first and hold its lock to their end.
enum BalancerScript {
    /// The exit status of ``write`` when HAProxy does not accept the candidate.
    static let invalid: Int32 = 65
    /// The exit status of ``write`` when the file is no longer the one that was read.
    static let changed: Int32 = 75

    // MARK: the admin socket

    /// Says one line to the admin socket and prints the answer. `alarm` ends it when HAProxy hangs.
    ///
    /// A connection that is refused is tried again for 3 seconds, and a socket that is missing for one: HAProxy is back in
    /// less than that when it was restarted. Nothing was said then, so that nothing is said twice.
    static func exchange(socket: String, line: String, seconds: Int64, fence: BalancerFence?) -> [String] {
        let words = [String(max(1, seconds)), socket, line]
        let program = ["-MIO::Socket::UNIX", "-MErrno=ECONNREFUSED,ENOENT,EAGAIN", "-e", talking]
        guard let fence else { return ["perl"] + program + words }
        return shell(fence.script + #"exec perl "$@""#, program + words)
    }

    private static let talking = #"""
        my ($seconds, $path, $line) = @ARGV;
        $SIG{PIPE} = "IGNORE";
        alarm $seconds;
        my ($s, $fault);
        for my $try (1 .. 30) {
          $s = IO::Socket::UNIX->new(Peer => $path) and last;
          $fault = $!;
          last unless $fault == ECONNREFUSED || $fault == EAGAIN || $fault == ENOENT && $try < 10;
          select undef, undef, undef, 0.1;
        }
        $s or die "$fault\n";
        print $s $line, "\n";
        $s->flush;
        $s->shutdown(1);
        print while <$s>;
        """#

    // MARK: members

    /// Asks each member what the check asks as HAProxy would, and prints a line for each: its name, then the answer.
    ///
    /// - Parameter members: Address and port by name. A member that fails is asked twice more.
    static func trial(_ check: Pool.Check, pool: String, members: [(name: String, ServerAddress)]) -> [String] {
        let limit = max(100, min(check.interval.wholeMilliseconds, 10_000))
        let words = members.flatMap { [$0.name, $0.1.address, String($0.1.port)] }
        let program = ["-MIO::Socket::IP", "-MIO::Select", "-e", asking]
        let expected = [check.expect.lowerBound, check.expect.upperBound].map { String($0) }
        return ["perl"] + program + [pool, check.asked, String(limit)] + expected + words
    }

    private static let asking = #"""
        my ($name, $path, $limit, $least, $most, @members) = @ARGV;
        my $seconds = $limit / 1000;
        $| = 1;
        $SIG{PIPE} = "IGNORE";
        alarm 60;
        while (my ($member, $address, $port) = splice @members, 0, 3) {
          my $said = "";
          for my $try (1 .. 3) {
            $said = ask($address, $port);
            last if $said =~ /^(\d\d\d) / && $1 >= $least && $1 <= $most;
          }
          $said =~ s/[^ -~]/?/g;
          print "$member ", substr($said, 0, 200), "\n";
        }
        sub ask {
          my ($address, $port) = @_;
          my $s = IO::Socket::IP->new(PeerHost => $address, PeerPort => $port, Type => SOCK_STREAM, Timeout => $seconds)
            or return "no connection: $!";
          return "$least connected" if $path eq "";
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

    /// Prints a file's checksum on a line of its own, then the file; `none` for a file that does not exist.
    static func read(_ file: String) -> [String] { shell(reading, [file]) }

    private static let reading = """
        [ -e "$1" ] || { echo none; exit 0; }
        cksum < "$1" && cat "$1"
        """

    /// Replaces a pool's file by standard input, then prints it as ``read(_:)`` does.
    ///
    /// The candidate is checked with all that the service reads, in a copy of the pools' folder, and only then takes the
    /// place of the file whose checksum was `sum`, by a rename that is on disk. The file before stays beside it as `.before`,
    /// which HAProxy does not read. One at a time in a folder.
    static func write(
        _ file: String, sum: String, installation: HAProxyInstallation, fence: BalancerFence?
    ) -> [String] {
        let script = (fence?.script ?? "") + "set -eu\n" + writing + reading
        return shell(script, [file, sum, installation.program, installation.mainFile])
    }

    private static let writing = """
        folder=$(dirname "$1"); name=$(basename "$1"); new=$1.new
        mkdir -p "$folder"
        exec 8<"$folder"
        flock -w 10 8 || { echo "another command has kept $folder for 10 s" >&2; exit 1; }
        same() { if [ -e "$1" ]; then sum=$(cksum < "$1"); else sum=none; fi; [ "$sum" = "$2" ] || exit 75; }
        same "$1" "$2"
        work=$(mktemp -d)
        trap 'rm -rf "$work" "$new"' EXIT
        for other in "$folder"/*.cfg; do
            if [ -e "$other" ]; then cp "$other" "$work"/; fi
        done
        cat > "$work/$name"
        "$3" -c -f "$4" -f "$work" > "$work/log" 2>&1 || { cat "$work/log" >&2; exit 65; }
        same "$1" "$2"
        if [ -e "$1" ]; then cp -p "$1" "$new" && sync "$new" && mv -f "$new" "$1.before"; fi
        install -m 644 "$work/$name" "$new"
        sync "$new"
        mv -f "$new" "$1"
        sync "$folder"

        """

    /// The same for somebody's own file, which keeps its owner and rights, wherever a link to it leads.
    ///
    /// The candidate takes its place among all that the running service was given; where that cannot be seen, among the main
    /// file and the file's folder.
    static func edit(
        _ file: String, sum: String, installation: HAProxyInstallation, fence: BalancerFence?
    ) -> [String] {
        let script = (fence?.script ?? "") + "set -eu\n" + editing + reading
        return shell(script, [file, sum, installation.program, installation.mainFile])
    }

    private static let editing = """
        real=$(readlink -f "$1"); folder=$(dirname "$real"); name=$(basename "$real"); new=$real.new
        exec 8<"$folder"
        flock -w 10 8 || { echo "another command has kept $folder for 10 s" >&2; exit 1; }
        same() { sum=$(cksum < "$real"); [ "$sum" = "$1" ] || exit 75; }
        same "$2"
        work=$(mktemp -d)
        trap 'rm -rf "$work" "$new"' EXIT
        cp -p "$real" "$new"
        cat > "$new"
        pid=$(systemctl show --property=MainPID --value haproxy 2>/dev/null) || pid=
        places=$(tr '\\0' '\\n' 2>/dev/null <"/proc/${pid:-0}/cmdline" | sed -n '/^-f$/{n;p}') || places=
        if [ -z "$places" ]; then
            places=$4
            [ "$(readlink -f "$4")" = "$real" ] || places="$4 $(dirname "$1")"
        fi
        arguments=
        for place in $places; do
            if [ -d "$place" ]; then
                number=$(ls "$work" | wc -l); copy=$work/$number
                mkdir "$copy"
                for other in "$place"/*.cfg; do
                    if [ "$(readlink -f "$other")" = "$real" ]; then cp "$new" "$copy/$(basename "$other")"
                    elif [ -e "$other" ]; then cp "$other" "$copy"/; fi
                done
                arguments="$arguments -f $copy"
            elif [ "$(readlink -f "$place")" = "$real" ]; then arguments="$arguments -f $new"
            else arguments="$arguments -f $place"; fi
        done
        "$3" -c $arguments > "$work/log" 2>&1 || { cat "$work/log" >&2; exit 65; }
        same "$2"
        cp -p "$real" "$work/before" && sync "$work/before"
        cp -p "$work/before" "$real.before"
        sync "$new" "$real.before"
        mv -f "$new" "$real"
        sync "$folder"

        """

    // MARK: the service

    /// Has the service read its files again.
    static func reload(_ installation: HAProxyInstallation, fence: BalancerFence?) -> [String] {
        guard let fence else { return installation.reloadCommand }
        return shell(fence.script + #"exec "$@""#, installation.reloadCommand)
    }

    private static func shell(_ script: String, _ arguments: [String]) -> [String] {
        ["sh", "-c", script, "drover"] + arguments
    }
}
