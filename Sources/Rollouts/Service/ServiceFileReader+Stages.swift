import Fleet
import Inventories
import Values

extension ServiceFileReader {
    /// What follows `drover rollout` in place of a stage.
    private static let words: Set<String> = [
        "abort", "approve", "help", "pause", "resume", "start", "status",
    ]

    func stages(_ node: SourceNode) throws(InputError) -> [ServiceFile.Stage] {
        guard let entries = node.entries else {
            throw InputError("stages must be a mapping of names to stages, but is \(node.summary)", at: node.location)
        }
        guard !entries.isEmpty else {
            throw InputError(
                "stages is empty", at: node.location,
                hints: ["name at least one: stages: {production: {inventory: inventory/production.yml}}"])
        }
        var stages: [ServiceFile.Stage] = []
        var earlier: [String] = []
        for entry in entries {
            _ = mistakes.attempt { () throws(InputError) in
                guard let name = entry.key.text else {
                    throw InputError("a stage's name must be text", at: entry.key.location)
                }
                let before = earlier
                earlier.append(name)
                try Self.check(name, at: entry.key.location)
                if let stage = try self.stage(name, entry.value, earlier: before) { stages.append(stage) }
            }
        }
        return stages
    }

    private static func check(_ name: String, at place: SourceLocation) throws(InputError) {
        try ServiceName.check(name, of: "stage", at: place)
        guard !words.contains(name) else {
            throw InputError(
                "'\(name)' cannot name a stage: it is a word of 'drover rollout'", at: place,
                hints: ["call it otherwise, such as \(name)-stage"])
        }
    }

    /// The stage; `nil` where it has no inventory that can be read.
    private func stage(
        _ name: String, _ node: SourceNode, earlier: [String]
    ) throws(InputError) -> ServiceFile.Stage? {
        let fields = try ServiceFileFields(node, ServiceKeys.stage.called("stage \(name)"), mistakes)
        SettingsReader.check(fields)
        let after = fields.attempt { fields throws(InputError) in try self.after(fields, name, earlier) }
        let inventory = fields.attempt { fields throws(InputError) in try self.inventory(fields, name) }
        let playbooks = fields.attempt { fields throws(InputError) in try fields.texts("playbook")?.map(\.text) }
        let bake = fields.attempt { fields throws(InputError) in
            try fields.duration("bake")
        }
        let policy = fields["rollout"].flatMap { node in
            mistakes.attempt { () throws(InputError) in try self.policy(node) }
        }
        let hooks = fields.attempt { fields throws(InputError) in
            try self.hooks(fields, policy ?? RolloutPolicy())
        }
        let asks = fields.attempt { fields throws(InputError) in try fields.flag("ask") }
        let gates = fields["gates"].flatMap { node in mistakes.attempt { () throws(InputError) in try self.gates(node) }
        }
        let objectives = fields.attempt { fields throws(InputError) in try self.objectives(fields) } ?? []
        checkObjectives(objectives, gates ?? [], fields)
        let tiers = self.tiers(over: policy ?? RolloutPolicy(), in: fields)
        guard let inventory else { return nil }
        // Both were read above: here they are as they should be.
        let named = ["inventory", "playbook"].flatMap { (try? fields.texts($0)) ?? [] }
        let signatures = fields.attempt { fields throws(InputError) in try self.signatures(fields) }
        var stage = ServiceFile.Stage(
            name: name, inventory: inventory, playbooks: playbooks ?? [], after: after, bake: bake ?? .zero,
            rollout: policy ?? RolloutPolicy(), gates: gates ?? [], location: node.location,
            places: Dictionary(named.map { ($0.text, $0.place) }) { first, _ in first },
            minimumLocation: fields["rollout"]?["minimum"]?.location, signatures: signatures)
        stage.tiers = tiers
        stage.hooks = hooks
        stage.objectives = objectives
        if let asks { stage.asks = asks }
        takeRequirements(fields, into: &stage)
        return stage
    }

    /// A gate without anything to hold batches to would pass all of them.
    private func checkObjectives(
        _ objectives: [ServiceObjective], _ gates: [ServiceFile.Gate], _ fields: ServiceFileFields
    ) {
        let hasGate = gates.contains { if case .objectives = $0 { true } else { false } }
        // What is wrong with those that are there was told.
        guard hasGate, objectives.isEmpty, fields["slo"] == nil else { return }
        mistakes.note(
            InputError(
                "the gate 'slo' has nothing to hold a batch to", at: fields.place("gates"),
                hints: ["say what pages are to be like: slo: [{path: /, p99: 200ms, errors: 0.1%}]"]))
    }

    private func after(
        _ fields: ServiceFileFields, _ name: String, _ earlier: [String]
    ) throws(InputError) -> String? {
        guard let after = try fields.optionalText("after") else { return nil }
        guard earlier.contains(after) else {
            throw InputError(
                "stage \(name) comes after '\(after)', which is no stage above it", at: fields.place("after"),
                hints: earlier.isEmpty ? [] : ["stages above it: \(earlier.joined(separator: ", "))"])
        }
        return after
    }

    private func inventory(_ fields: ServiceFileFields, _ name: String) throws(InputError) -> [String] {
        guard let inventory = try fields.texts("inventory")?.map(\.text), !inventory.isEmpty else {
            throw fields.misspelling(of: "inventory")
                ?? InputError(
                    "stage \(name) has no inventory", at: fields.node.location,
                    hints: ["for example: inventory: inventory/\(name).yml"])
        }
        return inventory
    }

    /// - Parameter usual: What holds where nothing is said.
    func policy(_ node: SourceNode, over usual: RolloutPolicy = RolloutPolicy()) throws(InputError) -> RolloutPolicy {
        let fields = try ServiceFileFields(node, .rollout, mistakes)
        var policy = usual
        takeSteps(fields, into: &policy)
        fields.takeTime("drain", into: &policy.drain)
        fields.takeTime("health", into: &policy.health)
        fields.takeTime("bake", into: &policy.bake)
        fields.takeNumber("budget", into: &policy.budget)
        fields.takeTime("confirm", into: &policy.confirm)
        let minimum = fields.attempt { fields throws(InputError) in try fields.optionalNumber("minimum") }
        policy.minimumInService = minimum ?? policy.minimumInService
        takeLimits(fields, into: &policy)
        policy.capacity = fields.attempt { fields throws(InputError) in try fields.percentage("capacity") }
        return policy
    }
}
