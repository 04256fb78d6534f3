import Fleet

/// The shell scripts that change which release a host runs. Pure: words in, one `sh` script out.
///
/// Every script that changes anything begins with the fence: it takes the service's lock on the host, compares the
/// lease's token with the greatest one the host has seen, and ends with ``Status/fenced`` if it is smaller.
///
/// `set -e` does not stop at `a && b`, at what stands in a condition, or at `$(…)` among other words; so each step is a
/// line of its own, and what is written is checked by `keep`.
struct ReleaseScript: Sendable {
    /// Exit statuses with a meaning of their own.
    enum Status {
        /// A newer Drover wrote the state on the host; its format is printed.
        static let newer: Int32 = 114
        /// The file with the fencing token, whose path is printed, holds something else.
        static let fenceDamaged: Int32 = 115
        /// A program that a unit starts from the release is not in it.
        static let programMissing: Int32 = 116
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
        /// A file of Drover's own could not be written; its path is printed, the reason told on standard error.
        static let unwritable: Int32 = 122
        /// A build could not be made of another one and what differs; why is printed.
        static let unpatched: Int32 = 113
        /// The host's units do not read the release's settings.
        static let settingsUnread: Int32 = 112
    }

    let layout: ReleaseLayout
    let token: Int64

    // MARK: asking

    /// Prints `release=`, `digest=`, `unconfirmed=`, `previous=`, `good=`, `before=`, `stopped=`, `armed=` and
    /// `unit=NAME STATE` lines.
    var survey: String {
        """
        \(names)
        echo "release=$(current)"
        digest=$(cat "$root/current/.drover-release" 2>/dev/null || true)
        echo "digest=${digest%%[!0-9a-f]*}"
        echo "unconfirmed=$(cat "$state/unconfirmed" 2>/dev/null || true)"
        echo "previous=$(cat "$state/previous" 2>/dev/null || true)"
        echo "good=$(cat "$state/good" 2>/dev/null || true)"
        echo "before=$(cat "$state/good.before" 2>/dev/null || true)"
        echo "stopped=$(cat "$state/stopped" 2>/dev/null || true)"
        echo "armed=$(systemctl is-active "$timer.timer" 2>/dev/null || true)"
        for unit in \(unitWords); do echo "unit=$unit $(systemctl is-active "$unit" 2>/dev/null || true)"; done
        """
    }

    // MARK: bringing

    /// Prints what the units start, the room there is, and `present`, `archived` (it can be unpacked from what is there) or
    /// `absent`; see ``HostRoom`` and ``UnitPrograms``. Takes away what an earlier attempt left.
    /// - Parameter isShort: Whether there was too little room: then the archives of releases that are not current go.
    func prepare(_ build: BuildDigest?, _ release: ReleaseID, isShort: Bool = false) -> String {
        let incoming = build.map(layout.incoming) ?? "\(layout.root)/releases/.incoming-\(release)"
        return """
            \(fence)
            \(release.settings == nil ? "" : settingsCheck)
            mkdir -p "$root/releases" "$root/shared"
            if command -v systemctl >/dev/null; then
              for unit in \(unitWords); do
                found=$(systemctl show --property=ExecStart "$unit" 2>/dev/null || true)
                printf '%s\\n' "$found" | while IFS= read -r line; do
                  case $line in ExecStart=*) printf 'exec=%s %s\\n' "$unit" "${line#ExecStart=}";; esac
                done
              done
            fi
            if [ -f "$root/releases/\(release)/.drover-release" ]; then echo present; exit 0; fi
            rm -rf "$root"/releases/.unpack-* "$root"/releases/..incoming-*
            for left in "$root"/releases/.incoming-*; do
              case $left in \(RemoteCommand.quote(incoming))*) ;; *) rm -f "$left";; esac
            done
            \(dropArchives(isShort: isShort))
            \(build.map { "if kept \($0.file) >/dev/null; then echo archived; exit 0; fi" } ?? "")
            \(deltaGround)
            space=$(df -k --output=avail "$root/releases" | tail -n 1)
            inodes=$(df --output=itotal,iavail "$root/releases" | tail -n 1)
            mount=$(df --output=target "$root/releases" | tail -n 1)
            printf 'space=%s\\ninodes=%s\\nmount=%s\\nabsent\\n' "$space" "$inodes" "$mount"
            """
    }

    /// Verifies and unpacks an uploaded build, or the archive that the host has kept of it. The release appears whole or not at
    /// all, and only with `programs` in it. The text of its settings, where it has any, is read.
    func unpack(
        _ build: BuildDigest, _ release: ReleaseID, _ stored: StoredBuild?, programs: [UnitPrograms.Start] = []
    ) -> String {
        """
        \(fence)
        umask 022
        \(stored.map { arrived($0) } ?? whatIsKept(of: build))
        if [ "$wanted" = \(build.file) ]; then found=$(sha256sum "$incoming"); else
          # What cannot be unpacked to its end is not what was meant, whatever came before.
          found=$({ plain "$incoming" || echo damaged; } | sha256sum)
        fi
        found=${found%% *}
        if [ "$found" != "$wanted" ]; then rm -f "$incoming"; echo "$found"; exit \(Status.corrupt); fi
        \(zstdGuard(stored?.kind))
        unpacking="$root/releases/.unpack-\(release)"
        rm -rf "$unpacking"
        mkdir -p "$unpacking"
        # A disk must not stay full for the service that runs.
        undo() { status=$?; rm -rf "$unpacking" "$incoming"; exit "$status"; }
        tar --extract \(stored?.kind.tarFlag ?? "") --no-same-owner --file "$incoming" --directory "$unpacking" || undo
        chmod 755 "$unpacking"
        \(programCheck("$unpacking", programs, orElse: #"rm -rf "$unpacking" "$incoming""#))
        \(release.settings == nil ? ":" : settingsTaking)
        \(stored.map { "note=" + RemoteCommand.quote($0.note ?? "") } ?? "note=$(\(noteOfBuild(build)))")
        printf '%s\\n' \(build.file) "$note" | cat >"$unpacking/.drover-release" || undo
        touch "$unpacking"
        sync -f "$unpacking"
        rm -rf "$root/releases/\(release)"
        mv -T "$unpacking" "$root/releases/\(release)"
        \(stored.map { keeping($0, build) } ?? ":")
        rm -f "$root"/releases/.incoming-*
        """
    }

    /// What is noted of a build beside another release of it.
    private func noteOfBuild(_ build: BuildDigest) -> String {
        let name = build.file.release
        return
            #"for found in "$root/releases/\#(name)"*/.drover-release; do sed -n 2p "$found"; break; done 2>/dev/null"#
    }

    /// Takes away archives whose releases are gone, which earlier versions leave when they prune; where there is too little
    /// room, all but the current release's.
    private func dropArchives(isShort: Bool) -> String {
        """
        now=$(current)
        for archive in "$root"/releases/\(ReleaseLayout.archivePrefix)*; do
          name=${archive##*/\(ReleaseLayout.archivePrefix)}; name=$(printf %.12s "$name")
          if ! unpacked "$name"; then rm -f "$archive"; fi
          \(isShort ? #"if [ "$name" != "${now%%-*}" ]; then rm -f "$archive"; fi"# : "")
        done
        """
    }

    /// Prints `release` where the release of a build is there or can be unpacked from what is, and `archive=SIZE` where its
    /// archive is.
    func holding(_ build: BuildDigest) -> String {
        """
        \(names)
        archive=$(kept \(build.file) || true)
        if [ -f "$root/releases/\(build.release)/.drover-release" ] || [ -n "$archive" ]; then echo release; fi
        case $archive in
        '') ;;
        *.tar-*) printf 'tar=%s %s\\n' "${archive##*.tar-}" "$(stat -c %s "$archive")";;
        *) printf 'archive=%s\\n' "$(stat -c %s "$archive")";;
        esac
        """
    }

    /// Looks for `programs` in a release that is on the host already.
    func verify(_ release: ReleaseID, programs: [UnitPrograms.Start]) -> String {
        "\(names)\n\(programCheck("$root/releases/\(release)", programs, orElse: ":"))"
    }

    /// Takes away what an upload left that did not come to its end.
    var discard: String { "\(fence)\nrm -f \"$root\"/releases/.incoming-* \"$root\"/releases/..incoming-*" }

    private func programCheck(_ folder: String, _ programs: [UnitPrograms.Start], orElse cleanUp: String) -> String {
        if programs.isEmpty { return ":" }
        let words = programs.map { RemoteCommand.quote(($0.isExecuted ? "x" : "e") + $0.path) }
        return """
            for word in \(words.joined(separator: " ")); do
              program=${word#?}; fault=missing
              if [ -x "\(folder)/$program" ]; then continue; fi
              if [ -e "\(folder)/$program" ]; then
                case $word in e*) continue;; esac
                fault=not-executable
              fi
              for nested in "\(folder)"/*/"$program"; do
                if [ -e "$nested" ]; then fault="nested ${nested#"\(folder)/"}"; break; fi
              done
              printf '%s\\n' "$program" "$fault"
              \(cleanUp)
              exit \(Status.programMissing)
            done
            """
    }

    private func zstdGuard(_ kind: ArchiveKind?) -> String {
        kind == .zstd ? "command -v zstd >/dev/null || exit \(Status.toolMissing)" : ""
    }

    // MARK: settings

    /// Where the settings of the current release are read from.
    private var settingsPath: String { "$root/current/\(SettingsFile.name)" }

    /// Ends the script where none of the units that the host has reads settings. Nothing is known where it has none yet.
    private var settingsCheck: String {
        """
        known=no; reads=no
        for unit in \(unitWords); do
          if [ "$(systemctl show --property=LoadState --value "$unit" 2>/dev/null || true)" != loaded ]; then continue; fi
          known=yes
          case $(systemctl show --property=EnvironmentFiles "$unit" 2>/dev/null || true) in
          *"\(settingsPath) "*) reads=yes;;
          esac
        done
        if [ "$known $reads" = "yes no" ]; then exit \(Status.settingsUnread); fi
        """
    }

    /// Takes the text of the settings in, which nobody but root may read.
    private var settingsTaking: String { #"(umask 077; cat >"$unpacking/\#(SettingsFile.name)") || undo"# }

    /// Prints `settings=RELEASE SALT` for each release that has settings.
    var settingsMarks: String {
        """
        \(names)
        for file in "$root"/releases/*-*/\(SettingsFile.name); do
          if [ ! -f "$file" ]; then continue; fi
          release=${file%/*}
          printf 'settings=%s %s\\n' "${release##*/}" "$(sed -n 's/^\(SettingsFile.saltMark)//p' "$file" | head -n 1)"
        done
        """
    }

    /// Prints the text of settings that some release has.
    func settingsText(_ settings: SettingsID) -> String {
        """
        \(names)
        for file in "$root"/releases/*-\(settings)/\(SettingsFile.name); do
          if [ -f "$file" ]; then cat "$file"; exit 0; fi
        done
        exit \(Status.missing)
        """
    }

    // MARK: parts

    /// The names that scripts use, what is current, and how a file is written: whole and on disk, or the script ends.
    var names: String {
        """
        set -eu
        root=\(RemoteCommand.quote(layout.root)); state=\(RemoteCommand.quote(layout.stateFolder))
        stage=\(RemoteCommand.quote(layout.stageFolder)); units=\(RemoteCommand.quote(layout.unitFolder))
        timer=\(RemoteCommand.quote(deadline.timer)); boot=\(RemoteCommand.quote(deadline.boot))
        current() { link=$(readlink "$root/current" 2>/dev/null) || return 0; echo "${link##*/}"; }
        keep() {
          if cat >"$1.new" && sync "$1.new" && mv -T "$1.new" "$1"; then return 0; fi
          rm -f "$1.new"; echo "$1"; exit \(Status.unwritable)
        }
        note() { printf '%s\\n' "$2" | keep "$1"; }
        unpacked() { for found in "$root/releases/$1" "$root/releases/$1"-*; do if [ -d "$found" ]; then return 0; fi; done; return 1; }
        kept() {
          for found in "$root/releases/\(ReleaseLayout.archivePrefix)$1" "$root/releases/\(ReleaseLayout.archivePrefix)$1".tar-*; do
            if [ -f "$found" ]; then printf '%s\\n' "$found"; return 0; fi
          done
          return 1
        }
        plain() {
          case $(od -An -tx1 -N4 "$1" | tr -d ' \\n') in
          1f8b*) gzip -dc <"$1";;
          28b52ffd) zstd -q -dc <"$1";;
          *) cat "$1";;
          esac
        }
        """
    }

    /// The lock, the token, and `disarm`.
    var fence: String {
        """
        \(lock)
        if [ \(token) -lt "$held" ]; then echo "$held"; exit \(Status.fenced); fi
        \(pass)
        \(deadline.disarm)
        """
    }

    /// Takes the service's lock, and sets `held` to the greatest token that the host has seen of the stage.
    var lock: String {
        """
        \(names)
        mkdir -p "$stage" || { echo "$stage"; exit \(Status.unwritable); }
        exec 9>>"$state/lock"; flock 9
        \(formatCheck)
        """
    }

    /// Sets `format` and `held`. Earlier versions had one fence for all stages.
    var formatCheck: String {
        """
        format=1; held=0; upgraded=no; fence="$stage/fence"
        if [ -e "$state/format" ]; then format=$(cat "$state/format"); fi
        case $format in 1|\(HostNotes.format)) ;; *) printf '%.40s\\n' "$format"; exit \(Status.newer);; esac
        # One that is shut already was left so by an upgrade that lost its power: the token is noted where it belongs.
        if [ "$format" = 1 ] && [ -e "$state/fence" ] && [ "$(cat "$state/fence")" != \(Self.shut) ]; then
          fence="$state/fence"
        fi
        if [ -e "$fence" ]; then held=$(cat "$fence"); fi
        case $held in ''|*[!0-9]*|???????????????????*)
          printf '%s\\n%.40s\\n' "$fence" "$held"; exit \(Status.fenceDamaged);;
        esac
        """
    }

    /// Notes the token. What an earlier version left is brought to the present format, and shut for that version.
    var pass: String {
        """
        if [ \(token) -gt "$held" ] || [ "$fence" != "$stage/fence" ]; then note "$stage/fence" \(token); held=\(token); fi
        if [ "$format" = 1 ]; then
          if [ -e "$state/fence" ]; then upgraded=yes; note "$state/fence" \(Self.shut); fi
          note "$state/format" \(HostNotes.format)
        fi
        """
    }

    /// A token that no controller of an earlier version comes above.
    private static let shut = "999999999999999999"

    /// Forgets that somebody stopped the units.
    var unstop: String { #"rm -f "$state/stopped""# }

    var deadline: DeadlineScript { DeadlineScript(layout: layout) }
    var unitWords: String { layout.units.map(RemoteCommand.quote).joined(separator: " ") }
    var restart: String { layout.units.isEmpty ? ":" : "systemctl restart \(unitWords) 9>&-" }
    var stop: String { layout.units.isEmpty ? ":" : "systemctl stop \(unitWords) 9>&-" }
}
