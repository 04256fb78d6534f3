import Fleet
import OrderedCollections
import Values

/// systemd units.
struct ServiceModule: TaskModule {
    /// Parameters of `systemd`, which `service` takes too on a host with systemd.
    static let parameters: [ModuleSpecification.Parameter] = [
        .init("name", aliases: ["service", "unit"]),
        .init("state", choices: ["reloaded", "restarted", "started", "stopped"]), .init("enabled", .bool),
        .init("masked", .bool), .init("daemon_reload", .bool, aliases: ["daemon-reload"]),
        .init("daemon_reexec", .bool, aliases: ["daemon-reexec"]), .init("force", .bool),
        .init("scope", choices: ["system"]), .init("no_block", .bool),
    ]

    /// Parameters of `service`. Those that only other init systems heed are taken and do nothing, as in Ansible.
    static let specification: ModuleSpecification = {
        var specification = ModuleSpecification(
            "service",
            parameters: parameters + [
                .init("pattern"), .init("sleep", .int), .init("arguments", aliases: ["args"]), .init("runlevel"),
                .init("use", choices: ["auto", "systemd", "service"]),
            ])
        specification.oneOf = SystemdModule.specification.oneOf
        return specification
    }()

    private let unit: DesiredUnit

    init(_ arguments: ModuleArguments, _ context: ModuleContext) throws { unit = try DesiredUnit(arguments) }

    func probes(given snapshot: Snapshot) -> [Probe] { unit.probes(given: snapshot) }

    func step(_ snapshot: Snapshot) -> Step { unit.step(snapshot) }
}

/// systemd units, by the module of that name.
struct SystemdModule: TaskModule {
    /// Parameters of `systemd`.
    static let specification: ModuleSpecification = {
        var specification = ModuleSpecification("systemd", parameters: ServiceModule.parameters)
        specification.oneOf = [["state", "enabled", "masked", "daemon_reload", "daemon_reexec"]]
        return specification
    }()

    static let otherNames = ["systemd_service", "ansible.builtin.systemd_service", "ansible.legacy.systemd_service"]

    private let unit: DesiredUnit

    init(_ arguments: ModuleArguments, _ context: ModuleContext) throws { unit = try DesiredUnit(arguments) }

    func probes(given snapshot: Snapshot) -> [Probe] { unit.probes(given: snapshot) }

    func step(_ snapshot: Snapshot) -> Step { unit.step(snapshot) }
}

/// A unit as a task wants it.
struct DesiredUnit: Sendable {
    private let name: String?
    private let state: String?
    private let isEnabled: Bool?
    private let isMasked: Bool?
    private let reloads: Bool
    private let reexecutes: Bool
    private let command: String

    /// Reads the parameters.
    init(_ arguments: ModuleArguments) throws(InputError) {
        name = try arguments.string("name")
        state = try arguments.string("state")
        isEnabled = try arguments.optionalBool("enabled")
        isMasked = try arguments.optionalBool("masked")
        reloads = try arguments.bool("daemon_reload")
        reexecutes = try arguments.bool("daemon_reexec")
        let options =
            (try arguments.bool("no_block") ? " --no-block" : "") + (try arguments.bool("force") ? " --force" : "")
        command = "systemctl" + options
        if let name, name.contains(where: { "*?[".contains($0) }) {
            throw arguments.wrong("name", "cannot be a pattern, as '\(name)' is")
        }
        if name == nil, state != nil || isEnabled != nil || isMasked != nil {
            throw arguments.wrong("name", "is missing")
        }
    }

    func probes(given snapshot: Snapshot) -> [Probe] {
        guard let name else { return [] }
        var probes: [Probe] = [.unit(name)]
        if let unit = unit(snapshot), isEnabled != nil, unit.fileState == "generated" {
            probes.append(.query(Self.startLinks(name)))
        }
        return probes
    }

    /// For a unit made from an init script: whether a run level starts it.
    private static func startLinks(_ name: String) -> String {
        let script = name.hasSuffix(".service") ? String(name.dropLast(".service".count)) : name
        return "set -- /etc/rc[2345].d/S[0-9][0-9]\(script.quoted); [ -e \"$1\" ]"
    }

    private func unit(_ snapshot: Snapshot) -> UnitState? {
        guard let name, case .unit(let unit)? = snapshot[.unit(name)] else { return nil }
        return unit
    }

    func step(_ snapshot: Snapshot) -> Step {
        var lines: [String] = []
        if reexecutes { lines.append("\(command) daemon-reexec") }
        if reloads { lines.append("\(command) daemon-reload") }
        guard let name else {
            // Reading the units anew counts as no change.
            return .change(change(lines, TaskResult(fields: ["status": Variables().asMap]), []))
        }
        let unit = unit(snapshot)
        var fields: Variables = ["name": .string(name)]
        fields["status"] = unit.map { unit in
            let pairs = unit.properties.sorted { $0.key < $1.key }
            return Variables(uniqueKeysWithValues: pairs.map { ($0.key, .string($0.value)) }).asMap
        }
        let isKnown = unit?.isLoaded == true || unit?.isMasked == true
        if !isKnown, !reloads, state != nil || isEnabled != nil {
            return .failed(
                TaskResult(
                    failure: "Could not find the requested service \(name): host",
                    hints: ["'systemctl list-unit-files' on the host names those that there are"], fields: fields))
        }
        let actions = actions(unit, snapshot, &fields)
        guard !actions.isEmpty || !lines.isEmpty else { return .converged(TaskResult(fields: fields)) }
        let place = name.hasPrefix("-") ? "-- \(name.quoted)" : name.quoted
        lines += actions.map { "\(command) \($0.verb) \(place)" }
        return .change(change(lines, TaskResult(changed: !actions.isEmpty, fields: fields), actions))
    }

    private typealias Action = (verb: String, before: String, after: String)

    private func actions(_ unit: UnitState?, _ snapshot: Snapshot, _ fields: inout Variables) -> [Action] {
        var actions: [Action] = []
        if let isMasked, isMasked != (unit?.isMasked ?? false) {
            actions.append((isMasked ? "mask" : "unmask", "masked: \(!isMasked)", "masked: \(isMasked)"))
        }
        if let isEnabled {
            let isNow = self.isEnabled(unit, snapshot)
            fields["enabled"] = .bool(isEnabled)
            if isNow != isEnabled {
                actions.append((isEnabled ? "enable" : "disable", "enabled: \(isNow)", "enabled: \(isEnabled)"))
            }
        }
        if let state, let verb = verb(for: state, unit) {
            let now = unit?.properties["ActiveState"] ?? "inactive"
            actions.append((verb, "state: \(now)", "state: \(state)"))
        }
        if let state { fields["state"] = .string(["restarted", "reloaded"].contains(state) ? "started" : state) }
        return actions
    }

    private func verb(for state: String, _ unit: UnitState?) -> String? {
        let isActive = unit?.isActive ?? false
        switch state {
        case "started": return isActive ? nil : "start"
        case "stopped": return isActive || unit?.properties["ActiveState"] == "deactivating" ? "stop" : nil
        default: return isActive ? String(state.dropLast(2)) : "start"
        }
    }

    /// As `systemctl is-enabled` sees it, but what is enabled only until the next boot does not count.
    private func isEnabled(_ unit: UnitState?, _ snapshot: Snapshot) -> Bool {
        switch unit?.fileState {
        case "enabled", "static": true
        case "generated": name.flatMap { snapshot.output(Self.startLinks($0)) }?.status == 0
        default: false
        }
    }

    private func change(_ lines: [String], _ predicted: TaskResult, _ actions: [Action]) -> Change {
        var change = Change(script: strictScript(lines), predicted: predicted, touches: .everything)
        change.diffs = actions.map { Diff(name ?? "systemd", before: $0.before + "\n", after: $0.after + "\n") }
        let subject = name ?? "systemd"
        change.interpret = { answer in
            guard !answer.succeeded else { return predicted }
            let complaint = answer.errorText.trimmingLineEnds
            return .failure(of: answer, message: "systemctl failed for \(subject): \(complaint)")
        }
        return change
    }
}
