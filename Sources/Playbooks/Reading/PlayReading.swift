import Fleet
import Inventories
import OrderedCollections
import Values

/// Reads a play.
extension PlaybookReader {
    mutating func play(
        _ node: SourceNode, _ fields: [(key: String, node: SourceNode)], file: String, outer: TaskSettings
    ) throws(InputError) -> Play {
        found = Found()
        let before = mistakes?.count
        guard let hosts = fields.first(where: { $0.key == "hosts" })?.node, !hosts.isNull else {
            throw InputError("a play needs 'hosts'", at: node.location, hints: ["write: hosts: all"])
        }
        let pattern = try value(hosts)
        let name = try fields.first { $0.key == "name" }.map { field throws(InputError) in try value(field.node) }
        var draft = Play.Draft(name: name ?? pattern, location: node.location, hosts: pattern)
        draft.settings = outer
        let folder = FileSearch.folder(of: file)
        for (key, value) in fields {
            do { try read(key, value, into: &draft, folder: folder) } catch { try mistakes.pass(error) }
        }
        let place = ReadingPlace(playbookFolder: folder, folder: folder, settings: draft.settings)
        try readSections(fields, place, into: &draft)
        draft.roles = found.roles
        draft.roleNames = found.roleNames
        draft.handlers = found.handlers + draft.handlers
        draft.hasOpenIncludes = found.hasOpenIncludes
        let play = Play(draft)
        // A handler that could not be read is no unknown one.
        if mistakes?.count == before { try checkNotifications(of: play) }
        return play
    }

    private mutating func read(
        _ key: String, _ node: SourceNode, into draft: inout Play.Draft, folder: String
    ) throws(InputError) {
        switch key {
        case "hosts", "roles", "pre_tasks", "tasks", "post_tasks", "handlers", "gather_subset", "gather_timeout": break
        // The play's own variables are a layer below those of roles, so they are kept apart.
        case "vars": draft.vars = try variables(node, of: "vars")
        case "vars_files": draft.varsFiles = try varsFiles(node, folder: folder)
        case "vars_prompt": try checkPrompts(node)
        case "gather_facts": draft.gathersFacts = try templateOrFlag(node, of: key)
        case "serial": draft.serial = try batchSizes(node)
        case "order": draft.order = try order(node)
        case "max_fail_percentage": draft.maxFailPercentage = try percentage(node)
        case "force_handlers": draft.forceHandlers = try templateOrFlag(node, of: key)
        case "strategy": try checkStrategy(node)
        case "user": try inherit("remote_user", node, into: &draft.settings)
        default:
            guard KeywordTable.play.contains(key), try inherit(key, node, into: &draft.settings) else {
                throw unknownKeyword(key, in: "a play", known: KeywordTable.play, at: node.location)
            }
        }
    }

    private mutating func readSections(
        _ fields: [(key: String, node: SourceNode)], _ place: ReadingPlace, into draft: inout Play.Draft
    ) throws(InputError) {
        func section(_ name: String) throws(InputError) -> [SourceNode] {
            try fields.first { $0.key == name }?.node.list(of: name) ?? []
        }
        var handlerPlace = place
        handlerPlace.isHandler = true
        let own = try nodes(try section("handlers"), handlerPlace)
        let before = try nodes(try section("pre_tasks"), place)
        var main: [PlayNode] = []
        for entry in try section("roles") {
            do { main += try roleUse(entry, place) } catch { try mistakes.pass(error) }
        }
        let roleHandlers = found.handlers
        found.handlers = []
        main += try nodes(try section("tasks"), place)
        let after = try nodes(try section("post_tasks"), place)
        draft.sections = [before, main, after]
        draft.handlers = [own] + found.handlers
        found.handlers = roleHandlers
    }

    // MARK: Keywords

    private func templateOrFlag(_ node: SourceNode, of what: String) throws(InputError) -> Value? {
        if node.isNull { return nil }
        if case .scalar(.template) = node.content { return try value(node) }
        return .bool(try node.flag(of: what))
    }

    private func varsFiles(_ node: SourceNode, folder: String) throws(InputError) -> [Value] {
        var files: [Value] = []
        for node in node.oneOrMore {
            let file = try value(node)
            if case .string(let name) = file, FileSearch.find(name, kind: "vars", in: [folder]) == nil {
                throw InputError("there is no file '\(name)'", at: node.location, hints: ["looked for in: \(folder)"])
            }
            if case .string(let name) = file, let path = FileSearch.find(name, kind: "vars", in: [folder]) {
                _ = try variablesFile(path)
            }
            files.append(file)
        }
        return files
    }

    private func checkPrompts(_ node: SourceNode) throws(InputError) {
        for prompt in try node.list(of: "vars_prompt") {
            guard let name = prompt["name"]?.text else {
                throw InputError("a prompt needs a 'name'", at: prompt.location)
            }
            if extra[name] == nil {
                throw InputError(
                    "vars_prompt asks for '\(name)', and Drover never asks", at: prompt.location,
                    hints: ["give it on the command line: -e \(name)=…"])
            }
        }
    }

    private func batchSizes(_ node: SourceNode) throws(InputError) -> [Value] {
        var sizes: [Value] = []
        for node in node.oneOrMore {
            let size = try value(node)
            switch size {
            case .int(1...), .template: break
            case .int: throw InputError("serial must be at least 1", at: node.location)
            case .string(let text):
                guard BatchSize(text) != nil else {
                    throw InputError(
                        "serial must be a number or a percentage, not '\(text)'", at: node.location,
                        hints: ["write 2 or \"25%\""])
                }
            default: throw InputError("serial must be a number or a percentage, not \(node.summary)", at: node.location)
            }
            sizes.append(size)
        }
        return sizes
    }

    private func order(_ node: SourceNode) throws(InputError) -> Play.HostOrder {
        let name = try node.plainText(of: "order")
        guard let order = Play.HostOrder(rawValue: name) else {
            throw InputError(
                "order '\(name)' is not known", at: node.location,
                hints: ["it is one of: \(Play.HostOrder.allCases.map(\.rawValue).joined(separator: ", "))"])
        }
        return order
    }

    private func percentage(_ node: SourceNode) throws(InputError) -> Value {
        let value = try value(node)
        switch value {
        case .int(0...100), .double, .template: return value
        case .string(let text) where Double(text.replacing("%", with: "")) != nil: return value
        default: throw InputError("max_fail_percentage must be 0 to 100, not \(node.summary)", at: node.location)
        }
    }

    private func checkStrategy(_ node: SourceNode) throws(InputError) {
        let name = try node.plainText(of: "strategy")
        // `free` only allows hosts to run ahead; going in step is one of the orders it allows.
        guard ["linear", "free", "ansible.builtin.linear", "ansible.builtin.free"].contains(name) else {
            throw InputError("strategy '\(name)' is not supported", at: node.location, hints: ["leave it out: linear"])
        }
    }

    // MARK: Handlers

    /// Every literal `notify` must meet a handler, unless part of the play is known only when it runs.
    private func checkNotifications(of play: Play) throws(InputError) {
        guard !play.hasOpenIncludes, !found.notifications.isEmpty else { return }
        let index = HandlerIndex(play.handlers + found.includedHandlers)
        guard !index.hasTemplatedNames else { return }
        for (name, location) in found.notifications where index.handlers(notifiedBy: name).isEmpty {
            try mistakes.pass(
                InputError(
                    "no handler is called '\(name)', and none listens to it", at: location,
                    hints: NearestNames.hints(for: name, among: index.names)
                        + ["add it to the handlers of the play or of one of its roles"]))
        }
    }

    func unknownKeyword(
        _ key: String, in what: String, known: Set<String>, at location: SourceLocation
    ) -> InputError {
        if let reason = KeywordTable.refused[key] {
            return InputError("'\(key)' is not supported", at: location, hints: [reason])
        }
        return InputError(
            "\(what) has no keyword '\(key)'", at: location, hints: NearestNames.hints(for: key, among: known))
    }

    /// Variables of a YAML file.
    func variablesFile(_ path: String) throws(InputError) -> Variables {
        guard let node = try YAMLReader.read(file: path, vault: vault) else { return [:] }
        return try variables(node, of: "a file of variables")
    }
}
