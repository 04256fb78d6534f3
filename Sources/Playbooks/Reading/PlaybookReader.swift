import Fleet
import Inventories
import OrderedCollections
import Values

/// Reads playbooks and everything they name, and refuses what is wrong before any host is touched.
///
/// A value: the run keeps a copy to read what is included dynamically.
struct PlaybookReader: Sendable {
    /// Checks templates for syntax and for unknown filters, tests and lookups.
    let templates = PlaybookTemplates()
    /// Where roles are looked for besides the playbook's own folder.
    let rolePaths: [String]
    /// Variables of the command line, the only ones that a play's own layout may depend on.
    let extra: Variables
    /// Opens what is encrypted.
    let vault: Vault
    /// Takes the mistakes that reading goes on after; without one the first ends it.
    let mistakes: MistakeLog?
    private var lastID = 0
    /// Handlers and roles that imports bring into the play being read.
    var found = Found()

    /// What reading a play turns up on the way.
    struct Found: Sendable {
        var roles: [RoleSource] = []
        /// Names of the roles that the play itself uses, and of those that they depend on.
        var roleNames: (own: [String], dependent: [String]) = ([], [])
        var handlers: [[PlayNode]] = []
        /// Handlers of roles that are included while the play runs.
        var includedHandlers: [[PlayNode]] = []
        /// Whether something is known only when it runs.
        var hasOpenIncludes = false
        /// Literal names that tasks notify, to be checked once all handlers are known.
        var notifications: [(name: String, location: SourceLocation)] = []
    }

    /// Takes a role that is part of the play from its beginning.
    mutating func take(_ role: ReadRole) {
        found.roles += role.sources
        found.handlers += role.handlers
        found.roleNames.own += role.sources.suffix(1).map(\.name)
        found.roleNames.dependent += role.sources.dropLast().map(\.name)
    }

    init(rolePaths: [String] = [], extra: Variables = [:], vault: Vault = .locked, mistakes: MistakeLog? = nil) {
        self.rolePaths = rolePaths
        self.extra = extra
        self.vault = vault
        self.mistakes = mistakes
    }

    mutating func newID() -> Int {
        lastID += 1
        return lastID
    }

    /// The plays of a playbook file, imported ones in their place.
    /// - Throws: ``InputError`` for the first thing that is wrong.
    mutating func plays(of file: String) throws(InputError) -> [Play] {
        try plays(of: file, importedBy: [], outer: TaskSettings())
    }

    private mutating func plays(
        of file: String, importedBy chain: [String], outer: TaskSettings
    ) throws(InputError) -> [Play] {
        guard let document = try YAMLReader.read(file: file, vault: vault), !document.isNull else {
            return []
        }
        guard let nodes = document.items else {
            throw InputError(
                "a playbook must be a list of plays, not \(document.summary)", at: document.location,
                hints: ["begin with '- hosts: …'"])
        }
        var plays: [Play] = []
        for node in nodes {
            do { plays += try self.plays(in: node, of: file, importedBy: chain, outer: outer) } catch {
                try mistakes.pass(error)
            }
        }
        return plays
    }

    /// The play that an entry of a playbook is, or those that it imports.
    private mutating func plays(
        in node: SourceNode, of file: String, importedBy chain: [String], outer: TaskSettings
    ) throws(InputError) -> [Play] {
        let fields = try node.fields(of: "a play")
        let imports = ["import_playbook", "ansible.builtin.import_playbook"]
        guard let field = fields.first(where: { imports.contains($0.key) }) else {
            return [try play(node, fields, file: file, outer: outer)]
        }
        return try imported(field.node, fields, from: file, chain: chain + [file], outer: outer)
    }

    private mutating func imported(
        _ node: SourceNode, _ fields: [(key: String, node: SourceNode)], from file: String, chain: [String],
        outer: TaskSettings
    ) throws(InputError) -> [Play] {
        var settings = outer
        for (key, value) in fields {
            switch key {
            case "import_playbook", "ansible.builtin.import_playbook", "name": continue
            case "tags", "vars", "when": try inherit(key, value, into: &settings)
            default:
                throw InputError(
                    "import_playbook does not take '\(key)'", at: value.location,
                    hints: ["it takes name, tags, vars and when"])
            }
        }
        let name = try staticText(
            node, of: "import_playbook",
            in: ReadingPlace(
                playbookFolder: FileSearch.folder(of: file), folder: FileSearch.folder(of: file), settings: settings))
        let path = name.hasPrefix("/") ? name : FileSearch.join(FileSearch.folder(of: file), name)
        guard FileSearch.isFile(path) else {
            throw InputError("there is no playbook '\(path)'", at: node.location)
        }
        guard !chain.contains(path) else {
            throw InputError("playbook '\(path)' imports itself", at: node.location)
        }
        return try plays(of: path, importedBy: chain, outer: settings)
    }
}
