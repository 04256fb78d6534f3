import Fleet

/// The program that a host's long-lived shell runs, and the line that starts it.
///
/// It reads requests from standard input, which commands never see:
///
///     SEQUENCE KIND SCRIPT-BYTES INPUT-BYTES LINK
///
/// then the script (`l`: the next line, in which ``lineEnd`` stands for the end of a line; `b`: so many bytes, for which a program
/// is started) and the input. `n` is answered at once, with nothing run. With `r` for `INPUT-BYTES` the script itself
/// reads what follows it, to the byte, which saves copies of large inputs; when it fails, the shell ends, since what is
/// left of the input must not be read as a request. `LINK` is `a` when the controller has seen the whole last answer, `p`
/// when it has not. Around what a command writes stand marker lines, on each stream: `TOKEN SEQUENCE` before it and
/// `TOKEN SEQUENCE STATUS` after it.
///
/// A command's output goes through a pipe and a `cat` of its own. So the closing marker comes after the command's last byte,
/// a process left behind in the background doesn't hold the answer up, and what such a process writes later can't get
/// into another command's answer: its `cat` is ended before the next request. The pipe is that of an empty here-document,
/// opened again for writing through `/proc`, which needs neither a program nor a writable folder. With `d` for `INPUT-BYTES` there
/// is no input, and the script, which starts nothing that outlives it, writes to the connection itself.
enum RunnerScript {
    /// What stands for the end of a line in a script that is sent as one line.
    static let lineEnd = UInt8(0x1E)

    /// How many bytes a script has at most that is sent as one line: shells read a line byte by byte.
    static let longestLine = 1024

    /// The program, for markers that begin with `token`. It runs `first`, as request 1, before it reads any.
    static func text(token: String, first: String? = nil) -> String {
        """
        \(first.map { "k=f q=1 m=0 a=a F=\(RemoteCommand.quote($0))" } ?? "k=")
        exec 3<&0 </dev/null
        if ! [ -r /proc/$$/stat ]; then echo 'this host has no /proc' >&2; exit 125; fi
        T=\(token) R='\(Character(UnicodeScalar(lineEnd)))'
        read -r l </proc/$$/stat
        l=${l##*) }
        set -- $l
        printf '%s\\n' "$T 0 $$ $4"
        printf '%s\\n' "$T 0" >&2
        o= e=
        while [ "$k" = f ] || read -r q k n m a <&3; do
        case $k in
        f) s=$F k=;;
        n) printf '%s\\n' "$T $q" "$T $q 0"; printf '%s\\n' "$T $q" "$T $q 0" >&2; continue;;
        l) IFS= read -r l <&3
        s=
        while :; do
        case $l in
        *"$R"*) s="$s${l%%"$R"*}
        " l=${l#*"$R"};;
        *) s=$s$l; break;;
        esac
        done;;
        *) s=$(head -c "$n" <&3);;
        esac
        case $a in
        p) wait $o $e;;
        *) for p in $o $e; do
        if read -r l </proc/$p/stat; then
        case ${l##*) } in
        [A-Y]" $$ "*) kill -9 $p; wait $p;;
        esac
        fi
        done;;
        esac 2>/dev/null
        printf '%s\\n' "$T $q"
        printf '%s\\n' "$T $q" >&2
        set -- "$s"
        if [ "$m" = d ]; then
        o= e=
        (
        unset T R F l q k n m a s p o e r
        eval "shift;$1"
        ) 3<&-
        r=$?
        printf '%s\\n' "$T $q $r"
        printf '%s\\n' "$T $q $r" >&2
        continue
        fi
        exec 6<<E
        E
        exec 7>/proc/self/fd/6
        cat <&6 3<&- 7>&- &
        o=$!
        exec 6<<E
        E
        exec 8>/proc/self/fd/6
        cat <&6 >&2 3<&- 7>&- 8>&- &
        e=$!
        exec 6<&-
        if [ "$m" = r ]; then
        (
        unset T R l q k n m a s p o e r
        eval "shift;$1"
        ) <&3 >&7 2>&8 3<&- 7>&- 8>&-
        elif [ "$m" -gt 0 ]; then
        head -c "$m" <&3 7>&- 8>&- | tee -p /dev/null 3<&- 7>&- 8>&- | (
        unset T R F l q k n m a s p o e r
        eval "shift;$1"
        ) >&7 2>&8 3<&- 7>&- 8>&-
        else
        (
        unset T R F l q k n m a s p o e r
        eval "shift;$1"
        ) >&7 2>&8 3<&- 7>&- 8>&-
        fi
        r=$?
        printf '%s\\n' "$T $q $r" >&7
        printf '%s\\n' "$T $q $r" >&8
        exec 7>&- 8>&-
        if [ "$m" = r ] && [ "$r" != 0 ]; then exit 1; fi
        done

        """
    }

    /// Ends the runner that is process `runner` in a session of the host's kernel, and every process of the session that has
    /// begun since the command that it runs: asks first, and insists two seconds later.
    ///
    /// What earlier commands left in the background is not this command's, and may be another user's of the connection. The
    /// first of them may have begun in the same hundredth of a second as the runner, but not before it, as what leads to the
    /// runner has.
    static func endSession(_ session: Int, of runner: Int) -> String {
        """
        own=0 since=
        if read -r l </proc/\(runner)/stat; then
        set -- ${l##*) }
        own=${20}
        for f in /proc/[0-9]*/stat; do
        read -r l <$f || continue
        set -- ${l##*) }
        if [ "$2" = \(runner) ] && [ "$1" != Z ] && { [ -z "$since" ] || [ "${20}" -lt "$since" ]; }; then since=${20}; fi
        done
        else since=0
        fi 2>/dev/null
        signal() {
        found=
        for f in /proc/[0-9]*/stat; do
        read -r l <$f || continue
        p=${f#/proc/}; p=${p%/stat}
        set -- "$1" ${l##*) }
        if [ "$5" = \(session) ] && [ "$2" != Z ]; then
        if [ "$p" = \(runner) ] || [ "${21}" -lt "$own" ] || { [ "$since" ] && [ "${21}" -ge "$since" ]; }; then
        found=1; kill -s "$1" "$p"
        fi
        fi
        done
        } 2>/dev/null
        signal TERM; signal CONT
        i=0
        while signal 0; [ "$found" ] && [ $i -lt 20 ]; do sleep 0.1; i=$((i+1)); done
        signal KILL; signal KILL
        """
    }
}
