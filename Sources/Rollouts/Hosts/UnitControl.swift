public import Fleet

/// Starts, restarts and stops a service's units on hosts, and ends them where a host has left the service.
///
/// Every call may be repeated, and carries the lease's fencing token as ``ReleaseControl`` does.
public protocol UnitControl: Sendable {
    /// Starts those of the service's units that do not run.
    /// - Throws: ``RolloutError`` `.unhealthy` with a unit's last lines when one does not stay up.
    func start(_ host: HostName) async throws(RolloutError)

    /// Restarts the service's units, one after the other; those that do not run are started.
    /// - Throws: ``RolloutError`` `.unhealthy` with a unit's last lines when one does not stay up.
    func restart(_ host: HostName) async throws(RolloutError)

    /// Stops the service's units until somebody starts them, or the host does when it boots; the host notes who did.
    /// - Throws: ``RolloutError`` `.command` when one still runs afterwards.
    func stop(_ host: HostName, _ note: UnitStop) async throws(RolloutError)

    /// Runs what the service wants to be run on a host before its units stop for good.
    /// - Throws: ``RolloutError`` `.command` with the last lines of a command that failed or took too long.
    func prepareToLeave(_ host: HostName, _ retirement: Retirement) async throws(RolloutError)

    /// Stops the service's units, and keeps them from starting with the host.
    /// - Throws: ``RolloutError`` `.command` when one still runs afterwards.
    func retire(_ host: HostName) async throws(RolloutError)

    /// Has those units start with the host again that ``retire(_:)`` kept from it, and forgets that somebody stopped them.
    func rejoin(_ host: HostName) async throws(RolloutError)
}

extension UnitControl {
    /// Nothing is run.
    public func prepareToLeave(_ host: HostName, _ retirement: Retirement) async throws(RolloutError) {}
}

extension ShellReleases: UnitControl {
    /// Starts what does not run; see ``UnitControl``.
    public func start(_ host: HostName) async throws(RolloutError) {
        try await bringUp(host, UnitScript(script).start, doing: "starting")
    }

    /// Restarts; see ``UnitControl``.
    public func restart(_ host: HostName) async throws(RolloutError) {
        try await bringUp(host, UnitScript(script).restart, doing: "restarting")
    }

    private func bringUp(_ host: HostName, _ text: String, doing: String) async throws(RolloutError) {
        let result = try await run(text, on: host)
        guard result.status == UnitScript.isDown else {
            return try expectSuccess(result, host, doing: "\(doing) the service's units")
        }
        let lines = result.text.lines
        throw RolloutError(
            .unhealthy, host: host, "started, and does not run: \(lines.first ?? "a unit of the service")",
            detail: Array(lines.dropFirst().suffix(24)), hints: [layout.logHint(host)])
    }

    /// Stops; see ``UnitControl``.
    public func stop(_ host: HostName, _ note: UnitStop) async throws(RolloutError) {
        let result = try await run(UnitScript(script).stop(note), on: host)
        try expectSuccess(result, host, doing: "stopping the service's units")
    }

    /// Stops and disables; see ``UnitControl``.
    public func retire(_ host: HostName) async throws(RolloutError) {
        let result = try await run(UnitScript(script).retire, on: host)
        try expectSuccess(result, host, doing: "stopping the service's units")
    }

    /// Enables what was disabled; see ``UnitControl``.
    public func rejoin(_ host: HostName) async throws(RolloutError) {
        try expectSuccess(
            try await run(UnitScript(script).rejoin, on: host), host, doing: "enabling the service's units")
    }
}

/// The shell scripts that start and end units on a host, under its lock and fence.
struct UnitScript: Sendable {
    /// The exit status of ``start`` and ``restart`` when a unit does not run afterwards.
    static let isDown: Int32 = 69

    private let release: ReleaseScript

    init(_ release: ReleaseScript) { self.release = release }

    private var units: String { release.layout.units.map(RemoteCommand.quote).joined(separator: " ") }

    /// Starts what does not run. Prints what does not stay up, with its last lines.
    var start: String {
        """
        \(release.fence)
        \(enabling)
        for unit in \(units); do
          if systemctl is-active --quiet "$unit"; then continue; fi
          systemctl reset-failed "$unit" 2>/dev/null || true
          systemctl start "$unit" 9>&- || true
        done
        \(expectingAll)
        """
    }

    /// Restarts each. Prints what does not stay up, with its last lines.
    var restart: String {
        """
        \(release.fence)
        \(enabling)
        for unit in \(units); do
          systemctl reset-failed "$unit" 2>/dev/null || true
          systemctl restart "$unit" 9>&- || true
        done
        \(expectingAll)
        """
    }

    /// Stops each, and leaves it to start with the host.
    func stop(_ note: UnitStop) -> String {
        """
        \(release.fence)
        if [ ! -s "$state/stopped" ]; then note "$state/stopped" \(RemoteCommand.quote(note.text)); fi
        for unit in \(units); do
          systemctl stop "$unit" 9>&-
          if systemctl is-active --quiet "$unit"; then echo "$unit still runs"; exit 1; fi
        done
        """
    }

    private var expectingAll: String {
        """
        sleep 1
        down=
        for unit in \(units); do
          if systemctl is-active --quiet "$unit"; then continue; fi
          if [ "$(systemctl show --property=Type --value "$unit")" = oneshot ]; then continue; fi
          down=$unit
          echo "$unit is $(systemctl is-active "$unit" || true)"
          journalctl --unit "$unit" --lines 10 --quiet --no-pager --output cat 2>/dev/null || true
        done
        if [ -n "$down" ]; then exit \(Self.isDown); fi
        """
    }

    /// Stops and disables, noting what was enabled. A unit that a generator makes (podman's quadlets) cannot be disabled: it
    /// is masked, once it has been stopped by its own settings.
    var retire: String {
        """
        \(release.fence)
        disarm
        for unit in \(units); do
          if [ "$(systemctl show --property=LoadState --value "$unit")" = not-found ]; then continue; fi
          kind=$(systemctl is-enabled "$unit" 2>/dev/null || true)
          if [ "$kind" = enabled ]; then
            printf '%s\\n' "$unit" >>"$state/retired"
            systemctl disable --quiet "$unit"
          fi
          systemctl stop "$unit" 9>&-
          if systemctl is-active --quiet "$unit"; then echo "$unit still runs"; exit 1; fi
          if [ "$kind" = generated ]; then
            printf '%s\\n' "$unit" >>"$state/masked"
            systemctl mask --quiet "$unit"
          fi
        done
        """
    }

    /// Enables what ``retire`` disabled or masked, and forgets that it was stopped.
    var rejoin: String {
        """
        state=\(RemoteCommand.quote(release.layout.stateFolder))
        if [ ! -e "$state/retired" ] && [ ! -e "$state/masked" ] && [ ! -e "$state/stopped" ]; then exit 0; fi
        \(release.fence)
        \(enabling)
        """
    }

    private var enabling: String {
        """
        if [ -e "$state/retired" ]; then
          while read -r unit; do systemctl enable --quiet "$unit" || true; done <"$state/retired"
          rm -f "$state/retired"
        fi
        if [ -e "$state/masked" ]; then
          while read -r unit; do systemctl unmask --quiet "$unit" || true; done <"$state/masked"
          rm -f "$state/masked"
        fi
        \(release.unstop)
        """
    }
}
