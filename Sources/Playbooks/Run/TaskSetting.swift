import Fleet
import Inventories
import Values

/// Where a task runs for one host, and with whose rights.
struct TaskSetting {
    let target: Target
    /// Whether the task runs on another host than the one it is for.
    let isDelegated: Bool

    /// Evaluates the keywords of the task of `scope`.
    ///
    /// - Parameter part: What the task's item has come to on hosts like this one.
    init(_ task: SharedTask, _ part: SharedTask.Item, scope: TaskScope, view: RunView) throws {
        let own = view.state.hosts[scope.host].name
        let delegate = scope.settings?[.delegateTo] ?? .null
        if delegate == .null, let route = view.routes[own],
            task.isReachedAsPlay(or: TargetFinder(view: view).isPlain(scope))
        {
            let method = route.becomeMethod
            let rights = try part.rights.value(in: scope, fits: { $0.method == method }) { scope in
                (method, try TargetFinder(view: view).rights(on: own, by: method, scope))
            }
            target = Target(route, asking: rights.settings)
            isDelegated = false
            return
        }
        let finder = TargetFinder(view: view)
        let place = try finder.place(of: scope)
        isDelegated = place != own
        target = try finder.target(on: place, scope: scope)
    }
}
