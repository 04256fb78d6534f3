import Fleet
import Inventories
import OrderedCollections
import TaskModules

/// `meta` actions, the gathering of facts, and what failures do to the rest of a batch.
extension PlaybookRun {
    func perform(_ action: MetaAction, _ task: PlayTask, on hosts: [Int], canRescue: Bool) async {
        guard let first = hosts.first else { return }
        if action.isForAll {
            if await holds(task, on: first) { performForAll(action) }
            return
        }
        var chosen: [Int] = []
        for host in hosts where await holds(task, on: host) { chosen.append(host) }
        switch action {
        case .flushHandlers: await flushHandlers(on: chosen, canRescue: canRescue)
        case .endHost: batch.ended.formUnion(chosen)
        case .endRole: batch.leftRole.formUnion(chosen)
        default: break
        }
        refreshPlayHosts()
    }

    /// What the first host decides for all hosts of the batch.
    private func performForAll(_ action: MetaAction) {
        switch action {
        case .endPlay, .endBatch:
            batch.isOver = true
            batch.endsPlay = action == .endPlay
        case .clearFacts: for host in batch.hosts { clearFacts(of: host) }
        case .clearHostErrors: clearErrors()
        default: break
        }
        refreshPlayHosts()
    }

    /// Until they are gathered again there are none, not even to be asked for.
    private func clearFacts(of host: Int) {
        view.state.hosts[host].facts = [:]
        view.state.hosts[host].moduleFacts = [:]
        view.state.hosts[host].knownFacts = []
        view.state.hosts[host].factPrivilege = nil
    }

    /// Hosts out of reach are tried again from here on; those that failed take part again from the next play on.
    private func clearErrors() {
        for host in batch.playHosts {
            if standing[host] == .unreachable { batch.removed.insert(host) }
            if standing[host] == .failed || batch.failures[host] != nil { batch.ended.insert(host) }
            standing[host] = .present
        }
        batch.failures = [:]
        batch.suspended = [:]
    }

    private func holds(_ task: PlayTask, on host: Int) async -> Bool {
        do {
            for condition in task.settings.conditions
            where try !view.evaluation.holds(condition, in: view.scope(host, task.settings)) { return false }
            return true
        } catch let fact as FactNeeded {
            await gather(fact.subsets, of: batch.hosts.filter(isGoing))
            return await holds(task, on: host)
        } catch {
            counters[host].failed += 1
            let result = TaskResult(ErrorReport(error))
            batch.failures[host] = SerialBatch.Failure(task: task, name: "meta", result: RegisteredValue.map(result))
            let name = view.state.hosts[host].name
            await emit(error, in: .meta, at: ErrorPlace(task.location, host: name))
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
        }
        let start = now
        let errors = await greet(hosts)
        for host in hosts { await settleFacts(of: host, errors[host], play, now - start) }
        refreshPlayHosts()
    }

    /// Asks hosts what the play will want to know first.
    /// - Returns: What went wrong, by host.
    private func greet(_ hosts: [Int]) async -> [Int: TransportError] {
        await withTaskGroup(of: (Int, TransportError?).self) { group in
            for host in hosts {
                // As above.
                guard let target = try? playTarget(of: host) else { continue }
                group.addTask {
                    do throws(TransportError) {
                        try await self.ask([], target, for: host)
                        return (host, nil)
                    } catch {
                        return (host, error)
                    }
                }
            }
            var errors: [Int: TransportError] = [:]
            for await (host, error) in group { errors[host] = error }
            return errors
        }
    }

    /// Only a host that answered counts as fine.
    private func settleFacts(of host: Int, _ error: TransportError?, _ play: Play, _ elapsed: Duration) async {
        if let error, error.meansUnreachable { return await leaveOut(host, error) }
        var report = TaskReport(
            step: view.step, task: "Gathering Facts", host: view.state.hosts[host].name, outcome: .ok,
            location: play.location, diffs: [], items: [], elapsed: elapsed)
        if let error {
            standing[host] = .failed
            counters[host].failed += 1
            report.outcome = .failed
            report.error = ErrorReport(error).located(at: ErrorPlace(play.location))
        } else {
            counters[host].ok += 1
        }
        await emit(.taskFinished(report))
    }

    // MARK: Failures

    /// Ends the batch when failures are fatal or too many.
    /// - Parameter failed: Hosts that the task failed on, or that were lost during it.
    func judgeFailures(_ failed: [Int], of task: PlayTask, runsOnce: Bool) {
        // What an earlier run owes has its second chance after the tasks; a host that is lost has none.
        let failed = batch.isOwing ? failed.filter { standing[$0] == .unreachable } : failed
        let fatal = failed.first { host in
            (runsOnce || flag(.anyErrorsFatal, of: task, on: host)) && !flag(.ignoreErrors, of: task, on: host)
        }
        if let fatal { takeOut(because: fatal, task) }
        guard !batch.isOwing, let limit = maxFailPercentage, batch.size > 0 else { return }
        // Hosts out of reach do not count, as in Ansible.
        let count = batch.hosts.count { batch.failures[$0] != nil && standing[$0] == .present }
        if Double(count) / Double(batch.size) * 100 > limit {
            batch.isOver = true
            batch.breaksRun = true
        }
    }

    /// One host's failure fails the others of the batch, which go on where a section rescues them or always runs.
    private func takeOut(because host: Int, _ task: PlayTask) {
        let unreachable = RegisteredValue.map(TaskResult(message: "unreachable"), isUnreachable: true)
        var failure =
            batch.failures[host] ?? SerialBatch.Failure(task: task, name: task.action.name, result: unreachable)
        failure.isOfAnother = true
        for other in batch.hosts where batch.failures[other] == nil && standing[other] == .present {
            batch.failures[other] = failure
            batch.removed.insert(other)
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
