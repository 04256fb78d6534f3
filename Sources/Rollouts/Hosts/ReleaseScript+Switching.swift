import Fleet

extension ReleaseScript {
    /// Makes `release` current and restarts the units; with `seconds`, under a deadline at which the host goes back.
    func activate(_ release: ReleaseID, revertAfter seconds: Int?) -> String {
        """
        \(fence)
        [ -f "$root/releases/\(release)/.drover-release" ] || exit \(Status.missing)
        disarm "$timer.service"
        \(seconds.map { remember(release) + "\n" + arm(release, $0) } ?? "")
        ln -sfn releases/\(release) "$root/.current.new"
        mv -T "$root/.current.new" "$root/current"
        \(unstop)
        \(restart)
        """
    }

    /// Stops the units and leaves no release current.
    var deactivate: String {
        """
        \(fence)
        disarm "$timer.service"
        rm -f "$root/current"
        \(stop)
        """
    }

    /// Notes the way back, which is not the release itself when this is done a second time.
    private func remember(_ release: ReleaseID) -> String {
        #"previous=$(current); if [ "$previous" != \#(release) ]; then note "$state/previous" "$previous"; fi"#
    }

    /// Writes the script that goes back and the units that start it, and has systemd count from now.
    private func arm(_ release: ReleaseID, _ seconds: Int) -> String {
        """
        note "$state/unconfirmed" \(release)
        keep "$state/revert" <<'DROVER_REVERT'
        \(revert)
        DROVER_REVERT
        \(deadline.arm(after: seconds))
        """
    }

    /// What the host does when nobody confirms: at the deadline, or while it boots (`boot`), before the units start.
    private var revert: String {
        """
        \(names)
        \(deadline.disarm)
        \(deadline.onlyAfterBoot)
        exec 9>>"$state/lock"; flock 9
        release=$(cat "$state/unconfirmed" 2>/dev/null || true)
        now=stays
        if [ -n "$release" ] && [ "$(current)" = "$release" ]; then
          previous=$(cat "$state/previous" 2>/dev/null || true)
          if [ -n "$previous" ] && [ -d "$root/releases/$previous" ]; then
            ln -sfn "releases/$previous" "$root/.current.new"
            mv -T "$root/.current.new" "$root/current"
            now=previous
          else
            rm -f "$root/current"
            now=none
          fi
        fi
        disarm
        case "$now ${1:-}" in
        "previous ") \(restart);;
        "none ") \(stop);;
        "none boot") \(layout.units.isEmpty ? ":" : "systemctl stop --no-block \(unitWords) 9>&-");;
        esac
        """
    }

    /// Ends the wait, notes the release as good, and prunes: the current one, the good one before it and the newest few
    /// others stay.
    func confirm(_ release: ReleaseID) -> String {
        """
        \(fence)
        if [ "$(current)" != \(release) ]; then current; exit \(Status.reverted); fi
        good=$(cat "$state/good" 2>/dev/null || true)
        if [ "$good" != \(release) ]; then
          if [ -n "$good" ]; then note "$state/good.before" "$good"; fi
          note "$state/good" \(release)
        fi
        disarm "$timer.service"
        before=$(cat "$state/good.before" 2>/dev/null || true)
        kept=0
        all=$(ls -1t "$root/releases")
        for found in $all; do
          case $found in \(release)|"$before"|*[!0-9a-f-]*) continue;; esac
          kept=$((kept + 1))
          if [ "$kept" -gt \(layout.keeps) ]; then
            rm -rf "$root/releases/$found"
            build=${found%%-*}
            if ! unpacked "$build"; then rm -f "$root/releases/\(ReleaseLayout.archivePrefix)$build"*; fi
          fi
        done
        """
    }
}
