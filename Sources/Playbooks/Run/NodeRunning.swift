import Fleet
import OrderedCollections
import Values

/// Sequences and blocks.
extension PlaybookRun {
    /// Whether a host goes on to the next task.
    func isGoing(_ host: Int) -> Bool {
        standing[host] == .present && batch.failures[host] == nil && !batch.ended.contains(host)
            && !batch.leftRole.contains(host) && !batch.isOver && !isStopping
    }

    /// Runs nodes in order; all hosts finish one before any starts the next.
    /// - Parameter canRescue: Whether a `rescue` section around the nodes would take over a failure.
    /// - Returns: The hosts that got through.
    func run(_ nodes: [PlayNode], on hosts: [Int], canRescue: Bool) async -> [Int] {
        for node in nodes {
            let going = hosts.filter(isGoing)
            if going.isEmpty { return [] }
            switch node {
            case .task(let task):
                if tags.selects(task.settings.tags) { await run(task, on: going, canRescue: canRescue) }
            case .block(let block): await run(block, on: going, canRescue: canRescue)
            }
        }
        return hosts.filter(isGoing)
    }

    private func run(_ block: PlayBlock, on hosts: [Int], canRescue: Bool) async {
        if let role = block.role { return await run(role, block.tasks, on: hosts, canRescue: canRescue) }
        _ = await run(block.tasks, on: hosts, canRescue: canRescue || !block.rescue.isEmpty)
        let failed = hosts.filter { batch.failures[$0] != nil && standing[$0] == .present }
        if !block.rescue.isEmpty, !failed.isEmpty {
            for host in failed { rescue(host) }
            refreshPlayHosts()
            _ = await run(block.rescue, on: failed, canRescue: canRescue)
        }
        if !block.always.isEmpty { await runAlways(block, hosts, canRescue) }
    }

    /// Runs a role's own tasks, unless the same use of it has run to its end.
    private func run(_ role: RoleUseKey, _ tasks: [PlayNode], on hosts: [Int], canRescue: Bool) async {
        let outer = (busy: batch.busyInRole, left: batch.leftRole)
        let key = RoleUseKey(text: role.text, mayRepeat: false)
        let hosts = hosts.filter { role.mayRepeat || batch.completedRoles[key]?.contains($0) != true }
        batch.busyInRole = []
        _ = await run(tasks, on: hosts, canRescue: canRescue)
        batch.leftRole = outer.left
        let finished = hosts.filter { isGoing($0) && batch.busyInRole.contains($0) }
        batch.completedRoles[key, default: []].formUnion(finished)
        batch.busyInRole = outer.busy
    }

    /// Lets a failed host go on in a `rescue` section, which sees what failed.
    private func rescue(_ host: Int) {
        guard let failure = batch.failures.removeValue(forKey: host), !failure.isOfAnother else { return }
        view.state.hosts[host].set["ansible_failed_result"] = failure.result
        view.state.hosts[host].set["ansible_failed_task"] = .map([
            "name": .string(failure.task.name == nil ? "" : failure.name), "action": .string(failure.task.action.name),
        ])
    }

    /// `always` runs on failed hosts too, which stay failed afterwards.
    private func runAlways(_ block: PlayBlock, _ hosts: [Int], _ canRescue: Bool) async {
        let failed = hosts.filter { batch.failures[$0] != nil }
        for host in failed { batch.suspended[host] = batch.failures.removeValue(forKey: host) }
        _ = await run(block.always, on: hosts.filter(isGoing), canRescue: canRescue)
        for host in failed {
            // `clear_host_errors` may have forgiven it meanwhile.
            guard let failure = batch.suspended.removeValue(forKey: host) else { continue }
            if batch.failures[host] == nil { batch.failures[host] = failure }
        }
    }

    // MARK: Handlers

    /// Runs the handlers that hosts were told to notify, in the order of their definition.
    /// - Parameter members: The hosts whose handlers run; `nil` means all of the batch.
    func flushHandlers(on members: [Int]? = nil, canRescue: Bool = false) async {
        let members = members ?? batch.hosts
        resolveNotifications(of: members)
        let wasFlushing = batch.isFlushing
        batch.isFlushing = true
        defer { batch.isFlushing = wasFlushing }
        var position = 0
        while position < batch.handlers.all.count {
            let handler = batch.handlers.all[position]
            let hosts = members.filter { batch.notified[$0]?.contains(position) == true && isGoing($0) }
            if !hosts.isEmpty {
                for host in hosts {
                    batch.notified[host]?.remove(position)
                    batch.unfinished[host, default: []].insert(position)
                }
                await run(handler, on: hosts, canRescue: canRescue, isHandler: true)
                batch.failedHandlers.formUnion(hosts.filter { batch.failures[$0] != nil })
                let done = hosts.filter { standing[$0] == .present && batch.failures[$0] == nil }
                for host in done {
                    batch.unfinished[host]?.remove(position)
                    batch.postponed[host]?.remove(position)
                }
                await settleOwed(done)
            }
            position += 1
        }
    }

    /// Runs the handlers of failed hosts too, which stay failed.
    func forceHandlers() async {
        let failed = batch.failures
        batch.failures = [:]
        await flushHandlers(on: batch.hosts.filter { !batch.failedHandlers.contains($0) })
        batch.failures.merge(failed) { now, _ in now }
    }

    private func resolveNotifications(of hosts: [Int]) {
        for host in hosts {
            for name in batch.notifications.removeValue(forKey: host) ?? [] {
                batch.notified[host, default: []].formUnion(handlers(notifiedBy: name, on: host))
            }
        }
    }

    func forcesHandlers(_ play: Play) -> Bool {
        guard let value = play.forceHandlers, batch.failures.contains(where: { standing[$0.key] == .present }) else {
            return false
        }
        return value.boolean(in: .argument) ?? false
    }

    // MARK: Agenda

    /// The tasks among `nodes` in the order they run when nothing fails, those of includes whose name is literal too.
    func agenda(of nodes: [PlayNode]) -> [PlayTask] {
        nodes.flatMap { node -> [PlayTask] in
            switch node {
            case .task(let task): tags.selects(task.settings.tags) ? [task] + agenda(below: task) : []
            case .block(let block): agenda(of: block.tasks) + agenda(of: block.always)
            }
        }
    }
}
