import Fleet

extension BalancerFence {
    /// Exit statuses of ``script``.
    enum Status {
        /// The token could not be compared or noted.
        static let unusable: Int32 = 116
        /// The balancer has seen a greater token, which is printed.
        static let fenced: Int32 = 117
    }

    /// Compares and notes the token under the folder's lock, which the shell holds until it ends.
    ///
    /// Every step is checked by itself: a script may be run where a failure does not end the shell.
    var script: String {
        """
        state=\(RemoteCommand.quote(folder)); token=\(token)
        unusable() { echo "$1" >&2; exit \(Status.unusable); }
        lock=\(RemoteCommand.quote(lock))
        mkdir -p "$state" && touch "$lock" || unusable "$state cannot be written"
        exec 9>>"$lock"
        flock -w 10 9 || unusable "another command has kept $lock for 10 s"
        held=0
        if [ -e "$state/fence" ]; then held=$(cat "$state/fence") || unusable "$state/fence cannot be read"; fi
        case $held in
        '' | *[!0-9]*) unusable "$state/fence is damaged" ;;
        esac
        [ ${#held} -le 18 ] || unusable "$state/fence is damaged"
        if [ "$token" -lt "$held" ]; then echo "$held"; exit \(Status.fenced); fi
        if [ "$token" -gt "$held" ]; then
            { echo "$token" >"$state/fence.new" && mv -f "$state/fence.new" "$state/fence"; } 2>/dev/null ||
                { rm -f "$state/fence.new"; unusable "$state/fence cannot be written"; }
        fi

        """
    }
}
