import Fleet

/// The shell scripts for what stands on a host about a stage. Pure: words in, one `sh` script out; what is written comes on
/// standard input.
///
/// A lease counts seconds since the host's own boot, so that nobody's wall clock has a say in it.
struct NoteScript: Sendable {
    /// The exit status when another lease stands on the host.
    static let heldByAnother: Int32 = 113

    let release: ReleaseScript

    /// Prints what stands there.
    var read: String {
        """
        \(release.names)
        \(release.formatCheck)
        \(telling)
        tell
        """
    }

    /// Puts the lease there, whose JSON is read; prints what stands there then.
    func take(_ lease: StageLease, replacing token: Int64?) -> String {
        """
        text=$(cat)
        \(release.lock)
        \(telling)
        if [ \(lease.token) -lt "$held" ]; then echo "$held"; exit \(ReleaseScript.Status.fenced); fi
        standing
        case $other in ''|\(lease.token)\(token.map { "|\($0)" } ?? "")) ;; *) tell; exit 0;; esac
        \(release.pass)
        \(put(lease))
        tell
        """
    }

    /// Has the lease stand for its whole time again.
    func renew(_ lease: StageLease) -> String {
        """
        text=$(cat)
        \(release.fence)
        \(telling)
        standing
        case $other in ''|\(lease.token)) ;; *) echo "$other"; exit \(Self.heldByAnother);; esac
        \(put(lease))
        requests
        """
    }

    /// Takes the lease of that token away; revoked, its holder is fenced as well.
    func takeAway(_ token: Int64, isRevoked: Bool) -> String {
        """
        \(release.lock)
        if [ -s "$stage/lease" ] && [ "$(head -n 1 "$stage/lease")" = \(token) ]; then rm -f "$stage/lease"; fi
        \(isRevoked ? #"if [ "$held" = \#(token) ]; then note "$fence" \#(token < .max ? token + 1 : token); fi"# : "")
        """
    }

    /// Leaves the request that is read, whoever holds the lease.
    func post(_ kind: RolloutRequest.Kind) -> String {
        """
        text=$(cat)
        \(release.lock)
        note "$stage/\(Self.file(of: kind))" "$text"
        """
    }

    static func file(of kind: RolloutRequest.Kind) -> String { "request.\(kind.rawValue)" }

    /// Writes what is read to a file of the stage's, and takes others away.
    func write(_ name: String, removing others: [String] = []) -> String {
        """
        text=$(cat)
        \(release.fence)
        note "$stage/\(name)" "$text"
        \(others.map { #"rm -f "$stage/\#($0)""# }.joined(separator: "\n"))
        """
    }

    /// The lease's file: its token, the seconds it stands, when since boot that began, which boot, and its JSON.
    private func put(_ lease: StageLease) -> String {
        """
        boot=$(cat /proc/sys/kernel/random/boot_id)
        printf '%s\\n' \(lease.token) \((lease.timeToLive + 999) / 1000) "$(uptime)" "$boot" "$text" | keep "$stage/lease"
        """
    }

    /// Defines `standing`, which sets `other` to the token of the lease that stands there, and `left` to its seconds; and
    /// `tell`, which prints all there is.
    private var telling: String {
        """
        uptime() { up=$(cut -d. -f1 /proc/uptime); echo "$up"; }
        number() { case $1 in ''|*[!0-9]*|??????????????????*) return 1;; esac; }
        standing() {
          other=; left=0; said=
          [ -s "$stage/lease" ] || return 0
          { read -r owner && read -r seconds && read -r since && read -r boot && read -r said; } <"$stage/lease" || return 0
          if ! number "$owner" || ! number "$seconds" || ! number "$since"; then return 0; fi
          if [ "$boot" = "$(cat /proc/sys/kernel/random/boot_id)" ]; then
            left=$((seconds - $(uptime) + since))
          else
            left=$((seconds - $(date +%s) + $(stat -c %Y "$stage/lease")))
          fi
          if [ "$left" -gt "$seconds" ]; then left=$seconds; fi
          if [ "$left" -gt 0 ]; then other=$owner; fi
        }
        requests() {
          for file in "$stage"/request.*; do
            if [ -s "$file" ]; then printf 'request=%s\\n' "$(cat "$file")"; fi
          done
        }
        tell() {
          echo "format=$format"
          if [ "$upgraded" = yes ]; then echo upgraded=1; fi
          echo "token=$held"
          standing
          if [ -n "$other" ]; then echo "left=$left"; printf 'lease=%s\\n' "$said"; fi
          requests
          for name in record rollout; do
            if [ -s "$stage/$name" ]; then printf '%s=%s\\n' "$name" "$(cat "$stage/$name")"; fi
          done
          for name in good good.before; do
            release=$(cat "$state/$name" 2>/dev/null) || continue
            if [ -s "$root/releases/$release/.drover-release" ]; then
              case $release in *-*) settings=-${release#*-};; *) settings=;; esac
              printf '%s=%s%s\\n' "$name" "$(head -n 1 "$root/releases/$release/.drover-release")" "$settings"
            fi
          done
          for file in "$root"/releases/*/.drover-release; do
            if [ -s "$file" ]; then printf 'build=%s\\n' "$(sed -n 2p "$file")"; fi
          done
        }
        """
    }
}
