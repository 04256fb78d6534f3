import Fleet

/// How units of a host do, and how often each was started anew.
struct UnitLook: Hashable, Sendable {
    struct Unit: Hashable, Sendable {
        var condition: HostCondition.Unit
        /// What systemd calls the run of the unit; another one means that it was started anew, by whomever.
        var invocation: String
    }
    var units: [Unit]

    /// Prints what ``init(_:)`` reads.
    static func script(_ units: String) -> String {
        """
        for unit in \(units); do
          printf 'unit=%s\\n' "$unit"
          systemctl show --property=ActiveState,Type,Result,NRestarts,InvocationID "$unit"
        done
        """
    }

    init(_ text: String) {
        units = text.split(separator: "unit=").compactMap { part in
            guard let name = part.split(separator: "\n").first else { return nil }
            let fields = AnswerFields(part.dropFirst(name.count).description)
            let condition = HostCondition.Unit(
                String(name), state: fields["ActiveState"] ?? "", type: fields["Type"], result: fields["Result"],
                restarts: fields["NRestarts"].flatMap { Int($0) })
            return Unit(condition: condition, invocation: fields["InvocationID"] ?? "")
        }
    }

    /// What speaks against the units; `nil` when nothing does.
    /// - Parameters:
    ///   - earlier: How they were when the batch was admitted.
    ///   - restarts: How often each may have been started anew since.
    func objection(since earlier: Self?, allowing restarts: Int) -> String? {
        for unit in units {
            let condition = unit.condition
            guard condition.isFine else {
                return "\(condition.name) is \(condition.state.isEmpty ? "unknown to systemd" : condition.state)"
            }
            guard let before = earlier?.units.first(where: { $0.condition.name == condition.name }) else { continue }
            let counted = max(0, (condition.restarts ?? 0) - (before.condition.restarts ?? 0))
            let count = max(counted, unit.invocation == before.invocation || condition.type == "oneshot" ? 0 : 1)
            if count > restarts {
                return "\(condition.name) was started anew \(count == 1 ? "once" : "\(count) times"), "
                    + "at most \(restarts) may be"
            }
        }
        return nil
    }
}

extension StageGates {
    func units(_ settings: UnitGate) -> Gate {
        let names = unitsOrOwn(settings.names)
        let script = UnitLook.script(quoted(names))
        return hostGate("units \(names.joined(separator: ", "))") { watch in
            // What cannot be asked now has no earlier look, and is told at the first question.
            let first = try? await ask(script, on: watch.hosts)
            let earlier = (first ?? []).reduce(into: [:]) { $0[$1.host] = UnitLook($1.text) }
            return { _ throws(RolloutError) in
                for (host, text) in try await ask(script, on: watch.hosts) {
                    let look = UnitLook(text)
                    if let objection = look.objection(since: earlier[host], allowing: settings.restarts) {
                        return GateAnswer(.fail, "\(host): \(objection)")
                    }
                }
                return GateAnswer(.pass, "active on \(watch.hosts.count.of("host"))")
            }
        }
    }
}
