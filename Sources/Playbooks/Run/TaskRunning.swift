import Fleet
import OrderedCollections
import TaskModules
import Values

/// One task on all its hosts.
extension PlaybookRun {
    func run(_ task: PlayTask, on hosts: [Int], canRescue: Bool, isHandler: Bool = false) async {
        batch.advance(to: task)
        if case .meta(let action) = task.action { return await perform(action, task, on: hosts, canRescue: canRescue) }
        guard let first = hosts.first else { return }
        let runsOnce = flag(.runOnce, of: task, on: first)
        let targets = runsOnce || task.action.isForAll ? [first] : hosts
        view.step += 1
        let name = self.name(of: task, on: first)
        await emit(
            .taskStarted(
                TaskHeading(
                    step: view.step, name: name, module: task.action.name, location: task.location,
                    isHandler: isHandler, isOwed: batch.isOwing)))
        await drive(task, targets)
        forgetShared(of: task)
        let finished = inFlight
        let times = timings
        inFlight = []
        var failed: [Int] = []
        for (index, done) in finished.enumerated() where standing[done.host] == .present {
            let ending = FinishedTask(
                done, name: name, elapsed: times[index].elapsed, canRescue: canRescue,
                sharedWith: runsOnce ? hosts : [done.host])
            if await settle(ending, isHandler: isHandler) { failed.append(done.host) }
        }
        await tellNoted()
        let lost = targets.filter { standing[$0] == .unreachable }
        if !failed.isEmpty || !lost.isEmpty {
            judgeFailures(failed + lost, of: task, runsOnce: runsOnce || task.action.isForAll)
            refreshPlayHosts()
        }
        if finished.contains(where: { $0.hasIncludes }) { await runIncluded(finished, of: task, canRescue: canRescue) }
    }

    /// Brings the task to its end on all hosts: inline where nothing has to be asked, else side by side.
    private func drive(_ task: PlayTask, _ hosts: [Int]) async {
        let start = now
        inFlight = hosts.map { HostTask(task, host: $0, shared: shared(of: task)) }
        timings = hosts.map { _ in (start, .zero) }
        if task.settings[.delegateTo] != nil {
            // Hosts that meet on one delegate take turns there, so that none decides on what another is changing.
            for index in inFlight.indices { await finish(index, nil) }
            return
        }
        await provideFacts()
        var waiting: [(index: Int, need: TaskNeed)] = []
        for index in inFlight.indices {
            let need = inFlight[index].advance(view)
            if case .nothing = need { continue }
            waiting.append((index, need))
        }
        guard !waiting.isEmpty else { return }
        let width = throttle(of: task, on: hosts[0]) ?? waiting.count
        await forEachBounded(waiting, atOnce: width) { await self.finish($0.index, $0.need) }
    }

    /// Facts that the task needs first are asked of all hosts at once, before any host goes on.
    private func provideFacts() async {
        var asked: Set<FactSubset> = []
        while true {
            var needed: Set<FactNeeded> = []
            for index in inFlight.indices {
                var trial = inFlight[index]
                if case .facts(let fact) = trial.advance(view) { needed.insert(fact) }
                if needed.isEmpty, index >= 1 { break }
            }
            let subsets = Set(needed.flatMap(\.subsets)).subtracting(asked)
            if subsets.isEmpty { return }
            asked.formUnion(subsets)
            asked.formUnion(reader.templates.factSubsets)
            let hosts = Set(needed.map(\.host)).union(batch.hosts.filter(isGoing))
            await gather(subsets.union(reader.templates.factSubsets), of: hosts.sorted())
        }
    }

    /// Brings the task to its end on one host.
    private func finish(_ index: Int, _ first: TaskNeed?) async {
        var need = first ?? inFlight[index].advance(view)
        let host = inFlight[index].host
        let start = now
        while true {
            do {
                switch need {
                case .nothing:
                    timings[index].elapsed = now - start
                    return
                case .facts(let fact): await gather(fact.subsets, of: [fact.host])
                case .probes(let probes, let target): try await ask(probes, target, for: host)
                case .pause(let time): try await clock.sleep(for: time)
                case .change(let change, let target, let deadline):
                    try await owe(index)
                    let answer = try await make(
                        change, target, deadline, isConfidential: isHidden(inFlight[index]))
                    inFlight[index].answer(answer, view)
                }
            } catch let error as TransportError {
                await lose(index, error)
            } catch {
                let name = view.state.hosts[host].name
                inFlight[index].fail(ErrorReport(error).located(at: ErrorPlace(host: name)), view)
            }
            if standing[host] != .present { return }
            need = inFlight[index].advance(view)
        }
    }

    /// A host that cannot be talked to is left out; a command that went wrong fails its task.
    private func lose(_ index: Int, _ error: TransportError) async {
        let host = inFlight[index].host
        let task = inFlight[index].task
        // A command that passed its deadline is a failed task; whether the host is lost, the next request tells.
        guard error.meansUnreachable, error.code != .timedOut else { return inFlight[index].fail(error, view) }
        if flag(.ignoreUnreachable, of: task, on: host) { return inFlight[index].lose(error, view) }
        standing[host] = .unreachable
        counters[host].unreachable += 1
        await emit(.hostUnreachable(view.state.hosts[host].name, error))
    }

    // MARK: Keywords

    /// A keyword that is true or false; what cannot be evaluated counts as false, and the task itself then says why.
    func flag(_ keyword: TaskKeyword, of task: PlayTask, on host: Int) -> Bool {
        guard let value = task.settings[keyword] else { return false }
        if case .bool(let flag) = value { return flag }
        // An undecided value counts as not set here; the task that uses it says why.
        return (try? view.evaluation.flag(value, in: view.scope(host, task.settings))) == true
    }

    private func throttle(of task: PlayTask, on host: Int) -> Int? {
        guard let value = task.settings[.throttle],
            // As above.
            let width = try? view.evaluation.int(value, in: view.scope(host, task.settings)), width > 0
        else { return nil }
        return width
    }

    /// The task's name, with its role's before it.
    func name(of task: PlayTask, on host: Int) -> String {
        var name = task.action.name
        if let written = task.name {
            // A name that cannot be evaluated stands as written.
            name = (try? view.evaluation.text(written, in: view.scope(host, task.settings))) ?? written.text ?? name
        }
        guard let role = task.settings.role else { return name }
        return "\(role.source.name) : \(name)"
    }
}
