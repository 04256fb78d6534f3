import Fleet
import Inventories
import Values

/// How a rollout steps, what it does when it fails, and whom it waits for.
extension ServiceFileReader {
    /// The first of several sizes is the canary, unless that is said by itself.
    func takeSteps(_ fields: ServiceFileFields, into policy: inout RolloutPolicy) {
        fields.take("batch", into: &policy.batch) { fields, key throws(InputError) in try fields.batch(key) }
        let sizes = fields.attempt { fields throws(InputError) in try fields.batches("batches") }
        if let sizes, let first = sizes.first {
            policy.batches = sizes
            if sizes.count > 1, fields["canary"] == nil {
                (policy.canary, policy.batches) = (first, Array(sizes.dropFirst()))
            }
        }
        fields.take("canary", into: &policy.canary) { fields, key throws(InputError) in try fields.canary(key) }
        if fields["batch"] != nil, fields["batches"] != nil {
            mistakes.note(
                InputError(
                    "a rollout has batch or batches, not both", at: fields.place("batches"),
                    hints: ["batches: [1, 5, 25%] has the canary first, and the last size repeats"]))
        }
    }

    func takeLimits(_ fields: ServiceFileFields, into policy: inout RolloutPolicy) {
        let share = fields.attempt { fields throws(InputError) in try fields.batch("max_unavailable") }
        if let share { policy.maxUnavailable = share }
        let deadline = fields.attempt { fields throws(InputError) in try fields.duration("progress_deadline") }
        if let deadline { policy.progressDeadline = deadline }
        let response: RolloutPolicy.FailureResponse? = word("on_failure", fields)
        if let response { policy.onFailure = response }
        let approval: RolloutPolicy.ApprovalPoint? = word("approval", fields)
        if let approval { policy.approval = approval }
        guard let deadline = policy.progressDeadline, deadline <= policy.bake else { return }
        mistakes.note(
            InputError(
                "progress_deadline (\(deadline.written)) must be longer than bake (\(policy.bake.written)): no host gets "
                    + "further while its batch is watched", at: fields.place("progress_deadline")))
    }

    private func word<Word: RawRepresentable & CaseIterable>(_ key: String, _ fields: ServiceFileFields) -> Word?
    where Word.RawValue == String {
        fields.attempt { fields throws(InputError) in
            guard let text = try fields.optionalText(key) else { return nil }
            guard let word = Word(rawValue: text) else {
                let words = Word.allCases.map(\.rawValue)
                throw InputError(
                    "\(key) is one of \(words.joined(separator: ", ")), but is '\(text)'", at: fields.place(key),
                    hints: NearestNames.hints(for: text, among: words))
            }
            return word
        }
    }

    // MARK: hooks

    /// What is run besides. Where nothing takes back what `once` does, a rollout that fails could not go back.
    func hooks(_ fields: ServiceFileFields, _ policy: RolloutPolicy) throws(InputError) -> RolloutHooks? {
        guard let node = fields["hooks"] else { return nil }
        let fields = try ServiceFileFields(node, .hooks, mistakes)
        let hooks = RolloutHooks(
            before: hook("before", fields), once: hook("once", fields), after: hook("after", fields))
        if let once = hooks.once, once.undo == nil, !once.isCompatible, policy.onFailure != .stop {
            mistakes.note(
                InputError(
                    "the hook once has no way back: a rollout that fails would bring a build back to what it changed",
                    at: fields.place("once"),
                    hints: [
                        "say what takes it back: once: {command: …, undo: COMMAND}",
                        "or that the build before works with it: once: {command: …, compatible: true}",
                        "or have a rollout that fails stop: rollout: {on_failure: stop}",
                    ]))
        }
        return hooks == RolloutHooks() ? nil : hooks
    }

    private func hook(_ name: String, _ fields: ServiceFileFields) -> RolloutHooks.Hook? {
        guard let node = fields[name] else { return nil }
        if let text = node.text { return command(text, node.location, RolloutHooks.Hook(text), of: name) }
        return mistakes.attempt { () throws(InputError) in
            try self.hook(name, of: ServiceFileFields(node, name == "once" ? .onceHook : .hook, mistakes))
        }.flatMap(\.self)
    }

    private func hook(_ name: String, of fields: ServiceFileFields) throws(InputError) -> RolloutHooks.Hook? {
        var hook = RolloutHooks.Hook(try fields.text("command"))
        fields.take("timeout", into: &hook.seconds) { fields, key throws(InputError) in
            try fields.duration(key).map { $0 / .seconds(1) }
        }
        if name == "once" {
            hook.undo = fields.attempt { fields throws(InputError) in try fields.optionalText("undo") }
            hook.isCompatible = fields.attempt { fields throws(InputError) in try fields.flag("compatible") } ?? false
            hook.isIdempotent = fields.attempt { fields throws(InputError) in try fields.flag("idempotent") } ?? false
        } else if let place: RolloutHooks.Hook.Place = word("run_on", fields) {
            hook.place = place
        }
        return command(hook.command, fields.place("command"), hook, of: name)
    }

    /// What is run on this machine has to be there.
    private func command(
        _ line: String, _ place: SourceLocation, _ hook: RolloutHooks.Hook, of name: String
    ) -> RolloutHooks.Hook? {
        guard name != "once", hook.place == .controller,
            let fault = GateCommand(line: line, folder: folder, searchPath: searchPath).fault
        else { return hook }
        mistakes.note(InputError(fault.message, at: place, hints: [fault.hint]))
        return nil
    }
}

extension ServiceFileFields {
    /// `[1, 5, 25%]`, or one of them.
    func batches(_ key: String) throws(InputError) -> [BatchSize]? {
        guard let value = self[key] else { return nil }
        guard let items = value.items else { return try batch(key).map { [$0] } }
        var sizes: [BatchSize] = []
        for item in items { sizes.append(try Self.batch(item, key)) }
        guard !sizes.isEmpty else {
            throw InputError("\(key) is empty", at: value.location, hints: ["for example: batches: [1, 5, 25%]"])
        }
        return sizes
    }

    /// `0` for none, `2` or `10%`.
    func canary(_ key: String) throws(InputError) -> BatchSize? {
        guard let value = self[key] else { return nil }
        if value.text?.hasSuffix("%") == true { return try Self.batch(value, key) }
        let bounds = 0...10_000
        guard case .scalar(.int(let count)) = value.content, bounds.contains(count) else {
            throw InputError(
                "\(key) must be a number from \(bounds.lowerBound) to \(bounds.upperBound), or a percentage such as 10%, "
                    + "but is \(value.summary)", at: value.location)
        }
        return .hosts(count)
    }

    static func batch(_ value: SourceNode, _ key: String) throws(InputError) -> BatchSize {
        if case .scalar(.int(let count)) = value.content, (1...10_000).contains(count) { return .hosts(count) }
        guard let size = value.text.flatMap(BatchSize.init), size.count(of: 1) <= 10_000 else {
            throw InputError(
                "\(key) must be a number of hosts or a percentage such as 25%, but is \(value.summary)",
                at: value.location)
        }
        return size
    }
}
