import Fleet
import OrderedCollections
import Values

/// One play, read and checked.
final class Play: Sendable {
    /// `name`, else the host pattern.
    let name: Value
    let location: SourceLocation
    /// `hosts`: a pattern or a list of them.
    let hosts: Value
    /// `vars`.
    let vars: Variables
    /// `vars_files`: each a name, or a list of names of which the first that exists is read.
    let varsFiles: [Value]
    /// Whether facts are gathered; `nil` means yes.
    let gathersFacts: Value?
    /// `serial`: numbers and percentages.
    let serial: [Value]
    /// `order` of the hosts.
    let order: HostOrder
    let maxFailPercentage: Value?
    let forceHandlers: Value?
    /// What the play hands down to its tasks.
    let settings: TaskSettings
    /// Roles of `roles:` and of `import_role`, whose variables all tasks of the play see; dependencies before those
    /// who need them.
    let roles: [RoleSource]
    /// Names of the roles that the play itself uses, and of those that they depend on.
    let roleNames: (own: [String], dependent: [String])
    /// What runs, with handlers flushed after each section.
    let sections: [[PlayNode]]
    /// Handlers by the file they stand in, roles' first.
    let handlers: [[PlayNode]]
    /// Whether some part of the play is known only when it runs, so that a handler may be defined there.
    let hasOpenIncludes: Bool

    init(_ draft: Draft) {
        name = draft.name
        location = draft.location
        hosts = draft.hosts
        vars = draft.vars
        varsFiles = draft.varsFiles
        gathersFacts = draft.gathersFacts
        serial = draft.serial
        order = draft.order
        maxFailPercentage = draft.maxFailPercentage
        forceHandlers = draft.forceHandlers
        settings = draft.settings
        roles = draft.roles
        roleNames = draft.roleNames
        sections = draft.sections
        handlers = draft.handlers
        hasOpenIncludes = draft.hasOpenIncludes
    }

    /// A play while it is being read.
    struct Draft {
        var name: Value
        var location: SourceLocation
        var hosts: Value
        var vars: Variables = [:]
        var varsFiles: [Value] = []
        var gathersFacts: Value?
        var serial: [Value] = []
        var order: HostOrder = .inventory
        var maxFailPercentage: Value?
        var forceHandlers: Value?
        var settings = TaskSettings()
        var roles: [RoleSource] = []
        var roleNames: (own: [String], dependent: [String]) = ([], [])
        var sections: [[PlayNode]] = []
        var handlers: [[PlayNode]] = []
        var hasOpenIncludes = false
    }

    /// The order in which hosts are taken.
    enum HostOrder: String, Sendable, CaseIterable {
        case inventory
        case reverseInventory = "reverse_inventory"
        case sorted
        case reverseSorted = "reverse_sorted"
    }
}

/// A part of a play.
indirect enum PlayNode: Sendable {
    case task(PlayTask)
    case block(PlayBlock)
}

/// Tasks that belong together: a block, an import, or a role.
struct PlayBlock: Sendable {
    var tasks: [PlayNode]
    var rescue: [PlayNode] = []
    var always: [PlayNode] = []
    /// The use of a role whose tasks these are.
    var role: RoleUseKey?
}

/// What makes two uses of a role the same one.
struct RoleUseKey: Sendable, Hashable {
    /// Its folder, parameters, conditions, tags and files, as written.
    var text: String
    /// Whether it runs even where the same use has run.
    var mayRepeat: Bool
}

/// A role's own variables, as its files and the place that uses it give them.
final class RoleSource: Sendable {
    let name: String
    /// Its folder.
    let path: String
    let defaults: Variables
    let vars: Variables
    /// `vars` of the entry that uses the role: its tasks alone see them, and `set_fact` wins over them.
    let entryVars: Variables
    /// Parameters given where the role is used; they win over `set_fact`.
    let parameters: Variables

    init(name: String, path: String, defaults: Variables, vars: Variables, entryVars: Variables, parameters: Variables)
    {
        self.name = name
        self.path = path
        self.defaults = defaults
        self.vars = vars
        self.entryVars = entryVars
        self.parameters = parameters
    }
}

/// One use of a role, with the roles around and below it whose variables its tasks see.
final class RoleInstance: Sendable {
    let source: RoleSource
    /// Roles that brought this one in, nearest first.
    let parents: [RoleSource]
    /// Roles it depends on, directly or not, in the order they run.
    let dependencies: [RoleSource]
    /// Whether a task of its parent brought it in, rather than a dependency.
    let isIncluded: Bool

    /// `vars` of the roles around it, of those it depends on, and its own, which win.
    let vars: Variables
    /// Likewise `defaults`.
    let defaults: Variables
    /// Likewise parameters.
    let parameters: Variables

    init(_ source: RoleSource, parents: [RoleSource], dependencies: [RoleSource], isIncluded: Bool = false) {
        self.source = source
        self.parents = parents
        self.dependencies = dependencies
        self.isIncluded = isIncluded
        let lineage = parents.reversed() + dependencies + [source]
        vars = Self.merged(
            parents.reversed().flatMap { [$0.entryVars, $0.vars] } + dependencies.map(\.vars)
                + [source.vars, source.entryVars])
        defaults = Self.merged(lineage.map(\.defaults))
        parameters = Self.merged((parents.reversed() + [source]).map(\.parameters))
    }

    /// Special variables that say which role it is.
    func magic(_ name: String) -> Value? {
        switch name {
        case "role_path": .string(FileSearch.absolute(source.path))
        case "role_name", "ansible_role_name": .string(source.name)
        case "role_uuid": .string(FileSearch.absolute(source.path))
        case "ansible_collection_name": .null
        case "ansible_parent_role_names" where isIncluded && !parents.isEmpty:
            .list(parents.map { .string($0.name) })
        case "ansible_parent_role_paths" where isIncluded && !parents.isEmpty:
            .list(parents.map { .string(FileSearch.absolute($0.path)) })
        default: nil
        }
    }

    private static func merged(_ layers: [Variables]) -> Variables {
        layers.reduce(into: [:]) { merged, layer in merged.merge(layer) { _, inner in inner } }
    }
}
