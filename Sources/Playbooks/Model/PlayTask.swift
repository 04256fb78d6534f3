import Fleet
import OrderedCollections
import TaskModules
import Values

/// One task or handler, read and checked.
final class PlayTask: Sendable {
    /// Number that no other task of the playbook has.
    let id: Int
    /// `name`, which may be a template.
    let name: Value?
    /// Where the task begins.
    let location: SourceLocation
    /// What it does.
    let action: TaskAction
    /// What it inherits and sets.
    let settings: TaskSettings
    /// `loop` or `with_…`.
    let loop: TaskLoop?
    /// `register`.
    let register: String?
    /// `changed_when`; empty means the module decides.
    let changedWhen: [Condition]
    /// `failed_when`; empty means the module decides.
    let failedWhen: [Condition]
    /// `until`, `retries` and `delay`.
    let retry: Retry?
    /// How long the task runs at most when it is `async`, in seconds.
    let asyncSeconds: Value?
    /// `listen` of a handler.
    let listen: [Value]

    init(
        id: Int, name: Value?, location: SourceLocation, action: TaskAction, settings: TaskSettings,
        keywords: OwnKeywords = OwnKeywords()
    ) {
        self.id = id
        self.name = name
        self.location = location
        self.action = action
        self.settings = settings
        loop = keywords.loop
        register = keywords.register
        changedWhen = keywords.changedWhen
        failedWhen = keywords.failedWhen
        retry = keywords.retry
        asyncSeconds = keywords.asyncSeconds
        listen = keywords.listen
    }

    /// Whether the task has a say in what its results come to.
    var isJudged: Bool { !changedWhen.isEmpty || !failedWhen.isEmpty || retry != nil }

    /// Keywords that a task does not inherit.
    struct OwnKeywords: Sendable {
        var loop: TaskLoop?
        var register: String?
        var changedWhen: [Condition] = []
        var failedWhen: [Condition] = []
        var retry: Retry?
        var asyncSeconds: Value?
        var listen: [Value] = []
    }

    /// `until`, `retries`, `delay`.
    struct Retry: Sendable {
        /// Empty means: until the task does not fail.
        var until: [Condition] = []
        var retries: Value?
        var delay: Value?
    }
}

/// What a task does.
enum TaskAction: Sendable {
    /// A module runs with these arguments.
    case module(ModuleCall)
    /// `include_tasks`: the file's name and what `apply` says.
    case includeTasks(IncludeTasks)
    /// `include_role`.
    case includeRole(IncludeRole)
    /// `include_vars`, with its arguments.
    case includeVars(ArgumentTemplates)
    /// `group_by`, with its arguments.
    case groupBy(ArgumentTemplates)
    /// `add_host`, with its arguments.
    case addHost(ArgumentTemplates)
    /// The gathering of facts at a play's start.
    case gatherFacts
    /// `meta`.
    case meta(MetaAction)

    /// Whether it brings in tasks while the play runs.
    var isInclude: Bool {
        switch self {
        case .includeTasks, .includeRole: true
        default: false
        }
    }

    /// Whether it is done once for all hosts, by the first: `add_host`.
    var isForAll: Bool { if case .addHost = self { true } else { false } }

    /// The name to show.
    var name: String {
        switch self {
        case .module(let call): call.specification.name
        case .includeTasks: "include_tasks"
        case .includeRole: "include_role"
        case .includeVars: "include_vars"
        case .groupBy: "group_by"
        case .addHost: "add_host"
        case .gatherFacts: "gather_facts"
        case .meta: "meta"
        }
    }
}

/// A module and its arguments as written.
struct ModuleCall: Sendable {
    var module: any TaskModule.Type
    var specification: ModuleSpecification
    var arguments: ArgumentTemplates
}

/// Arguments before templating, under the names as written.
struct ArgumentTemplates: Sendable {
    /// By name.
    var named: Variables = [:]
    /// The free form of `command` and its kind.
    var freeForm: Value?
    /// `args: "{{ … }}"`, a mapping that a template gives.
    var whole: Value?
}

/// `include_tasks`.
struct IncludeTasks: Sendable {
    var file: Value
    /// Where the included tasks stand; `apply` is already in its settings.
    var place: ReadingPlace
    /// How many layers of `vars` the include has from what is around it; further ones are its own.
    var outerVars: Int
}

/// `include_role`.
struct IncludeRole: Sendable {
    var name: Value
    /// Which of the role's files are read instead of `main`, by folder.
    var files: [String: Value] = [:]
    /// Whether the role's variables stay visible afterwards.
    var isPublic = false
    var allowsDuplicates = true
    /// Where the role's tasks stand; `apply` is already in its settings.
    var place: ReadingPlace
    /// How many layers of `vars` the include has from what is around it; further ones are its own.
    var outerVars: Int
}

/// `meta` actions.
enum MetaAction: String, Sendable, CaseIterable {
    case flushHandlers = "flush_handlers"
    case endHost = "end_host"
    case endPlay = "end_play"
    case endBatch = "end_batch"
    case endRole = "end_role"
    case clearFacts = "clear_facts"
    case clearHostErrors = "clear_host_errors"
    case noop
    case refreshInventory = "refresh_inventory"
    case resetConnection = "reset_connection"

    /// Whether the first host decides for all hosts of the batch.
    var isForAll: Bool { [.endPlay, .endBatch, .clearFacts, .clearHostErrors].contains(self) }
}

/// `loop` and `with_…` with `loop_control`.
struct TaskLoop: Sendable {
    /// How the items are made of the value.
    enum Kind: String, Sendable, CaseIterable {
        case loop
        case items, list, flattened, dict, together, nested, subelements, sequence, fileglob
        case indexedItems = "indexed_items"
        case firstFound = "first_found"
        case lines, file
        case inventoryHostnames = "inventory_hostnames"
    }

    var kind: Kind
    var value: Value
    var location: SourceLocation
    /// `loop_var`.
    var variable = "item"
    /// `index_var`.
    var indexVariable: String?
    var label: Value?
    /// Seconds between two items.
    var pause: Value?
    /// Whether `ansible_loop` is set.
    var isExtended = false
    var breakWhen: [Condition] = []
}
