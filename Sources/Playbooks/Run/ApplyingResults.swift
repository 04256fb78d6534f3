import Fleet
import Inventories
import OrderedCollections
import TaskModules
import Values

/// A task that came to its end on one host, and what is needed to account for it.
struct FinishedTask {
    let done: HostTask
    let name: String
    let elapsed: Duration
    let canRescue: Bool
    /// Hosts that get the result.
    let sharedWith: [Int]

    init(_ done: HostTask, name: String, elapsed: Duration, canRescue: Bool, sharedWith: [Int]) {
        self.done = done
        self.name = name
        self.elapsed = elapsed
        self.canRescue = canRescue
        self.sharedWith = sharedWith
    }
}

/// Results become variables, counters, notifications and events.
extension PlaybookRun {
    /// Accounts for a task on one host.
    /// - Returns: Whether the host failed.
    func settle(_ ending: FinishedTask, isHandler: Bool) async -> Bool {
        let done = ending.done
        let summary = TaskSummary(done)
        keep(ending, summary)
        apply(done, sharedWith: ending.sharedWith)
        var report = report(ending, summary)
        if view.options.mode == .plan, done.wouldRun { counters[done.host].wouldRun += 1 }
        if summary.failed || summary.isUnreachable {
            report.outcome = fail(ending, summary)
        } else if summary.unknownUntil != nil {
            report.outcome = .unknown
            counters[done.host].unknown += 1
        } else if summary.skipped {
            counters[done.host].skipped += 1
        } else {
            count(done, summary)
        }
        if summary.changed, !summary.failed, !summary.isUnreachable, !summary.skipped {
            let error = await notify(done)
            report = censored(report, done)
            if let error { (report.outcome, report.error) = (.failed, error) }
        } else {
            report = censored(report, done)
        }
        note(.taskFinished(report))
        return batch.failures[done.host] != nil
    }

    private func count(_ done: HostTask, _ summary: TaskSummary) {
        batch.busyInRole.insert(done.host)
        let inclusions = done.inclusionCount
        // An include counts once for each file it brought in.
        counters[done.host].ok += max(1, inclusions)
        if summary.changed { counters[done.host].changed += 1 }
    }

    private func fail(_ ending: FinishedTask, _ summary: TaskSummary) -> TaskReport.Outcome {
        let host = ending.done.host
        let task = ending.done.task
        batch.busyInRole.insert(host)
        if !summary.failed {
            counters[host].ok += 1
            counters[host].ignored += 1
            return .ignored
        }
        if flag(.ignoreErrors, of: task, on: host) {
            counters[host].ok += 1
            counters[host].ignored += 1
            if summary.changed { counters[host].changed += 1 }
            return .ignored
        }
        batch.failures[host] = SerialBatch.Failure(
            task: task, name: ending.name, result: ending.done.registeredValue(summary))
        if ending.canRescue {
            counters[host].rescued += 1
            return .rescued
        }
        counters[host].failed += 1
        return .failed
    }

    // MARK: Variables

    /// Keeps what `register` wants, and which steps of a plan leave things open.
    private func keep(_ ending: FinishedTask, _ summary: TaskSummary) {
        let done = ending.done
        let open = openStep(done, summary)
        if open != nil, let target = done.delegate ?? Optional(view.state.hosts[done.host].name) {
            for touch in done.predictedTouches { view.wouldTouch[target, default: []].append((view.step, touch)) }
        }
        let registered = done.task.register.map { ($0, done.registeredValue(summary)) }
        for host in ending.sharedWith {
            if let (register, value) = registered {
                view.state.hosts[host].set[register] = value
                view.state.hosts[host].unknown[register] = open
            }
            guard let open, case .module(let call) = done.task.action, call.specification.name == "set_fact",
                summary.unknownUntil != nil
            else { continue }
            for name in call.arguments.named.keys { view.state.hosts[host].unknown[name] = open }
        }
    }

    /// The step whose real run would give this result, when a plan cannot know it.
    private func openStep(_ done: HostTask, _ summary: TaskSummary) -> Int? {
        guard view.options.mode == .plan else { return nil }
        if let step = summary.unknownUntil { return step }
        return done.isPredicted && (summary.skipped || summary.changed) ? view.step : nil
    }

    /// Facts and effects of all items.
    private func apply(_ done: HostTask, sharedWith hosts: [Int]) {
        for item in done.allResults {
            for host in hosts { apply(item, of: done, on: host) }
        }
    }

    private func apply(_ item: ItemResult, of done: HostTask, on host: Int) {
        if !item.result.facts.isEmpty { take(item.result.facts, of: done, on: host) }
        switch item.effect {
        case .includeVars(let variables): view.state.hosts[host].included.merge(variables) { _, new in new }
        case .groupBy(let groups, let parents): group(host, groups, parents)
        case .addHost(let name, let groups, let variables): add(name, groups, variables)
        case .includeTasks, .includeRole, nil: break
        }
    }

    private func take(_ facts: Variables, of done: HostTask, on host: Int) {
        var target = host
        if let delegate = done.delegate, flag(.delegateFacts, of: done.task, on: host) { target = index(of: delegate) }
        if done.task.action.name == "set_fact" {
            for (name, value) in facts {
                if name.hasPrefix("ansible_") { view.routes[view.state.hosts[target].name] = nil }
                view.state.hosts[target].set[name] = reader.vault.watched(value, named: name)
                view.state.hosts[target].unknown[name] = nil
            }
            if isCacheable(done.task, host) { keep(facts, on: target) }
            return
        }
        keep(facts, on: target)
        if ["setup", "gather_facts"].contains(done.task.action.name), view.state.hosts[target].factPrivilege == nil {
            // As after `gather_facts`: what the task left out may still be asked for.
            view.state.hosts[target].factPrivilege = try? playTarget(of: target).privilege
        }
    }

    private func keep(_ facts: Variables, on host: Int) {
        for (name, value) in facts {
            if name.hasPrefix("ansible_") {
                view.state.hosts[host].facts[String(name.dropFirst("ansible_".count))] = value
            } else {
                view.state.hosts[host].moduleFacts[name] = value
            }
        }
    }

    /// Whether `set_fact` makes facts, which outlive what it sets.
    private func isCacheable(_ task: PlayTask, _ host: Int) -> Bool {
        guard case .module(let call) = task.action, let value = call.arguments.named["cacheable"] else { return false }
        // The module itself has said what is wrong with a value that cannot be evaluated.
        return (try? view.evaluation.flag(value, in: view.scope(host, task.settings))) == true
    }

    // MARK: Groups

    private func group(_ host: Int, _ groups: [String], _ parents: [String]) {
        put(view.state.hosts[host].name, into: groups)
        for parent in parents where parent != "all" {
            for group in groups {
                view.madeParents.insert([parent, group])
                for member in view.members(of: group) { put(member, into: [parent]) }
            }
        }
    }

    private func add(_ text: String, _ groups: [String], _ variables: Variables) {
        // The module's own checks refuse a name that no host can have.
        guard let name = try? HostName(text) else { return }
        let host = index(of: name)
        view.state.hosts[host].inventory.merge(variables) { _, new in new }
        view.state.hosts[host].added.merge(variables) { _, new in new }
        put(name, into: groups + ["all"])
    }

    private func put(_ host: HostName, into groups: [String]) {
        for group in groups {
            put(host, into: group)
            // Whoever is in a group is in those above it.
            for pair in view.madeParents where pair.last == group { put(host, into: pair[0]) }
        }
    }

    private func put(_ host: HostName, into group: String) {
        guard case .map(var groups) = view.state.groups else { return }
        let text = Value.string(host.description)
        if !(madeGroups[group] ?? []).contains(host) {
            madeGroups[group, default: []].append(host)
            extendedInventory = nil
        }
        if case .list(let members)? = groups[.string(group)] {
            if !members.contains(text) { groups[.string(group)] = .list(members + [text]) }
        } else {
            groups[.string(group)] = .list([text])
        }
        view.state.groups = .map(groups)
        guard group != "all", let index = view.state.index(of: host.description),
            case .list(let names)? = view.state.hosts[index].magic["group_names"], !names.contains(.string(group))
        else { return }
        let others = names.filter { $0 != .string("ungrouped") }
        let sorted = (others + [.string(group)]).sorted { ($0.text ?? "") < ($1.text ?? "") }
        view.state.hosts[index].magic["group_names"] = .list(sorted)
    }

    // MARK: Notifications

    /// Notes what a task that changed something notifies: of a loop, what each item does that was not left out.
    /// - Returns: Why the task fails after all, when it notifies somebody who is not there.
    private func notify(_ done: HostTask) async -> ErrorReport? {
        var names: OrderedSet<String> = []
        for result in done.allResults { names.formUnion(result.notified) }
        for name in names {
            let positions = handlers(notifiedBy: name, on: done.host)
            guard !positions.isEmpty else { return miss(name, done) }
            // What could not be written before the change is written now; a host that is lost tells the next task.
            try? await owe([name], to: done.host)
            if batch.isFlushing {
                batch.notified[done.host, default: []].formUnion(positions)
            } else {
                batch.notifications[done.host, default: []].append(name)
            }
        }
        return nil
    }

    private func miss(_ name: String, _ done: HostTask) -> ErrorReport {
        let unknown = InputError(
            .unknownName, "no handler is called '\(name)'", at: done.task.location,
            hints: NearestNames.hints(for: name, among: batch.handlers.names))
        let error = ErrorReport(unknown).located(at: ErrorPlace(host: view.state.hosts[done.host].name))
        counters[done.host].failed += 1
        batch.failures[done.host] = SerialBatch.Failure(
            task: done.task, name: done.task.action.name, result: RegisteredValue.map(TaskResult(error)))
        return error
    }

    func handlers(notifiedBy name: String, on host: Int) -> [Int] {
        let positions = batch.handlers.handlers(notifiedBy: name)
        guard positions.isEmpty, batch.handlers.hasTemplatedNames else { return positions }
        return batch.handlers.all.indices.filter { position in
            let handler = batch.handlers.all[position]
            guard case .template = handler.name, let written = handler.name else { return false }
            // A name that cannot be evaluated is not the one that is looked for.
            return (try? view.evaluation.text(written, in: view.scope(host, handler.settings))) == name
        }
    }
}
