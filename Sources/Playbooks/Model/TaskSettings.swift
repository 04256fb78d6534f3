import Fleet
import OrderedCollections
import Values

/// A condition as `when`, `changed_when`, `failed_when` and `until` hold it.
enum Condition: Sendable, Equatable {
    /// A literal.
    case literal(Bool)
    /// An expression without braces.
    case expression(TemplateText)
}

/// What reaches a task from its play, role, blocks and itself; the innermost wins unless said otherwise.
///
/// Values may be templates: they are evaluated for each host when the task runs.
struct TaskSettings: Sendable {
    /// `when` of everything around and of the task, outermost first; all must hold.
    var conditions: [Condition] = []
    /// `tags` of everything around and of the task.
    var tags: [String] = []
    /// `environment`, outermost first; inner names win.
    var environment: [Value] = []
    /// `vars` of blocks, imports and the task, outermost first; inner names win.
    var vars: [Variables] = []
    /// `vars` of dynamic includes, outermost first; they win over `set_fact`.
    var includeParameters: [Variables] = []
    /// `module_defaults`, outermost first: module name to arguments.
    var moduleDefaults: [Value] = []
    /// `notify` of blocks and of the task.
    var notify: [Value] = []
    /// Single values by keyword, such as `become` or `delegate_to`.
    var values: [TaskKeyword: Value] = [:]
    /// The role the task belongs to.
    var role: RoleInstance?
    /// Folders in which files, templates and task files are looked for, nearest first.
    var searchFolders: [String] = []

    /// The value of a keyword, when anything around the task sets it.
    subscript(keyword: TaskKeyword) -> Value? { values[keyword] }
}

/// Keywords with one value, which a task inherits from what is around it.
enum TaskKeyword: String, Sendable, Hashable, CaseIterable {
    case become
    case becomeUser = "become_user"
    case becomeMethod = "become_method"
    case connection
    case remoteUser = "remote_user"
    case port
    case ignoreErrors = "ignore_errors"
    case ignoreUnreachable = "ignore_unreachable"
    case checkMode = "check_mode"
    case diff
    case noLog = "no_log"
    case runOnce = "run_once"
    case anyErrorsFatal = "any_errors_fatal"
    case delegateTo = "delegate_to"
    case delegateFacts = "delegate_facts"
    case throttle
    case timeout
}
