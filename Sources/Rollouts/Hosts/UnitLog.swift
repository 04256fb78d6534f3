public import Fleet

/// What systemd's journal on a host holds of the service's units. Pure: words in, one command out.
public struct UnitLog: Hashable, Sendable {
    /// How many of the last lines are shown of a host where nobody says.
    public static let usualLines = 50

    /// The units.
    public var units: [String]
    /// Only what was written since: what journalctl takes, such as `10min ago` or `2026-03-01 12:00`.
    public var since: String?
    /// How many lines, the last ones; `nil` for all.
    public var lines: Int?
    /// Whether what is written from now on is shown too, until the caller is cancelled.
    public var follows: Bool

    private static let endless = Duration.seconds(30 * 86400)

    /// The log of `units`.
    public init(_ units: [String], since: String? = nil, lines: Int? = nil, follows: Bool = false) {
        (self.units, self.since, self.lines, self.follows) = (units, since, lines, follows)
    }

    /// What shows it, with `privilege`.
    public func command(_ privilege: Privilege) -> RemoteCommand {
        var words = ["journalctl", "--quiet", "--no-pager", "--no-hostname", "--output", "short-iso"]
        for unit in units { words += ["--unit", unit] }
        if let since { words.append("--since=\(since)") }
        if follows { words.append("--follow") }
        // With --since, journalctl before systemd 254 counts from the beginning: the last lines are taken of all.
        let line = words.map(RemoteCommand.quote).joined(separator: " ")
        let shell =
            if since != nil, let lines {
                // A pipe ends as its last program does: what journalctl makes of the moment is asked before.
                "\(line) --lines=0 >/dev/null || exit\n\(line) --lines=all | tail -n \(lines)"
            } else {
                "\(line) --lines=\(lines.map(String.init) ?? "all")"
            }
        return RemoteCommand(shell: shell, privilege: privilege, deadline: follows ? Self.endless : .seconds(300))
    }

    /// What journalctl takes for what a person writes: `10m`, as Drover's other durations, is so long ago.
    public static func moment(_ text: String) -> String {
        guard let ago = Duration(written: text) else { return text }
        return "-\(max(0, ago.components.seconds))s"
    }
}

extension ReleaseLayout {
    /// How more of the service's log on `host` is seen.
    func logHint(_ host: HostName) -> String { "see more of its log: drover logs \(stage) \(host) --since 10m" }
}
