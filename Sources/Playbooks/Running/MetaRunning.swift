import Fleet
import OrderedCollections

/// `meta` actions, the gathering of facts, and what failures do to the rest of a batch.
extension PlaybookRun {
    func perform(_ action: MetaAction, _ task: PlayTask, on hosts: [Int]) async {
        var chosen: [Int] = []
        for host in hosts where await holds(task, on: host) { chosen.append(host) }
        guard let first = chosen.first else { return }
        _ = first
        switch action {
        case .flushHandlers: await flushHandlers()
        case .endHost: batch.ended.formUnion(chosen)
        case .endBatch: batch.isOver = true
        case .endPlay: batch.isOver = true
        case .endRole: batch.leftRole.formUnion(chosen)
        case .clearFacts:
            for host in chosen {
                view.state.hosts[host].facts = [:]
                view.state.hosts[host].knownFacts = []
            }
        case .clearHostErrors:
            for host in batch.hosts where standing[host] != .present {
                standing[host] = .present
                batch.failures[host] = nil
            }
        case .noop, .refreshInventory, .resetConnection: break
        }
    }

    private func holds(_ task: PlayTask, on host: Int) async -> Bool {
        do {
            for condition in task.settings.conditions
            where try !view.evaluation.holds(condition, in: view.scope(host, task.settings)) { return false }
            return true
        } catch let fact as FactNeeded {
            await gather([fact.subset], of: batch.hosts.filter(isGoing))
            return await holds(task, on: host)
        } catch {
            counters[host].failed += 1
            let result = TaskResult(failed: true, message: Self.text(of: error))
            batch.failures[host] = Batch.Failure(task: task, name: "meta", result: RegisteredValue.map(result))
            await emit(.warning("\(view.state.hosts[host].name): meta: \(Self.text(of: error))"))
            return false
        }
    }

    // MARK: Facts

    /// Lets facts of the hosts be asked for from here on. They are asked when a template first needs them.
    func gatherFacts(_ play: Play) async {
        let gathers =
            play.gathersFacts.map {
                // A value that only a host can decide is decided there.
                (try? view.evaluation.flag($0, in: StaticScope(variables: [view.state.extra, play.vars]))) ?? true
            } ?? true
        guard gathers, tags.selects(["always"]) else { return }
        let hosts = batch.hosts.filter(isGoing)
        guard !hosts.isEmpty else { return }
        view.step += 1
        await emit(
            .taskStarted(
                TaskHeading(
                    step: view.step, name: "Gathering Facts", module: "gather_facts", location: play.location,
                    isHandler: false)))
        for host in hosts {
            // A target that cannot be worked out fails the first task that needs it, with its reason.
            view.state.hosts[host].factPrivilege = (try? playTarget(of: host).privilege) ?? .login
            // A new play sees facts as they are then.
            view.state.hosts[host].knownFacts = []
            counters[host].ok += 1
            await emit(
                .taskFinished(
                    TaskReport(
                        step: view.step, task: "Gathering Facts", host: view.state.hosts[host].name, outcome: .ok,
                        diffs: [], items: [], elapsed: .zero)))
        }
    }

    // MARK: Failures

    /// Ends the batch when failures are fatal or too many.
    func judgeFailures(
        _ failed: [Int], of task: PlayTask, runsOnce: Bool, _ hosts: [Int], _ canRescue: Bool
    ) {
        let isFatal = failed.contains { host in
            (runsOnce || flag(.anyErrorsFatal, of: task, on: host)) && !flag(.ignoreErrors, of: task, on: host)
        }
        if isFatal {
            if canRescue, let failure = failed.compactMap({ batch.failures[$0] }).first {
                // The rescue section takes over on all hosts.
                for host in hosts where batch.failures[host] == nil && standing[host] == .present {
                    batch.failures[host] = failure
                }
            } else {
                batch.isOver = true
                batch.breaksRun = true
            }
        }
        guard let limit = maxFailPercentage else { return }
        let count = batch.hosts.count { batch.failures[$0] != nil || standing[$0] != .present }
        if Double(count) / Double(batch.hosts.count) * 100 > limit {
            batch.isOver = true
            batch.breaksRun = true
        }
    }

    private var maxFailPercentage: Double? {
        guard let value = batch.play?.maxFailPercentage, let play = batch.play else { return nil }
        let scope = StaticScope(variables: [view.state.extra, play.vars])
        // What does not come to a number is no limit; literals were checked when the play was read.
        guard let text = try? view.evaluation.text(value, in: scope) else { return nil }
        return Double(text.replacing("%", with: ""))
    }
}
