import Fleet

/// Lines of units' journals that match a pattern, since the units were started.
struct LogLook: Hashable, Sendable {
    var count: Int
    /// The last of them.
    var line: String

    /// Prints what ``init(_:)`` reads. Units start when a release is switched.
    static func script(_ units: [String], _ pattern: String) -> String {
        let name = RemoteCommand.quote
        return """
            for unit in \(units.map(name).joined(separator: " ")); do
              since=$(systemctl show --timestamp=unix --property=ExecMainStartTimestamp --value "$unit" 2>/dev/null)
              case $since in @[0-9]*) ;; *) since=today;; esac
              journalctl --unit "$unit" --since "$since" --quiet --no-pager --output cat 2>/dev/null
            done | grep -a -E -e \(name(pattern)) | awk '{last = $0} END {print "count=" NR; print "line=" substr(last, 1, 300)}'
            """
    }

    /// - Parameter text: What ``script(_:_:)`` printed; `nil` where it is none of that.
    init?(_ text: String) {
        let fields = AnswerFields(text)
        guard let count = fields["count"].flatMap({ Int($0) }) else { return nil }
        (self.count, line) = (count, fields["line"] ?? "")
    }
}

extension StageGates {
    func log(_ settings: LogGate) -> Gate {
        let script = LogLook.script(unitsOrOwn(settings.units), settings.pattern)
        return hostGate("log without '\(settings.pattern)'") { watch in
            { _ throws(RolloutError) in
                for (host, text) in try await ask(script, on: watch.hosts) {
                    guard let look = LogLook(text) else {
                        return GateAnswer(.fail, "\(host): its units' journal cannot be read")
                    }
                    if look.count > settings.most {
                        let allowed = settings.most == 0 ? "none" : "at most \(settings.most)"
                        return GateAnswer(
                            .fail, "\(host): \(look.count.of("line")) match, \(allowed) may: \(look.line)")
                    }
                }
                return GateAnswer(.pass, "not more than \(settings.most) on \(watch.hosts.count.of("host"))")
            }
        }
    }
}
