import Fleet

/// The units by which a host goes back to the release before unless it is told that its release stays.
///
/// Three files of systemd's, there only while a release waits: a timer and what it starts, and a service that a boot starts
/// before the service's own units. So a host that reboots, perhaps because of the build, comes up with the release before.
struct DeadlineScript: Sendable {
    let layout: ReleaseLayout

    var timer: String { "drover-revert-\(layout.service)" }
    var boot: String { "drover-boot-\(layout.service)" }

    /// Defines `disarm`, which ends the wait for good, whoever armed it and however far that came. Called with the
    /// service that goes back, it stops that one as well: it may be waiting for the lock.
    var disarm: String {
        """
        disarm() {
          rm -f "$state/unconfirmed"
          armed=no
          for file in \(files); do
            if [ -e "$file" ] || [ -L "$file" ]; then armed=yes; rm -f "$file"; fi
          done
          if command -v systemctl >/dev/null; then
            systemctl stop "$timer.timer" "$@" 2>/dev/null || true
            if [ "$armed" = yes ]; then systemctl daemon-reload || true; fi
          fi
          rm -f "$state/revert" "$state/armed"
          if [ "$armed" = yes ]; then sync "$state" "$units"; fi
        }
        """
    }

    /// Writes and starts the units. On disk when this is done, so that no loss of power leaves the release without them.
    func arm(after seconds: Int) -> String {
        """
        cat /proc/sys/kernel/random/boot_id | keep "$state/armed"
        mkdir -p "$units/timers.target.wants" "$units/multi-user.target.wants"
        keep "$units/$timer.service" <<'DROVER_UNIT'
        \(service)
        DROVER_UNIT
        keep "$units/$timer.timer" <<'DROVER_UNIT'
        \(timerUnit(seconds))
        DROVER_UNIT
        keep "$units/$boot.service" <<'DROVER_UNIT'
        \(bootService)
        DROVER_UNIT
        ln -sfn "../$timer.timer" "$units/timers.target.wants/$timer.timer"
        ln -sfn "../$boot.service" "$units/multi-user.target.wants/$boot.service"
        sync "$state" "$units" "$units/timers.target.wants" "$units/multi-user.target.wants"
        if command -v systemctl >/dev/null; then
          systemctl daemon-reload
          systemctl start "$timer.timer"
        fi
        """
    }

    /// Ends the script when it was started as by a boot, yet in the boot that armed it.
    var onlyAfterBoot: String {
        """
        if [ "${1:-}" = boot ] && [ "$(cat "$state/armed")" = "$(cat /proc/sys/kernel/random/boot_id)" ]; then
          exit 0
        fi
        """
    }

    private var files: String {
        """
        "$units/timers.target.wants/$timer.timer" "$units/multi-user.target.wants/$boot.service" \
        "$units/$timer.timer" "$units/$timer.service" "$units/$boot.service"
        """
    }

    // MARK: units

    private var service: String {
        """
        [Unit]
        Description=Take \(layout.service) back: nobody confirmed its release

        [Service]
        Type=oneshot
        ExecStart=/bin/sh \(Self.quote(layout.stateFolder + "/revert"))
        """
    }

    private func timerUnit(_ seconds: Int) -> String {
        """
        [Unit]
        Description=Take \(layout.service) back unless its release is confirmed in time

        [Timer]
        OnActiveSec=\(seconds)
        AccuracySec=1s

        [Install]
        WantedBy=timers.target
        """
    }

    private var bootService: String {
        """
        [Unit]
        Description=Take \(layout.service) back at boot: nobody confirmed its release
        DefaultDependencies=no
        RequiresMountsFor=\(Self.quote(layout.stateFolder)) \(Self.quote(layout.root))
        After=local-fs.target
        Before=\((layout.units + ["shutdown.target"]).joined(separator: " "))
        Conflicts=shutdown.target

        [Service]
        Type=oneshot
        ExecStart=/bin/sh \(Self.quote(layout.stateFolder + "/revert")) boot

        [Install]
        WantedBy=multi-user.target
        """
    }

    /// A path as systemd's unit files write it.
    private static func quote(_ path: String) -> String {
        var text = "\""
        for character in path {
            switch character {
            case "\\", "\"": text += "\\\(character)"
            case "%": text += "%%"
            default: text.append(character)
            }
        }
        return text + "\""
    }
}
