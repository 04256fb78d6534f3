public import Fleet

extension ShellReleases {
    /// Runs the commands that a host is to run before it leaves; see ``UnitControl``.
    public func prepareToLeave(_ host: HostName, _ retirement: Retirement) async throws(RolloutError) {
        for command in retirement.commands {
            let result = try await run(
                LeavingHook(script, command, retirement.timeout).text, on: host,
                deadline: retirement.timeout + .seconds(30))
            if result.succeeded { continue }
            if result.status == ReleaseScript.Status.fenced {
                return try expectSuccess(result, host, doing: "running '\(command)'")
            }
            let end =
                result.status == LeavingHook.late
                ? "took longer than \(retirement.timeout.written)" : "ended with \(result.status)"
            let lines = (result.text + "\n" + result.errorText).lines
            throw RolloutError(
                .command, host: host, "'\(command)', which is to run before the host leaves, \(end)",
                detail: Array(lines.suffix(24)), hints: ["it stands below retire: in drover.yml"])
        }
    }
}

/// One command that a host runs before it leaves.
struct LeavingHook: Sendable {
    /// The exit status of ``text`` when the command took too long.
    static let late: Int32 = 124

    let text: String

    /// `command` as the first unit's user, in the release's folder, with its settings as systemd reads them. The host's lock is
    /// given back before: it may take its time. systemd would replace variables in the command's words.
    init(_ release: ReleaseScript, _ command: String, _ timeout: Duration) {
        let layout = release.layout
        let unit = RemoteCommand.quote(layout.units.first ?? layout.service)
        let seconds = max(1, timeout.components.seconds)
        text = """
            \(release.fence)
            exec 9>&-
            folder=$root/current
            if [ ! -d "$folder" ]; then folder=/; fi
            user=$(systemctl show --property=User --value \(unit) 2>/dev/null || true)
            exec systemd-run --quiet --wait --pipe --collect --uid="${user:-root}" --working-directory="$folder" \\
              --property=EnvironmentFile=-"$root"/current/\(SettingsFile.name) \\
              --setenv=DROVER_SERVICE=\(RemoteCommand.quote(layout.service)) \\
              --setenv=DROVER_STAGE=\(RemoteCommand.quote(layout.stage)) \\
              --setenv=DROVER_HOOK=\(RemoteCommand.quote(command)) \
              timeout --kill-after=5 \(seconds) perl -e 'exec q(sh), q(-c), delete @ENV{q(DROVER_HOOK)}'
            """
    }
}
