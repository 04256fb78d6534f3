import Fleet

/// Runs what a rollout has to be run on a host.
protocol HookControl: Sendable {
    /// Runs it in the release's folder, as the service's user and with its settings; gives its last line.
    /// - Throws: ``RolloutError`` `.command` with its last lines when it fails or takes too long; `.fenced`.
    func run(_ call: HookCall, on host: HostName) async throws(RolloutError) -> String?
}

extension ShellReleases: HookControl {
    func run(_ call: HookCall, on host: HostName) async throws(RolloutError) -> String? {
        let question = HookScript(release: script, call: call)
        let result = try await run(question.text, on: host, deadline: call.timeout + .seconds(20))
        if result.status == ReleaseScript.Status.missing {
            throw RolloutError(.command, host: host, "release \(call.release) is not on the host")
        }
        if result.status == HookScript.tooLong {
            let lines = result.text.lines.suffix(20)
            throw RolloutError(
                .command, host: host, "'\(call.command)' was not done after \(call.timeout.inSeconds)",
                detail: Array(lines))
        }
        try expectSuccess(result, host, doing: "'\(call.command)'")
        return result.text.lines.last { !$0.allSatisfy(\.isWhitespace) }
    }
}

/// The script that runs a hook on a host: in a unit of its own where there is systemd, so that all that it starts ends with it.
struct HookScript {
    /// The exit status of a command that took too long.
    static let tooLong: Int32 = 124

    let release: ReleaseScript
    let call: HookCall

    private var seconds: Int64 { max(1, call.timeout.components.seconds) }

    /// Prints what the command writes. The service's lock is not kept while it runs: the stage's lease is renewed under it.
    var text: String {
        let unit = RemoteCommand.quote(release.layout.units.first ?? "")
        let settings = SettingsFile.name
        return """
            \(release.fence)
            exec 9>&-
            folder="$root/releases/\(call.release)"
            if [ ! -d "$folder" ]; then exit \(ReleaseScript.Status.missing); fi
            cd "$folder"
            set -- \(variables.joined(separator: " ")) /bin/sh -c \(RemoteCommand.quote(call.command))
            if ! command -v systemd-run >/dev/null || [ ! -d /run/systemd/system ]; then
              exec timeout --kill-after=5 \(seconds) env "$@" </dev/null 2>&1
            fi
            user=$(systemctl show --property=User --value \(unit) 2>/dev/null || true)
            status=0
            systemd-run --quiet --pipe --wait --collect --property=WorkingDirectory="$folder" \\
              --property=EnvironmentFile="-$folder/\(settings)" ${user:+--property=User="$user"} \\
              timeout --kill-after=5 \(seconds) env "$@" </dev/null 2>&1 || status=$?
            exit "$status"
            """
    }

    private var variables: [String] {
        call.environment.sorted { $0.key < $1.key }.map { RemoteCommand.quote("\($0.key)=\($0.value)") }
    }
}
