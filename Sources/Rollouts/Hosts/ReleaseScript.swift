import Fleet

/// The shell scripts that change which release a host runs. Pure: words in, one `sh` script out.
///
/// Every script that changes anything begins with the fence: it takes the service's lock on the host, compares the
/// lease's token with the greatest one the host has seen, and ends with ``Status/fenced`` if it is smaller.
struct ReleaseScript: Sendable {
    /// Exit statuses with a meaning of their own.
    enum Status {
        /// The host has seen a greater token.
        static let fenced: Int32 = 117
        /// Another release is current than the one that is asked about.
        static let reverted: Int32 = 118
        /// The release is not on the host.
        static let missing: Int32 = 119
        /// The file that arrived has another digest.
        static let corrupt: Int32 = 120
        /// A program that the script needs is not on the host.
        static let toolMissing: Int32 = 121
    }

    let layout: ReleaseLayout
    let token: Int64

    // MARK: asking

    /// Prints `release=`, `digest=`, `unconfirmed=` and `unit=NAME STATE` lines.
    var survey: String {
        """
        \(names)
        echo "release=$(current)"
        digest=$(cat "$root/current/.drover-release" 2>/dev/null || true)
        echo "digest=${digest%%[!0-9a-f]*}"
        echo "unconfirmed=$(cat "$state/unconfirmed" 2>/dev/null || true)"
        for unit in \(units); do echo "unit=$unit $(systemctl is-active "$unit" 2>/dev/null || true)"; done
        """
    }

    // MARK: bringing

    /// Prints `present` or `absent`, and makes room for an upload.
    func prepare(_ release: ReleaseID) -> String {
        """
        \(fence)
        if [ -f "$root/releases/\(release)/.drover-release" ]; then echo present; exit 0; fi
        mkdir -p "$root/releases" "$root/shared"
        rm -rf "$root"/releases/.unpack-*
        echo absent
        """
    }

    /// Verifies and unpacks an uploaded build. The release appears whole or not at all.
    func unpack(_ build: StoredBuild) -> String {
        """
        \(fence)
        umask 022
        incoming=\(RemoteCommand.quote(layout.incoming(build.digest)))
        found=$(sha256sum "$incoming"); found=${found%% *}
        if [ "$found" != \(build.digest) ]; then rm -f "$incoming"; echo "$found"; exit \(Status.corrupt); fi
        \(zstdGuard(build.kind))
        unpacking="$root/releases/.unpack-\(build.digest.release)"
        rm -rf "$unpacking"; mkdir -p "$unpacking"
        tar --extract \(build.kind.tarFlag) --no-same-owner --file "$incoming" --directory "$unpacking"
        chmod 755 "$unpacking"
        printf '%s\\n' \(build.digest) >"$unpacking/.drover-release"
        touch "$unpacking"
        sync -f "$unpacking"
        rm -rf "$root/releases/\(build.digest.release)"
        mv -T "$unpacking" "$root/releases/\(build.digest.release)"
        rm -f "$root"/releases/.incoming-*
        """
    }

    private func zstdGuard(_ kind: ArchiveKind) -> String {
        kind == .zstd ? "command -v zstd >/dev/null || exit \(Status.toolMissing)" : ""
    }

    // MARK: switching

    /// Makes `release` current and restarts the units, under a timer of `seconds` that goes back.
    func activate(_ release: ReleaseID, revertAfter seconds: Int?) -> String {
        """
        \(fence)
        [ -f "$root/releases/\(release)/.drover-release" ] || exit \(Status.missing)
        disarm
        \(seconds.map { remember(release) + "\n" + arm(release, $0) } ?? "")
        ln -sfn releases/\(release) "$root/.current.new" && mv -T "$root/.current.new" "$root/current"
        \(restart)
        """
    }

    /// Stops the units and leaves no release current.
    var deactivate: String {
        """
        \(fence)
        disarm
        rm -f "$root/current"
        \(stop)
        """
    }

    /// Notes the way back, which is not the release itself when this is done a second time.
    private func remember(_ release: ReleaseID) -> String {
        #"previous=$(current); if [ "$previous" != \#(release) ]; then printf '%s\n' "$previous" >"$state/previous"; fi"#
    }

    /// Writes the script that goes back, and has systemd start it after `seconds`.
    private func arm(_ release: ReleaseID, _ seconds: Int) -> String {
        """
        printf '%s\\n' \(release) >"$state/unconfirmed"
        cat >"$state/revert" <<'DROVER_REVERT'
        \(revert)
        DROVER_REVERT
        if command -v systemd-run >/dev/null; then
          systemctl reset-failed "$timer.service" "$timer.timer" 2>/dev/null || true
          systemd-run --quiet --collect --unit="$timer" --on-active=\(seconds) --timer-property=AccuracySec=1s \\
            /bin/sh "$state/revert"
        fi
        """
    }

    /// What the host does when nobody confirms.
    private var revert: String {
        """
        \(names)
        exec 9>>"$state/lock"; flock 9
        release=$(cat "$state/unconfirmed" 2>/dev/null) || exit 0
        [ "$(current)" = "$release" ] || exit 0
        previous=$(cat "$state/previous" 2>/dev/null || true)
        rm -f "$state/unconfirmed"
        if [ -n "$previous" ] && [ -d "$root/releases/$previous" ]; then
          ln -sfn "releases/$previous" "$root/.current.new" && mv -T "$root/.current.new" "$root/current"
          \(restart)
        else
          rm -f "$root/current"
          \(stop)
        fi
        """
    }

    // MARK: confirming

    /// Ends the wait, notes the release as good, and prunes: the current one, the good one before it and the newest few
    /// others stay.
    func confirm(_ release: ReleaseID) -> String {
        """
        \(fence)
        if [ "$(current)" != \(release) ]; then current; exit \(Status.reverted); fi
        disarm
        good=$(cat "$state/good" 2>/dev/null || true)
        if [ "$good" != \(release) ]; then
          if [ -n "$good" ]; then printf '%s\\n' "$good" >"$state/good.before"; fi
          printf '%s\\n' \(release) >"$state/good"
        fi
        before=$(cat "$state/good.before" 2>/dev/null || true)
        kept=0
        for found in $(ls -1t "$root/releases"); do
          case $found in \(release)|"$before") continue;; esac
          kept=$((kept + 1))
          if [ "$kept" -gt \(layout.keeps) ]; then rm -rf "$root/releases/$found"; fi
        done
        """
    }

    // MARK: parts

    private var names: String {
        """
        set -eu
        root=\(RemoteCommand.quote(layout.root)); state=\(RemoteCommand.quote(layout.stateFolder))
        timer=\(RemoteCommand.quote("drover-revert-\(layout.service)"))
        current() { link=$(readlink "$root/current" 2>/dev/null) || return 0; echo "${link##*/}"; }
        """
    }

    /// The lock, the token, and `disarm`.
    var fence: String {
        """
        \(names)
        mkdir -p "$state"; exec 9>>"$state/lock"; flock 9
        held=$(cat "$state/fence" 2>/dev/null || echo 0)
        if [ \(token) -lt "$held" ]; then echo "$held"; exit \(Status.fenced); fi
        if [ \(token) -gt "$held" ]; then
          printf '%s\\n' \(token) >"$state/fence.new" && mv "$state/fence.new" "$state/fence"
        fi
        disarm() {
          rm -f "$state/unconfirmed"
          if command -v systemctl >/dev/null; then systemctl stop "$timer.timer" 2>/dev/null || true; fi
        }
        """
    }

    private var units: String { layout.units.map(RemoteCommand.quote).joined(separator: " ") }
    private var restart: String { layout.units.isEmpty ? ":" : "systemctl restart \(units) 9>&-" }
    private var stop: String { layout.units.isEmpty ? ":" : "systemctl stop \(units) 9>&-" }
}
