import Fleet
import Inventories
import Values

extension ServiceFileReader {
    func gates(_ node: SourceNode) throws(InputError) -> [ServiceFile.Gate] {
        guard let items = node.items else {
            throw InputError("gates must be a list, but is \(node.summary)", at: node.location)
        }
        var gates: [ServiceFile.Gate] = []
        for item in items {
            guard let found = mistakes.attempt({ () throws(InputError) in try self.gate(item) }), let gate = found
            else { continue }
            if let kind = gate.onlyOnce, gates.contains(where: { $0.onlyOnce == kind }) {
                mistakes.note(InputError("a stage compares \(kind) once", at: item.location))
            }
            gates.append(gate)
        }
        return gates
    }

    /// The gate; `nil` for one that is not wanted.
    private func gate(_ node: SourceNode) throws(InputError) -> ServiceFile.Gate? {
        let fields = try ServiceFileFields(node, .gate, mistakes)
        let kinds = ServiceKeys.gateKinds.filter { fields[$0] != nil }
        guard kinds.count == 1, let kind = kinds.first, let value = fields[kind] else {
            throw ServiceKeys.gateKinds.lazy.compactMap { fields.misspelling(of: $0) }.first
                ?? InputError(
                    "a gate is one of \(ServiceKeys.gateKinds.dropLast().joined(separator: ", ")) and "
                        + "\(ServiceKeys.gateKinds.last ?? "")", at: node.location,
                    hints: ["for example: http: {path: /healthz, expect: 200}"])
        }
        if fields["timeout"] != nil, kind != "http", kind != "command" {
            mistakes.note(InputError("a gate '\(kind)' takes no timeout", at: fields.place("timeout")))
        }
        switch kind {
        case "http": return .page(try page(value, timeout: try fields.duration("timeout", in: ServiceKeys.pageTime)))
        case "command": return try command(fields)
        case "errors": return .errors(value.isFalse ? nil : try errors(value))
        case "latency": return try latency(value)
        case "slo": return try objectiveGate(value).map(ServiceFile.Gate.objectives)
        case "resources": return .resources(try resources(value))
        case "units": return .units(try units(value))
        default: return .log(try log(value))
        }
    }

    private func command(_ fields: ServiceFileFields) throws(InputError) -> ServiceFile.Gate {
        let command = try fields.text("command")
        if let fault = GateCommand(line: command, folder: folder, searchPath: searchPath).fault {
            throw InputError(fault.message, at: fields.place("command"), hints: [fault.hint])
        }
        let timeout = try fields.duration("timeout", in: ServiceKeys.commandTime)
        return .command(command, timeout: timeout ?? ServiceKeys.usualCommandTime)
    }

    // MARK: comparisons

    private func errors(_ node: SourceNode) throws(InputError) -> ErrorLimits {
        let fields = try ServiceFileFields(node, .errors, mistakes)
        var limits = ErrorLimits()
        fields.take("tolerance", into: &limits.tolerance) { fields, key throws(InputError) in try fields.share(key) }
        limits.limit = fields.attempt { fields throws(InputError) in try fields.share("limit") }
        fields.takeNumber("minimum", into: &limits.minimum)
        fields.takeNoData(into: &limits.onNoData)
        fields.takeTime("wait", into: &limits.wait)
        return limits
    }

    private func latency(_ node: SourceNode) throws(InputError) -> ServiceFile.Gate {
        if node.isFalse { return .latency(nil) }
        let fields = try ServiceFileFields(node, .latency, mistakes)
        var limits = LatencyLimits()
        fields.takeTime("tolerance", into: &limits.tolerance)
        fields.takeNoData(into: &limits.onNoData)
        fields.takeTime("wait", into: &limits.wait)
        guard let path = try fields.urlPath("path") else {
            for key in ["requests"] + ServiceKeys.percentiles.map(\.0) where fields[key] != nil {
                mistakes.note(
                    InputError(
                        "'\(key)' is about own requests: name the 'path' that they ask for", at: fields.place(key)))
            }
            return .latency(limits)
        }
        var gate = RequestGate(path: path, limits: limits)
        fields.takeNumber("requests", into: &gate.requests)
        for (key, share) in ServiceKeys.percentiles {
            gate.percentiles[share] = fields.attempt { fields throws(InputError) in try fields.duration(key) }
        }
        return .requests(gate)
    }

    // MARK: hosts

    private func resources(_ node: SourceNode) throws(InputError) -> ResourceGate {
        let fields = try ServiceFileFields(node, .resources, mistakes)
        func share(_ key: String) -> Double? {
            fields.attempt { fields throws(InputError) in try fields.share(key) }
        }
        let load = fields.attempt { fields throws(InputError) in try fields.decimal("load") }
        let gate = ResourceGate(
            processor: share("cpu"), memory: share("memory"), disk: share("disk"), load: load)
        guard !["cpu", "memory", "disk", "load"].allSatisfy({ fields[$0] == nil }) else {
            throw InputError(
                "resources has no limit", at: node.location, hints: ["for example: resources: {memory: 90%}"])
        }
        return gate
    }

    private func units(_ node: SourceNode) throws(InputError) -> UnitGate {
        let fields = try ServiceFileFields(node, .units, mistakes)
        var gate = UnitGate(names: unitNames(fields, "names"))
        fields.takeNumber("restarts", into: &gate.restarts)
        return gate
    }

    private func log(_ node: SourceNode) throws(InputError) -> LogGate {
        let fields = try ServiceFileFields(node, .log, mistakes)
        let pattern = try fields.text("pattern")
        if let fault = TextMatch.fault(ofPattern: pattern) {
            throw InputError(
                "pattern is no regular expression of 'grep -E': \(fault)", at: fields.place("pattern"))
        }
        var gate = LogGate(pattern: pattern, units: unitNames(fields, "units"))
        fields.takeNumber("at_most", into: &gate.most)
        return gate
    }

    private func unitNames(_ fields: ServiceFileFields, _ key: String) -> [String] {
        let named = fields.attempt { fields throws(InputError) in try fields.texts(key) } ?? []
        return named.compactMap { name, place in
            mistakes.attempt { () throws(InputError) in
                try ServiceName.check(unit: name, at: place)
                return name
            }
        }
    }
}

extension ServiceFile.Gate {
    /// What there is one of in a stage.
    fileprivate var onlyOnce: String? {
        switch self {
        case .errors: "errors"
        case .latency: "latency"
        case .objectives: "with slo"
        default: nil
        }
    }
}
