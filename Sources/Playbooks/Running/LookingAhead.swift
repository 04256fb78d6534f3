import Fleet
import OrderedCollections

/// What later tasks will want to know, so that it is asked together.
extension PlaybookRun {
    /// Probes of the tasks that are left, as far as their arguments can be evaluated now.
    func lookAhead(for host: Int, _ target: Target) -> [Privilege: OrderedSet<Probe>] {
        var wanted: [Privilege: OrderedSet<Probe>] = [:]
        for task in batch.agenda[min(batch.position, batch.agenda.count)...] {
            if flag(.runOnce, of: task, on: host), batch.hosts.first(where: isGoing) != host { continue }
            let ahead = HostTask(task, host: host).lookAhead(view)
            for (place, probes) in ahead.probes where place.endpoint == target.endpoint {
                wanted[place.privilege, default: []].formUnion(probes)
            }
            if let privilege = view.state.hosts[host].factPrivilege {
                for fact in ahead.facts where fact.host == host {
                    let missing = fact.subsets.subtracting(view.state.hosts[host].knownFacts)
                    for subset in missing.sorted(by: { $0.rawValue < $1.rawValue }) {
                        wanted[privilege, default: []].append(.facts(subset))
                    }
                }
            }
            // What stands after a change of everything would be asked again anyway.
            if ahead.changesEverything, !view.options.isCheck { break }
        }
        if let privilege = view.state.hosts[host].factPrivilege {
            let missing = reader.templates.factSubsets.subtracting(view.state.hosts[host].knownFacts)
            for subset in missing.sorted(by: { $0.rawValue < $1.rawValue }) {
                wanted[privilege, default: []].append(.facts(subset))
            }
        }
        return wanted
    }
}

/// What a task that has not begun would ask.
struct Foresight {
    var probes: [(Target, [Probe])] = []
    var facts: Set<FactNeeded> = []
    /// Whether the task will surely change things that all later tasks depend on.
    var changesEverything = false
}

extension HostTask {
    /// What the task would ask now. Errors mean that it is too early to tell.
    func lookAhead(_ view: RunView) -> Foresight {
        var foresight = Foresight()
        guard case .module(let call) = task.action, !call.specification.runsOnController else {
            noteFacts(view, &foresight)
            return foresight
        }
        for item in itemsAhead(view, &foresight) { lookAhead(call, item, view, &foresight) }
        return foresight
    }

    /// A task that asks its host nothing may still need facts.
    private func noteFacts(_ view: RunView, _ foresight: inout Foresight) {
        var trial = self
        if case .facts(let fact) = trial.advance(view) { foresight.facts.insert(fact) }
    }

    private func itemsAhead(_ view: RunView, _ foresight: inout Foresight) -> [Value?] {
        guard let loop = task.loop else { return [nil] }
        do {
            let scope = view.scope(host, task.settings)
            return try LoopItems(view.evaluation, task.settings.searchFolders).items(of: loop, in: scope)
        } catch let fact as FactNeeded {
            foresight.facts.insert(fact)
            return []
        } catch {
            return []
        }
    }

    private func lookAhead(_ call: ModuleCall, _ item: Value?, _ view: RunView, _ foresight: inout Foresight) {
        let scope = view.scope(host, task.settings, locals: locals(item))
        var isCertain = true
        do {
            for condition in task.settings.conditions where try !view.evaluation.holds(condition, in: scope) { return }
        } catch {
            // A condition that waits for a result or a fact may come to hold: asking costs nothing then.
            if let fact = error as? FactNeeded { foresight.facts.insert(fact) }
            isCertain = false
        }
        do {
            let setting = try TaskSetting(task, scope: scope, host: host, view: view)
            let arguments = try setting.arguments(call, of: task, scope: scope, view: view)
            let module = try setting.module(call, arguments, of: task, scope: scope, view: view)
            let snapshot = view.snapshot(of: setting.target)
            let missing = snapshot.missing(module.probes(given: snapshot))
            if !missing.isEmpty { return foresight.probes.append((setting.target, missing)) }
            if isCertain, !setting.isCheck, case .change(let change) = try module.step(snapshot) {
                foresight.changesEverything = foresight.changesEverything || change.touches == .everything
            }
        } catch let fact as FactNeeded {
            foresight.facts.insert(fact)
        } catch {
            // Too early to tell; the task asks when its turn comes.
        }
    }
}
