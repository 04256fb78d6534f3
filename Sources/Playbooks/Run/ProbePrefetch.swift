import Fleet
import Inventories
import OrderedCollections
import TaskModules
import Values

/// What later tasks will want to know, so that it is asked together.
extension PlaybookRun {
    /// Probes of the tasks that are left, as far as their arguments can be evaluated now.
    func lookAhead(for host: Int, _ target: Target) -> [Privilege: OrderedSet<Probe>] {
        var wanted: [Privilege: OrderedSet<Probe>] = [:]
        if let owed = owed[host], !owed.isLearned, owed.target.route == target.route {
            wanted[owed.target.privilege] = [.query(owed.record.query)]
        }
        for task in batch.agenda[min(batch.position, batch.agenda.count)...] {
            if flag(.runOnce, of: task, on: host), batch.hosts.first(where: isGoing) != host { continue }
            let ahead = HostTask(task, host: host, shared: shared(of: task)).lookAhead(view)
            for (place, probes) in ahead.probes where place.route == target.route {
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
struct ProbePrefetch {
    var probes: [(Target, [Probe])] = []
    var facts: Set<FactNeeded> = []
    /// Whether the task will surely change things that all later tasks depend on.
    var changesEverything = false
}

extension HostTask {
    /// What the task would ask now. Errors mean that it is too early to tell.
    func lookAhead(_ view: RunView) -> ProbePrefetch {
        var foresight = ProbePrefetch()
        guard case .module(let call) = task.action, !call.specification.runsOnController else {
            noteFacts(view, &foresight)
            return foresight
        }
        let items = itemsAhead(view, &foresight)
        for index in items.indices { lookAhead(call, items, index, view, &foresight) }
        return foresight
    }

    /// A task that asks its host nothing may still need facts.
    private func noteFacts(_ view: RunView, _ foresight: inout ProbePrefetch) {
        var trial = self
        if case .facts(let fact) = trial.advance(view) { foresight.facts.insert(fact) }
    }

    private func itemsAhead(_ view: RunView, _ foresight: inout ProbePrefetch) -> [Value?] {
        guard let loop = task.loop else { return [nil] }
        do {
            return try loopItems(loop, view.scope(host, task.settings), view)
        } catch let fact as FactNeeded {
            foresight.facts.insert(fact)
            return []
        } catch {
            return []
        }
    }

    private func lookAhead(
        _ call: ModuleCall, _ items: [Value?], _ index: Int, _ view: RunView, _ foresight: inout ProbePrefetch
    ) {
        let scope = view.scope(host, task.settings, locals: task.loop?.locals(items, index) ?? [:])
        let part = shared.item(index)
        var isCertain = true
        do {
            guard try part.falseCondition.value(in: scope, make: { try falseCondition($0, view) }) == nil else {
                return
            }
        } catch {
            // A condition that waits for a result or a fact may come to hold: asking costs nothing then.
            if let fact = error as? FactNeeded { foresight.facts.insert(fact) }
            isCertain = false
        }
        do {
            let target = try TaskSetting(shared, part, scope: scope, view: view).target
            let prepared = try part.call.value(in: scope, fits: { $0.privilege == target.privilege }) { scope in
                try makeCall(call, for: target.privilege, scope, view)
            }
            let snapshot = view.snapshot(of: target)
            let missing = snapshot.missing(prepared.module.probes(given: snapshot))
            if !missing.isEmpty { return foresight.probes.append((target, missing)) }
            if isCertain, !prepared.terms.isCheck, case .change(let change) = try prepared.module.step(snapshot) {
                foresight.changesEverything = foresight.changesEverything || change.touches == .everything
            }
        } catch let fact as FactNeeded {
            foresight.facts.insert(fact)
        } catch {
            // Too early to tell; the task asks when its turn comes.
        }
    }
}
