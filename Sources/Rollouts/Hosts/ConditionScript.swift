import Fleet

/// Asks a host how its service is, in one round trip: the current release, each unit, and one answer of the service.
struct ConditionScript: Sendable {
    let layout: ReleaseLayout
    let health: HealthQuestions

    /// Prints `release=`, for each unit `unit=` and what systemd says of it, `health=` with the check's status,
    /// `answer=`, and, when something is wrong, `detail=` lines.
    var script: String {
        let units = layout.units.map(RemoteCommand.quote).joined(separator: " ")
        return """
            link=$(readlink \(RemoteCommand.quote(layout.root + "/current")) 2>/dev/null) || link=
            printf 'release=%s\\n' "${link##*/}"
            wrong=
            for unit in \(units); do
              printf 'unit=%s\\n' "$unit"
              state=$(systemctl show --property=ActiveState,Type,Result,NRestarts "$unit" 2>/dev/null) || state=
              printf '%s\\n' "$state"
              case $state in *NRestarts=[1-9]*) wrong=1;; esac
              case $state in *ActiveState=active*) ;; *) wrong=1;; esac
            done
            answer=$(\(health.command)) && status=0 || { status=$?; wrong=1; }
            printf 'health=%s\\n' "$status"
            printf 'answer=%s\\n' "$(printf '%s\\n' "$answer" | head -n 1)"
            [ -n "$wrong" ] || exit 0
            for unit in \(units); do
              journalctl --unit "$unit" --lines 10 --quiet --no-pager --output cat 2>/dev/null | sed 's/^/detail=/'
            done
            exit 0
            """
    }
}

extension HostCondition {
    /// Reads what ``ConditionScript`` printed.
    init(parsing text: String) {
        self.init(release: nil, isHealthy: false, answer: "")
        for line in text.split(whereSeparator: \.isNewline) {
            guard let cut = line.firstIndex(of: "=") else { continue }
            read(String(line[..<cut]), String(line[line.index(after: cut)...]))
        }
        detail = detail.suffix(24)
    }

    private mutating func read(_ key: String, _ value: String) {
        switch key {
        case "release": release = ReleaseID(value)
        case "unit": units.append(Unit(value, state: ""))
        case "health": isHealthy = value == "0"
        case "answer": answer = value
        case "detail": detail.append(value)
        default: readProperty(key, value)
        }
    }

    /// A property is that of the unit named last.
    private mutating func readProperty(_ key: String, _ value: String) {
        guard let last = units.indices.last else { return }
        switch key {
        case "ActiveState": units[last].state = value
        case "Type": units[last].type = value
        case "Result": units[last].result = value
        case "NRestarts": units[last].restarts = Int(value)
        default: break
        }
    }
}
