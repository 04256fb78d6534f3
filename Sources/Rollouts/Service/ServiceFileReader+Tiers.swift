import Fleet
import Inventories
import Values

extension ServiceFileReader {
    /// What stands under `tiers:`, in place of a pool and its units.
    func tiers(_ file: ServiceFileFields) throws(InputError) -> [ServiceFile.Tier] {
        for key in ["pool", "units"] where file[key] != nil {
            mistakes.note(
                InputError(
                    "the file has 'tiers' and '\(key)' beside it", at: file.place(key),
                    hints: ["each tier has its own: move it below the tier that it is for"]))
        }
        let node = try file.required("tiers")
        guard let entries = node.entries else {
            throw InputError("tiers must be a mapping of names to tiers, but is \(node.summary)", at: node.location)
        }
        guard !entries.isEmpty else {
            throw InputError(
                "tiers is empty", at: node.location,
                hints: ["name at least one: tiers: {worker: {hosts: worker, units: [shop-worker.service]}}"])
        }
        var tiers: [ServiceFile.Tier] = []
        for entry in entries {
            _ = mistakes.attempt { () throws(InputError) in
                guard let name = entry.key.text else {
                    throw InputError("a tier's name must be text", at: entry.key.location)
                }
                try ServiceName.check(name, of: "tier", at: entry.key.location)
                if let tier = try self.tier(name, entry.value) {
                    try Self.refuseTwins(tier, tiers, at: entry.value["pool"]?.location ?? entry.value.location)
                    tiers.append(tier)
                }
            }
        }
        return tiers
    }

    private func tier(_ name: String, _ node: SourceNode) throws(InputError) -> ServiceFile.Tier? {
        let fields = try ServiceFileFields(node, ServiceKeys.tier.called("tier \(name)"), mistakes)
        let hosts = fields.attempt { fields throws(InputError) in try fields.text("hosts") }
        let units = fields.attempt { fields throws(InputError) in
            _ = try fields.required("units")
            return try self.units(fields)
        }
        let health = fields.attempt { fields throws(InputError) in try self.health(fields["health"]) }
        let pool = fields.attempt { fields throws(InputError) in
            try fields["pool"].flatMap { node throws(InputError) in try self.pool(node, of: hosts ?? "") }
        }
        _ = fields.attempt { fields throws(InputError) in try fields.optionalNumber("minimum") }
        if let rollout = fields["rollout"] {
            _ = fields.attempt { _ throws(InputError) in try self.tierPolicy(rollout) }
        }
        guard let hosts, let units, fields["pool"] == nil || pool != nil else { return nil }
        return ServiceFile.Tier(
            name: name, hosts: hosts, units: units, health: health, pool: pool, location: node.location)
    }

    /// One pool cannot have two tiers' members, nor one file two pools.
    private static func refuseTwins(
        _ tier: ServiceFile.Tier, _ others: [ServiceFile.Tier], at place: SourceLocation
    ) throws(InputError) {
        guard let pool = tier.pool else { return }
        for other in others {
            if other.pool?.name == pool.name {
                throw InputError(
                    "tiers \(other.name) and \(tier.name) have one pool, '\(pool.name)'", at: place,
                    hints: ["give each a backend of its own, or make them one tier"])
            }
            if other.pool?.configFile == pool.configFile, other.pool?.balancers == pool.balancers {
                throw InputError(
                    "tiers \(other.name) and \(tier.name) have one file on balancers, \(pool.configFile)", at: place,
                    hints: ["a file holds one backend: config: /etc/haproxy/pools/\(pool.name).cfg"])
            }
        }
    }

    private func health(_ node: SourceNode?) throws(InputError) -> TierHealth? {
        guard let node else { return nil }
        let fields = try ServiceFileFields(node, .tierHealth, mistakes)
        switch (fields["http"], try fields.optionalText("command")) {
        case (let page?, nil): return try self.page(page)
        case (nil, let command?): return .command(command)
        default:
            throw fields.misspelling(of: "http") ?? fields.misspelling(of: "command")
                ?? InputError(
                    "health is one of http and command", at: node.location,
                    hints: ["for example: health: {http: {port: 8081, path: /healthz}}; without it units alone count"])
        }
    }

    private func page(_ node: SourceNode) throws(InputError) -> TierHealth? {
        let fields = try ServiceFileFields(node, .tierPage, mistakes)
        var check = Pool.Check()
        fields.take("path", into: &check.path) { fields, key throws(InputError) in try fields.urlPath(key) }
        fields.take("expect", into: &check.expect) { fields, key throws(InputError) in try fields.statuses(key) }
        return fields.attempt { fields throws(InputError) in try fields.number("port") }.map { .page(check, port: $0) }
    }

    // MARK: policies

    /// How carefully a build goes to each tier of a stage: as to all of them, but for what the tier says, and the tier in the
    /// stage.
    func tiers(over policy: RolloutPolicy, in stage: ServiceFileFields) -> [String: RolloutPolicy] {
        var policies: [String: RolloutPolicy] = [:]
        // What is wrong below the file's own tiers is told once, where they are read.
        let quiet = Self(path: path, searchPath: searchPath, mistakes: MistakeLog())
        for entry in tierNodes?.entries ?? [] {
            guard let name = entry.key.text else { continue }
            policies[name] = quiet.policy(of: entry.value, over: policy)
        }
        if tierNodes != nil, let capacity = stage["rollout"]?["capacity"] {
            mistakes.note(
                InputError(
                    "capacity is not measured tier by tier: it is there for services with one pool",
                    at: capacity.location, hints: ["minimum: of the tier says how many hosts must stay in service"]))
        }
        guard let node = stage["tiers"] else { return policies }
        _ = mistakes.attempt { () throws(InputError) in try refine(&policies, by: node) }
        return policies
    }

    private func refine(_ policies: inout [String: RolloutPolicy], by node: SourceNode) throws(InputError) {
        guard let entries = node.entries else {
            throw InputError("tiers must be a mapping of names, but is \(node.summary)", at: node.location)
        }
        for entry in entries {
            let name = entry.key.text ?? ""
            guard let policy = policies[name] else {
                let known = policies.keys.sorted()
                mistakes.note(
                    InputError(
                        "the file has no tier '\(name)'", at: entry.key.location,
                        hints: NearestNames.hints(for: name, among: known)
                            + [known.isEmpty ? "it has no tiers" : "tiers: \(known.joined(separator: ", "))"]))
                continue
            }
            let refined = mistakes.attempt { () throws(InputError) -> RolloutPolicy in
                let fields = try ServiceFileFields(
                    entry.value, ServiceKeys.stageTier.called("tier \(name) of a stage"), mistakes)
                guard let rollout = fields["rollout"] else { return policy }
                return try self.tierPolicy(rollout, over: policy)
            }
            policies[name] = refined ?? policy
        }
    }

    private func policy(of tier: SourceNode, over usual: RolloutPolicy) -> RolloutPolicy {
        var policy = usual
        if let rollout = tier["rollout"], !rollout.isNull {
            _ = mistakes.attempt { () throws(InputError) in policy = try tierPolicy(rollout, over: usual) }
        }
        guard let fields = mistakes.attempt({ () throws(InputError) in try ServiceFileFields(tier, .tier, mistakes) })
        else { return policy }
        let minimum = fields.attempt { fields throws(InputError) in try fields.optionalNumber("minimum") }
        policy.minimumInService = minimum ?? policy.minimumInService
        return policy
    }

    /// What a tier may say of its own; the rest holds for the whole rollout.
    private func tierPolicy(
        _ node: SourceNode, over usual: RolloutPolicy = RolloutPolicy()
    ) throws(InputError) -> RolloutPolicy {
        for key in ServiceKeys.ofTheWhole.sorted() {
            guard let value = node[key], !value.isNull else { continue }
            throw InputError(
                "\(key) holds for the whole rollout, and a tier has none of its own", at: value.location,
                hints: ["it stands below the stage's rollout:"])
        }
        return try policy(node, over: usual)
    }
}
