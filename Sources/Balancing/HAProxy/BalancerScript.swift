/// The shell scripts that run on a balancer, as words. They need perl-base, coreutils and HAProxy, which every Debian
/// balancer has.
enum BalancerScript {
    /// Says one line to the admin socket and prints the answer. `alarm` ends it when HAProxy hangs.
    static func exchange(socket: String, line: String, seconds: Int64) -> [String] {
        ["perl", "-MIO::Socket::UNIX", "-e", perl, String(max(1, seconds)), socket, line]
    }

    private static let perl = #"""
        alarm shift;
        my $s = IO::Socket::UNIX->new(Peer => shift) or die "$!\n";
        print $s shift, "\n";
        $s->shutdown(1);
        print while <$s>;
        """#

    /// Prints a file's checksum on a line of its own, then the file; `none` for a file that does not exist.
    static func read(_ file: String) -> [String] { shell(reading, [file]) }

    private static let reading = """
        [ -e "$1" ] || { echo none; exit 0; }
        cksum < "$1" && cat "$1"
        """

    /// The exit status of ``write`` when HAProxy does not accept the candidate.
    static let invalid: Int32 = 65
    /// The exit status of ``write`` when the file is no longer the one that was read.
    static let changed: Int32 = 75

    /// Replaces a pool's file by standard input, then prints it as ``read(_:)`` does.
    ///
    /// The candidate is checked with all that the service reads, in a copy of the pools' folder, and only then takes the
    /// place of the file whose checksum was `sum`, by a rename that is on disk.
    static func write(_ file: String, sum: String, installation: HAProxyInstallation) -> [String] {
        shell(writing + reading, [file, sum, installation.program, installation.mainFile])
    }

    private static let writing = """
        set -eu
        folder=$(dirname "$1"); name=$(basename "$1"); new=$1.new
        mkdir -p "$folder"
        work=$(mktemp -d)
        trap 'rm -rf "$work" "$new"' EXIT
        for other in "$folder"/*.cfg; do
            if [ -e "$other" ]; then cp "$other" "$work"/; fi
        done
        cat > "$work/$name"
        "$3" -c -f "$4" -f "$work" > "$work/log" 2>&1 || { cat "$work/log" >&2; exit 65; }
        if [ -e "$1" ]; then sum=$(cksum < "$1"); else sum=none; fi
        [ "$sum" = "$2" ] || exit 75
        install -m 644 "$work/$name" "$new"
        sync "$new"
        mv -f "$new" "$1"
        sync "$folder"

        """

    private static func shell(_ script: String, _ arguments: [String]) -> [String] {
        ["sh", "-c", script, "drover"] + arguments
    }
}
