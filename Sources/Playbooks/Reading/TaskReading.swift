import Fleet
import Inventories
import OrderedCollections
import Values

/// Reads tasks, handlers and blocks.
extension PlaybookReader {
    /// The tasks of a list.
    mutating func nodes(_ nodes: [SourceNode], _ place: ReadingPlace) throws(InputError) -> [PlayNode] {
        var read: [PlayNode] = []
        for node in nodes where !node.isNull {
            do { read += try self.node(node, place) } catch { try mistakes.pass(error) }
        }
        return read
    }

    private mutating func node(_ node: SourceNode, _ place: ReadingPlace) throws(InputError) -> [PlayNode] {
        let fields = try node.fields(of: place.isHandler ? "a handler" : "a task")
        if fields.contains(where: { $0.key == "block" }) {
            if place.isHandler {
                throw InputError(
                    "a block cannot be a handler", at: node.location,
                    hints: ["let several handlers listen to one topic"])
            }
            return [.block(try block(fields, place))]
        }
        if let field = fields.first(where: { $0.key == "rescue" || $0.key == "always" }) {
            throw InputError("'\(field.key)' needs a 'block' beside it", at: field.node.location)
        }
        return try task(node, fields, place)
    }

    private mutating func block(
        _ fields: [(key: String, node: SourceNode)], _ place: ReadingPlace
    ) throws(InputError) -> PlayBlock {
        var settings = place.settings
        for (key, value) in fields where !["block", "rescue", "always"].contains(key) {
            guard KeywordTable.block.contains(key), try inherit(key, value, into: &settings) else {
                throw unknownKeyword(key, in: "a block", known: KeywordTable.block, at: value.location)
            }
        }
        let inside = place.with(settings)
        func section(_ name: String) throws(InputError) -> [SourceNode] {
            try fields.first { $0.key == name }?.node.list(of: name) ?? []
        }
        return PlayBlock(
            tasks: try nodes(try section("block"), inside), rescue: try nodes(try section("rescue"), inside),
            always: try nodes(try section("always"), inside))
    }

    // MARK: Tasks

    private mutating func task(
        _ node: SourceNode, _ fields: [(key: String, node: SourceNode)], _ place: ReadingPlace
    ) throws(InputError) -> [PlayNode] {
        let known = place.isHandler ? KeywordTable.handler : KeywordTable.task
        let action = try findAction(node, fields, known: known)
        if let reuse = Reuse(rawValue: action.shortName) {
            return try self.reuse(reuse, action, node, fields, place)
        }
        var settings = place.settings
        settings.searchFolders = place.searchFolders
        if action.isLocal { settings.values[.delegateTo] = .string("localhost") }
        var own = PlayTask.OwnKeywords()
        for (key, value) in fields where !action.keys.contains(key) {
            if try readOwn(key, value, into: &own) { continue }
            guard known.contains(key) || key.hasPrefix("with_"), try inherit(key, value, into: &settings) else {
                try mistakes.pass(unknownKeyword(key, in: "a task", known: known, at: value.location))
                continue
            }
        }
        try readLoop(fields, into: &own)
        try readRetry(fields, into: &own)
        try readAsync(fields, into: &own)
        let task = PlayTask(
            id: newID(), name: try name(of: fields), location: node.location,
            action: try self.action(action, settings: settings), settings: settings, keywords: own)
        return [.task(task)]
    }

    func name(of fields: [(key: String, node: SourceNode)]) throws(InputError) -> Value? {
        guard let node = fields.first(where: { $0.key == "name" })?.node, !node.isNull else { return nil }
        let name = try value(node)
        switch name {
        case .string, .template: return name
        case .int(let number): return .string(String(number))
        case .double(let number): return .string(String(number))
        case .bool(let flag): return .string(flag ? "True" : "False")
        default: throw InputError("a name must be text, not \(node.summary)", at: node.location)
        }
    }

    /// Keywords that are the task's alone.
    private func readOwn(
        _ key: String, _ node: SourceNode, into own: inout PlayTask.OwnKeywords
    ) throws(InputError) -> Bool {
        switch key {
        case "register":
            let name = try node.plainText(of: "register")
            guard Self.isVariableName(name) else {
                throw InputError("'\(name)' is not a name for a variable", at: node.location)
            }
            own.register = name
        case "changed_when": own.changedWhen = try conditions(node, of: key)
        case "failed_when": own.failedWhen = try conditions(node, of: key)
        case "listen":
            for node in node.oneOrMore { own.listen.append(try value(node)) }
        case "args", "until", "retries", "delay", "async", "poll", "loop_control", "loop": break
        case _ where key.hasPrefix("with_"): break
        default: return false
        }
        return true
    }

    private func readRetry(
        _ fields: [(key: String, node: SourceNode)], into own: inout PlayTask.OwnKeywords
    ) throws(InputError) {
        var retry = PlayTask.Retry()
        var isGiven = false
        for (key, node) in fields {
            switch key {
            case "until":
                retry.until = try conditions(node, of: key)
                isGiven = true
            case "retries":
                retry.retries = try number(node, of: key)
                isGiven = true
            case "delay": retry.delay = try number(node, of: key)
            default: break
            }
        }
        if isGiven { own.retry = retry }
    }

    /// A task that runs in the background is waited for; one that is not waited for is refused.
    private func readAsync(
        _ fields: [(key: String, node: SourceNode)], into own: inout PlayTask.OwnKeywords
    ) throws(InputError) {
        guard let node = fields.first(where: { $0.key == "async" })?.node else { return }
        let poll = fields.first { $0.key == "poll" }?.node
        if let poll, poll.value == .int(0) || poll.text == "0" {
            throw InputError(
                "a task that nobody waits for (poll: 0) is not supported", at: poll.location,
                hints: ["start a systemd unit instead: command: systemd-run --unit=NAME …"])
        }
        own.asyncSeconds = try number(node, of: "async")
    }

    private func number(_ node: SourceNode, of what: String) throws(InputError) -> Value {
        let value = try value(node)
        switch value {
        case .int(0...), .double, .template: return value
        case .string(let text):
            if let number = Int(text) { return .int(number) }
            fallthrough
        default: throw InputError("\(what) must be a number, not \(node.summary)", at: node.location)
        }
    }
}
