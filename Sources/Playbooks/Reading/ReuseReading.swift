import Fleet
import Inventories
import OrderedCollections
import Values

/// Actions that bring in tasks of other files.
enum Reuse: String, CaseIterable {
    case importTasks = "import_tasks"
    case includeTasks = "include_tasks"
    case importRole = "import_role"
    case includeRole = "include_role"

    var isImport: Bool { self == .importTasks || self == .importRole }
}

extension PlaybookReader {
    mutating func reuse(
        _ reuse: Reuse, _ action: ActionSource, _ node: SourceNode, _ fields: [(key: String, node: SourceNode)],
        _ place: ReadingPlace
    ) throws(InputError) -> [PlayNode] {
        let known = KeywordTable.include.union(place.isHandler ? ["listen"] : [])
        var settings = place.settings
        for (key, value) in fields where !action.keys.contains(key) {
            if reuse.isImport, key == "loop" || key.hasPrefix("with_") || key == "register" {
                throw InputError(
                    "\(reuse.rawValue) cannot have '\(key)'", at: value.location,
                    hints: ["use \(reuse == .importTasks ? "include_tasks" : "include_role")"])
            }
            if ["loop", "loop_control", "register", "listen"].contains(key) || key.hasPrefix("with_") { continue }
            guard known.contains(key), try inherit(key, value, into: &settings) else {
                throw unknownKeyword(key, in: reuse.rawValue, known: known, at: value.location)
            }
        }
        switch reuse {
        case .importTasks: return [try importTasks(action, settings, place)]
        case .importRole: return [try importRole(action, settings, place)]
        case .includeTasks, .includeRole:
            return [.task(try include(reuse, action, node, fields, settings, place))]
        }
    }

    // MARK: Static

    private mutating func importTasks(
        _ action: ActionSource, _ settings: TaskSettings, _ place: ReadingPlace
    ) throws(InputError) -> PlayNode {
        let arguments = try fields(of: action, file: "file", known: ["file"])
        guard let file = arguments["file"] else {
            throw InputError("import_tasks needs a file", at: action.location)
        }
        let name = try staticText(file, of: "import_tasks", in: place)
        let path = try taskFile(name, place, at: file.location)
        return .block(PlayBlock(tasks: try tasks(of: path, place.with(settings), at: file.location)))
    }

    /// Finds a file of tasks: beside the one that names it, then in the role's `tasks` (or `handlers`), then by the play.
    func taskFile(_ name: String, _ place: ReadingPlace, at location: SourceLocation) throws(InputError) -> String {
        let kind = place.isHandler ? "handlers" : "tasks"
        var folders = [place.folder]
        if let role = place.role { folders.append(role.source.path) }
        folders.append(place.playbookFolder)
        if name.hasPrefix("/") { return try FileSearch.require(name, kind: kind, in: [], at: location) }
        for folder in folders {
            for path in [FileSearch.join(folder, name), FileSearch.join(folder, kind, name)]
            where FileSearch.isFile(path) {
                return path
            }
        }
        throw InputError(
            "there is no file of tasks '\(name)'", at: location,
            hints: ["looked for in: \(folders.joined(separator: ", "))"])
    }

    /// The tasks of a file.
    mutating func tasks(
        of path: String, _ place: ReadingPlace, at location: SourceLocation
    ) throws(InputError) -> [PlayNode] {
        guard !place.importChain.contains(path) else {
            throw InputError("the file '\(path)' imports itself", at: location)
        }
        var inside = place
        inside.folder = FileSearch.folder(of: path)
        inside.importChain.append(path)
        guard let document = try YAMLReader.read(file: path, vault: vault) else { return [] }
        return try nodes(try document.list(of: "a file of tasks"), inside)
    }

    private mutating func importRole(
        _ action: ActionSource, _ settings: TaskSettings, _ place: ReadingPlace
    ) throws(InputError) -> PlayNode {
        var (use, nameNode) = try roleUse(of: action, settings, place)
        use.name = try staticText(nameNode, of: "import_role", in: place.with(settings))
        use.taskVars = Array(settings.vars.dropFirst(place.settings.vars.count))
        let role = try role(use, place.with(settings))
        take(role)
        return .block(role.block)
    }

    // MARK: Dynamic

    private mutating func include(
        _ reuse: Reuse, _ action: ActionSource, _ node: SourceNode, _ fields: [(key: String, node: SourceNode)],
        _ settings: TaskSettings, _ place: ReadingPlace
    ) throws(InputError) -> PlayTask {
        var own = PlayTask.OwnKeywords()
        try readLoop(fields, into: &own)
        if let register = fields.first(where: { $0.key == "register" })?.node {
            own.register = try register.plainText(of: "register")
        }
        if let listen = fields.first(where: { $0.key == "listen" })?.node {
            for node in listen.oneOrMore { own.listen.append(try value(node)) }
        }
        var settings = settings
        settings.searchFolders = place.searchFolders
        let what = reuse == .includeTasks ? try includeTasks(action, place) : try includeRole(action, settings, place)
        return PlayTask(
            id: newID(), name: try name(of: fields), location: node.location, action: what, settings: settings,
            keywords: own)
    }

    private mutating func includeTasks(_ action: ActionSource, _ place: ReadingPlace) throws(InputError) -> TaskAction {
        let arguments = try fields(of: action, file: "file", known: ["file", "apply"])
        guard let file = arguments["file"] else {
            throw InputError("include_tasks needs a file", at: action.location)
        }
        let name = try value(file)
        let inside = place.with(try applied(arguments["apply"], place))
        if case .string(let text) = name {
            let path = try taskFile(text, place, at: file.location)
            // Read now for its mistakes, and again when it runs; a file that includes itself is read once.
            if !place.importChain.contains(path) {
                try rehearse { reader throws(InputError) in
                    _ = try reader.tasks(of: path, inside, at: file.location)
                }
            }
        } else {
            found.hasOpenIncludes = true
        }
        return .includeTasks(
            IncludeTasks(file: name, place: inside, outerVars: place.settings.vars.count))
    }

    private mutating func includeRole(
        _ action: ActionSource, _ settings: TaskSettings, _ place: ReadingPlace
    ) throws(InputError) -> TaskAction {
        var (use, nameNode) = try roleUse(of: action, place.settings, place)
        let inside = place.with(try applied(use.apply, place))
        let name = try value(nameNode)
        if case .string(let text) = name, use.files.values.allSatisfy({ $0.text != nil && !$0.holdsTemplate }) {
            use.name = text
            let isKnown = place.role.map { [$0.source] + $0.parents }?.contains { $0.name == text } ?? false
            if !isKnown {
                try rehearse { reader throws(InputError) in
                    reader.found.includedHandlers += try reader.role(use, inside).handlers
                }
            }
        } else {
            found.hasOpenIncludes = true
        }
        return .includeRole(
            IncludeRole(
                name: name, files: use.files, isPublic: use.isPublic, allowsDuplicates: use.allowsDuplicates ?? true,
                place: inside, outerVars: place.settings.vars.count))
    }

    /// Reads something for its mistakes alone, but keeps what it notifies and whether it is open.
    private mutating func rehearse(_ read: (inout Self) throws(InputError) -> Void) throws(InputError) {
        var rehearsal = self
        try read(&rehearsal)
        found.hasOpenIncludes = found.hasOpenIncludes || rehearsal.found.hasOpenIncludes
        found.includedHandlers =
            rehearsal.found.includedHandlers + rehearsal.found.handlers.dropFirst(found.handlers.count)
        found.notifications = rehearsal.found.notifications
    }

    private mutating func applied(_ node: SourceNode?, _ place: ReadingPlace) throws(InputError) -> TaskSettings {
        var settings = place.settings
        guard let node else { return settings }
        for (key, value) in try node.fields(of: "apply") {
            guard KeywordTable.block.contains(key), try inherit(key, value, into: &settings) else {
                throw unknownKeyword(key, in: "apply", known: KeywordTable.block, at: value.location)
            }
        }
        return settings
    }

    // MARK: Arguments

    /// The arguments of an import or include, which may also be just the file's name.
    func fields(
        of action: ActionSource, file: String, known: Set<String>
    ) throws(InputError) -> [String: SourceNode] {
        var arguments: [String: SourceNode] = [:]
        if let node = action.arguments, !node.isNull {
            if node.entries != nil {
                for (key, node) in try node.fields(of: action.name) { arguments[key] = node }
            } else if let text = node.text {
                arguments = try writtenFields(text, node, file: file)
            } else {
                throw InputError("\(action.name) takes a name or a mapping, not \(node.summary)", at: node.location)
            }
        }
        if let more = action.more, !more.isNull {
            for (key, node) in try more.fields(of: "args") where arguments[key] == nil { arguments[key] = node }
        }
        for (key, node) in arguments where !known.contains(key) {
            throw InputError(
                "\(action.shortName) has no parameter '\(key)'", at: node.location,
                hints: NearestNames.hints(for: key, among: known))
        }
        return arguments
    }

    private func writtenFields(
        _ text: String, _ node: SourceNode, file: String
    ) throws(InputError) -> [String: SourceNode] {
        var arguments: [String: SourceNode] = [:]
        for word in try KeyValueText.words(text, at: node.location) {
            let (key, value) = KeyValueText.pair(word) ?? (file, KeyValueText.unquoted(word))
            arguments[key] = SourceNode(.scalar(.trusted(value, at: node.location)), at: node.location)
        }
        return arguments
    }
}
