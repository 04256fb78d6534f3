public import Fleet
import Inventories
import OrderedCollections

extension PlaybookRun {
    /// Every way to a host that the run may take, as far as that can be told before it begins.
    ///
    /// What depends on results, on facts or on files that are brought in on the way is not among them.
    public func routes() -> [Route] {
        var found: OrderedSet<Route> = []
        let (play, routes) = (view.play, view.routes)
        defer { (view.play, view.routes) = (play, routes) }
        for play in playbook.plays {
            takeVariables(beside: play)
            // A play whose hosts can't be told yet says why when its turn comes.
            guard let hosts = try? hosts(of: play).inOrder else { continue }
            view.routes = [:]
            view.play = PlayScope(play)
            for host in hosts { found.formUnion(self.routes(of: host, in: play)) }
        }
        if let first = playbook.plays.first { takeVariables(beside: first) }
        return Array(found)
    }

    private func routes(of host: Int, in play: Play) -> [Route] {
        let files = view.state.hosts[host].playFiles
        defer { view.state.hosts[host].playFiles = files }
        for file in play.varsFiles {
            // What can't be read is told when the play's turn comes.
            guard let variables = try? variables(of: file, host, play) else { continue }
            view.state.hosts[host].playFiles.merge(variables) { _, later in later }
        }
        let name = view.state.hosts[host].name
        // As above: the task that needs the host says what is wrong.
        let own = try? TargetFinder(view: view).route(to: name, scope: view.scope(host, play.settings))
        view.routes[name] = own
        let finder = TargetFinder(view: view)
        let others = (play.sections + play.handlers).joined().flatMap(\.tasks).compactMap { task -> Route? in
            let scope = view.scope(host, task.settings)
            guard task.settings[.delegateTo] != nil || !finder.isPlain(scope) else { return nil }
            // As above.
            return try? finder.route(to: finder.place(of: scope), scope: scope)
        }
        return (own.map { [$0] } ?? []) + others
    }
}

extension PlayNode {
    /// The tasks in it, in order.
    fileprivate var tasks: [PlayTask] {
        switch self {
        case .task(let task): [task]
        case .block(let block): (block.tasks + block.rescue + block.always).flatMap(\.tasks)
        }
    }
}
