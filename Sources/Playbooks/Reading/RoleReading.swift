import Fleet
import Inventories
import OrderedCollections
import Values

/// One use of a role, before its files are read.
struct RoleUse: Sendable {
    var name: String
    var location: SourceLocation
    /// Which of the role's files are read instead of `main`, by folder.
    var files: [String: Value] = [:]
    var parameters: Variables = [:]
    /// `vars` of the entry.
    var vars: Variables = [:]
    /// `vars` of the task that uses it, and the item of its loop.
    var taskVars: [Variables] = []
    var isPublic = false
    /// What `allow_duplicates` of a task says, whatever the role's own says.
    var allowsDuplicates: Bool?
    var apply: SourceNode?
    /// Roles that led here, nearest first.
    var parents: [RoleSource] = []
    /// What its entry says of when it runs, as written.
    var conditions: [String] = []
    var tags: [String] = []

    /// What makes two uses the same one, for a role in the folder `path`.
    func key(_ path: String, mayRepeat: Bool) -> RoleUseKey {
        let files = files.sorted { $0.key < $1.key }.map { "\($0.key)=\(PlainText.of($0.value))" }
        let parts =
            [Self.text(parameters)] + ([vars] + taskVars).map(Self.text) + ["\(conditions)", "\(tags)", "\(files)"]
        let kind = allowsDuplicates == nil ? "entry" : "task"
        return RoleUseKey(text: ([path, kind] + parts).joined(separator: "\n"), mayRepeat: mayRepeat)
    }

    private static func text(_ variables: Variables) -> String {
        variables.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: ",")
    }
}

/// A role that was read.
struct ReadRole: Sendable {
    var block: PlayBlock
    /// Handlers of the roles it depends on, then its own.
    var handlers: [[PlayNode]]
    /// The roles it depends on, then itself.
    var sources: [RoleSource]
}

/// Reads roles.
extension PlaybookReader {
    /// An entry under `roles:`.
    mutating func roleUse(_ entry: SourceNode, _ place: ReadingPlace) throws(InputError) -> [PlayNode] {
        var settings = place.settings
        let use = try roleUse(entry, into: &settings, place)
        let role = try role(use, place.with(settings))
        take(role)
        return [.block(role.block)]
    }

    /// An entry under `roles:` or `dependencies:`.
    private mutating func roleUse(
        _ entry: SourceNode, into settings: inout TaskSettings, _ place: ReadingPlace
    ) throws(InputError) -> RoleUse {
        if entry.text != nil {
            return RoleUse(name: try staticText(entry, of: "the role", in: place), location: entry.location)
        }
        let fields = try entry.fields(of: "a role")
        guard
            let name = fields.first(where: { $0.key == "role" })?.node
                ?? fields.first(where: { $0.key == "name" })?.node
        else { throw InputError("a role needs 'role'", at: entry.location) }
        var use = RoleUse(name: try staticText(name, of: "the role", in: place), location: entry.location)
        for (key, node) in fields {
            switch key {
            case "role", "name": break
            case "vars": use.vars = try variables(node, of: "vars")
            case _ where KeywordTable.role.contains(key):
                if key == "when" { use.conditions += node.oneOrMore.map { "\($0.value)" } }
                if key == "tags" { use.tags += try node.names(of: key) }
                try inherit(key, node, into: &settings)
            default: use.parameters[key] = try value(node)
            }
        }
        return use
    }

    /// The arguments of `import_role` and `include_role`.
    mutating func roleUse(
        of action: ActionSource, _ settings: TaskSettings, _ place: ReadingPlace
    ) throws(InputError) -> (use: RoleUse, name: SourceNode) {
        let known: Set<String> = [
            "name", "role", "tasks_from", "vars_from", "defaults_from", "handlers_from", "public", "allow_duplicates",
            "apply",
            "rolespec_validate",
        ]
        let arguments = try fields(of: action, file: "name", known: known)
        guard let name = arguments["name"] ?? arguments["role"] else {
            throw InputError("\(action.shortName) needs 'name'", at: action.location)
        }
        var use = RoleUse(name: "", location: action.location)
        for folder in ["tasks", "vars", "defaults", "handlers"] {
            if let node = arguments[folder + "_from"] { use.files[folder] = try value(node) }
        }
        use.isPublic = try arguments["public"]?.flag(of: "public") ?? false
        use.allowsDuplicates = try arguments["allow_duplicates"]?.flag(of: "allow_duplicates") ?? true
        use.apply = arguments["apply"]
        if let role = place.role { use.parents = [role.source] + role.parents }
        return (use, name)
    }

    /// A role with its dependencies.
    mutating func role(_ use: RoleUse, _ place: ReadingPlace) throws(InputError) -> ReadRole {
        let path = try folder(of: use, place)
        let source = RoleSource(
            name: FileSearch.join(use.name).split(separator: "/").last.map(String.init) ?? use.name, path: path,
            defaults: try variables("defaults", of: path, use), vars: try variables("vars", of: path, use),
            entryVars: use.vars, parameters: use.parameters)
        if use.parents.count > 100 {
            throw InputError("role '\(use.name)' depends on itself", at: use.location)
        }
        let (dependencies, allowsDuplicates) = try dependencies(of: source, use, place)
        let below = dependencies.flatMap(\.sources)
        var inside = place
        inside.settings.role = RoleInstance(
            source, parents: use.parents, dependencies: below, isIncluded: use.allowsDuplicates != nil)
        let tasks = try argumentCheck(of: source, use, inside) + roleTasks(use, path, inside)
        let own = PlayBlock(tasks: tasks, role: use.key(path, mayRepeat: use.allowsDuplicates ?? allowsDuplicates))
        return ReadRole(
            block: PlayBlock(tasks: dependencies.map { .block($0.block) } + [.block(own)]),
            handlers: dependencies.flatMap(\.handlers) + [try roleHandlers(use, path, inside)],
            sources: below + [source])
    }

    // MARK: Files

    private func folder(of use: RoleUse, _ place: ReadingPlace) throws(InputError) -> String {
        var folders = [FileSearch.join(place.playbookFolder, "roles")] + rolePaths
        if let parent = use.parents.first { folders.insert(FileSearch.folder(of: parent.path), at: 0) }
        folders.append(place.playbookFolder)
        let candidates = use.name.hasPrefix("/") ? [use.name] : folders.map { FileSearch.join($0, use.name) }
        if let path = candidates.first(where: FileSearch.isFolder) { return path }
        throw InputError(
            "there is no role '\(use.name)'", at: use.location,
            hints: ["looked for in: \(folders.joined(separator: ", "))"])
    }

    /// `main` or the file that was asked for; `nil` when there is no `main`.
    private func file(_ kind: String, of path: String, _ use: RoleUse) throws(InputError) -> String? {
        let name = use.files[kind]?.text
        if let file = FileSearch.yaml(FileSearch.join(path, kind, name ?? "main")) { return file }
        guard let name else { return nil }
        throw InputError("role '\(use.name)' has no file '\(kind)/\(name)'", at: use.location)
    }

    private func variables(_ kind: String, of path: String, _ use: RoleUse) throws(InputError) -> Variables {
        try file(kind, of: path, use).map { file throws(InputError) in try variablesFile(file) } ?? [:]
    }

    private mutating func roleTasks(
        _ use: RoleUse, _ path: String, _ place: ReadingPlace
    ) throws(InputError) -> [PlayNode] {
        guard let file = try file("tasks", of: path, use) else { return [] }
        var inside = place
        inside.importChain = []
        return try tasks(of: file, inside, at: use.location)
    }

    private mutating func roleHandlers(
        _ use: RoleUse, _ path: String, _ place: ReadingPlace
    ) throws(InputError) -> [PlayNode] {
        guard let file = try file("handlers", of: path, use) else { return [] }
        var inside = place
        inside.isHandler = true
        inside.importChain = []
        return try tasks(of: file, inside, at: use.location)
    }

    // MARK: Dependencies

    private mutating func dependencies(
        of source: RoleSource, _ use: RoleUse, _ place: ReadingPlace
    ) throws(InputError) -> (roles: [ReadRole], allowsDuplicates: Bool) {
        guard let file = FileSearch.yaml(FileSearch.join(source.path, "meta", "main")),
            let meta = try YAMLReader.read(file: file, vault: vault), !meta.isNull
        else { return ([], false) }
        var roles: [ReadRole] = []
        var allowsDuplicates = false
        for (key, node) in try meta.fields(of: "a role's meta data") {
            if key == "allow_duplicates" { allowsDuplicates = try node.flag(of: key) }
            guard key == "dependencies" else { continue }
            for entry in try node.list(of: key) {
                var settings = place.settings
                settings.role = RoleInstance(source, parents: use.parents, dependencies: [])
                var dependency = try roleUse(entry, into: &settings, place.with(settings))
                dependency.parents = [source] + use.parents
                roles.append(try role(dependency, place.with(settings)))
            }
        }
        return (roles, allowsDuplicates)
    }
}
