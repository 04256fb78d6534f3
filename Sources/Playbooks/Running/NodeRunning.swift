import Fleet
import OrderedCollections

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
        var hosts = hosts
        let outerBusy = batch.busyInRole
        if let key = block.onceKey {
            hosts = hosts.filter { batch.completedRoles[key]?.contains($0) != true }
            batch.busyInRole = []
        }
        let survivors = await run(block.tasks, on: hosts, canRescue: canRescue || !block.rescue.isEmpty)
        if let key = block.onceKey {
            batch.completedRoles[key, default: []].formUnion(survivors.filter(batch.busyInRole.contains))
            batch.busyInRole.formUnion(outerBusy)
            batch.leftRole = []
        }
        let failed = hosts.filter { batch.failures[$0] != nil && standing[$0] == .present }
        if !block.rescue.isEmpty, !failed.isEmpty {
            for host in failed { rescue(host) }
            _ = await run(block.rescue, on: failed, canRescue: canRescue)
        }
        if !block.always.isEmpty { await runAlways(block, hosts, canRescue) }
    }

    /// Lets a failed host go on in a `rescue` section, which sees what failed.
    private func rescue(_ host: Int) {
        guard let failure = batch.failures.removeValue(forKey: host) else { return }
        view.state.hosts[host].set["ansible_failed_result"] = failure.result
        view.state.hosts[host].set["ansible_failed_task"] = .map([
            "name": .string(failure.name), "action": .string(failure.task.action.name),
        ])
    }

    /// `always` runs on failed hosts too, which stay failed afterwards.
    private func runAlways(_ block: PlayBlock, _ hosts: [Int], _ canRescue: Bool) async {
        let wasOver = batch.isOver
        batch.isOver = false
        var pending: [Int: Batch.Failure] = [:]
        for host in hosts { pending[host] = batch.failures.removeValue(forKey: host) }
        _ = await run(block.always, on: hosts.filter(isGoing), canRescue: canRescue)
        for (host, failure) in pending where batch.failures[host] == nil { batch.failures[host] = failure }
        batch.isOver = batch.isOver || wasOver
    }

    // MARK: Handlers

    /// Runs the handlers that were notified, in the order of their definition.
    func flushHandlers(forced: Bool = false) async {
        resolveNotifications()
        batch.isFlushing = true
        defer { batch.isFlushing = false }
        var position = 0
        while position < batch.handlers.all.count {
            let handler = batch.handlers.all[position]
            let hosts = batch.hosts.filter { host in
                guard batch.notified[host]?.contains(position) == true else { return false }
                return forced ? standing[host] == .present : isGoing(host)
            }
            if !hosts.isEmpty {
                for host in hosts { batch.notified[host]?.remove(position) }
                if forced { for host in hosts { batch.failures[host] = nil } }
                await run(handler, on: hosts, canRescue: false, isHandler: true)
            }
            position += 1
        }
    }

    private func resolveNotifications() {
        for (host, names) in batch.notifications {
            for name in names {
                batch.notified[host, default: []].formUnion(handlers(notifiedBy: name, on: host))
            }
        }
        batch.notifications = [:]
    }

    func forcesHandlers(_ play: Play) -> Bool {
        guard let value = play.forceHandlers, batch.failures.contains(where: { standing[$0.key] == .present }) else {
            return false
        }
        return Truth.literal(value) ?? false
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
