import Fleet
import Inventories
import OrderedCollections
import TaskModules

/// Requests to hosts.
extension PlaybookRun {
    /// How long the answer to probes may take.
    private static let probeDeadline: Duration = .seconds(60)

    /// Asks probes of a target and, in the same breath, everything that later tasks will want to know of it.
    func ask(_ probes: [Probe], _ target: Target, for host: Int) async throws(TransportError) {
        try takeEarlyFailure(of: target)
        // What will be wanted is worked out when the host is there to be asked: until then nothing has to be kept for it.
        let transport = try await dialer.transport(to: target.route)
        var questions: OrderedDictionary<Privilege, OrderedSet<Probe>> = [target.privilege: OrderedSet(probes)]
        if target.host == view.state.hosts[host].name {
            for (privilege, more) in lookAhead(for: host, target) { questions[privilege, default: []].formUnion(more) }
        }
        let own = questions.removeValue(forKey: target.privilege) ?? []
        if !questions.isEmpty, let lost = await askAhead(questions, target.route) { throw lost }
        try await ask(own.elements, target, through: transport)
    }

    /// Asks what will be wanted with other privileges. What goes wrong is met again by whoever needs it.
    /// - Returns: Why the host can't be talked to.
    private func askAhead(
        _ questions: OrderedDictionary<Privilege, OrderedSet<Probe>>, _ route: Route
    ) async -> TransportError? {
        await withTaskGroup(of: TransportError?.self) { group in
            for (privilege, probes) in questions {
                group.addTask {
                    do throws(TransportError) {
                        let transport = try await self.dialer.transport(to: route)
                        let target = Target(route: route, privilege: privilege)
                        try await self.ask(probes.elements, target, through: transport)
                        return nil
                    } catch {
                        return error.meansUnreachable && error.code != .timedOut ? error : nil
                    }
                }
            }
            var lost: TransportError?
            for await error in group { lost = lost ?? error }
            return lost
        }
    }

    /// Asks probes in one request.
    private func ask(
        _ probes: [Probe], _ target: Target, through transport: any Transport
    ) async throws(TransportError) {
        if probes.isEmpty { return }
        let script = scripts.script(for: probes)
        var question = RemoteCommand(
            shell: script.shellLine, privilege: target.privilege, deadline: Self.probeDeadline)
        question.leavesNothing = true
        // Some of it may be for a task with no_log.
        question.isConfidential = true
        let answer = try await transport.run(question)
        let answers: ProbeAnswers
        do {
            answers = try script.answers(in: answer.output)
        } catch {
            throw TransportError(.badAnswer, host: target.host, error.message, hints: error.hints)
        }
        view.knowledge[target.host, default: [:]][target.privilege, default: Snapshot()].merge(answers)
        learn(answers, of: target)
    }

    /// Keeps facts among the answers.
    private func learn(_ answers: ProbeAnswers, of target: Target) {
        guard let host = view.state.index(of: target.host.description),
            view.state.hosts[host].factPrivilege == target.privilege
        else { return }
        for case (.facts(let subset), let answer) in answers.pairs {
            view.state.hosts[host].knownFacts.insert(subset)
            guard case .facts(let facts) = answer else { continue }
            view.state.hosts[host].facts.merge(facts) { _, new in new }
        }
    }

    /// Asks hosts for facts, all at once.
    func gather(_ subsets: Set<FactSubset>, of hosts: [Int]) async {
        await withDiscardingTaskGroup { group in
            for host in hosts { group.addTask { await self.gather(subsets, of: host) } }
        }
    }

    private func gather(_ subsets: Set<FactSubset>, of host: Int) async {
        let missing = subsets.subtracting(view.state.hosts[host].knownFacts)
        guard !missing.isEmpty, standing[host] == .present, let privilege = view.state.hosts[host].factPrivilege,
            // A target that cannot be worked out fails the task itself, with its reason.
            var target = try? playTarget(of: host)
        else {
            // A host that cannot be asked has no such facts, and nobody asks again.
            view.state.hosts[host].knownFacts.formUnion(missing)
            return
        }
        target.privilege = privilege
        do throws(TransportError) {
            try await ask(missing.sorted { $0.rawValue < $1.rawValue }.map(Probe.facts), target, for: host)
        } catch {
            await leaveOut(host, error)
        }
        view.state.hosts[host].knownFacts.formUnion(missing)
    }

    /// A host that cannot be talked to takes no further part.
    func leaveOut(_ host: Int, _ error: TransportError) async {
        guard standing[host] == .present else { return }
        standing[host] = .unreachable
        counters[host].unreachable += 1
        await emit(.hostUnreachable(view.state.hosts[host].name, error))
    }

    /// Makes a change, and forgets what it may have altered.
    /// - Parameter isConfidential: Whether `no_log` hides it.
    func make(
        _ change: Change, _ target: Target, _ deadline: Duration, isConfidential: Bool
    ) async throws(TransportError) -> CommandResult {
        try takeEarlyFailure(of: target)
        let transport = try await dialer.transport(to: target.route)
        defer { forget(change.touches, target) }
        if let upload = change.upload {
            try await transport.upload(upload.local, to: upload.remote, mode: 0o600, privilege: target.privilege)
        }
        var command = RemoteCommand(
            shell: change.script, privilege: target.privilege, input: change.input, deadline: deadline)
        command.isConfidential = isConfidential
        return try await transport.run(command)
    }

    /// What the connection of a host came to before any task needed it is told once, to whoever asks first and reaches it
    /// in the same way: a task may have a key or a port of its own.
    private func takeEarlyFailure(of target: Target) throws(TransportError) {
        guard !earlyFailures.isEmpty, let host = view.state.index(of: target.host.description),
            let failure = earlyFailures.removeValue(forKey: host), failure.route == target.route
        else { return }
        throw failure.error
    }

    private func forget(_ touch: Touch, _ target: Target) {
        guard touch != .nothing else { return }
        if target.route.connection == .local {
            // What was read here may have been changed.
            view.evaluation.files.forget()
            forgetShared()
        }
        guard var snapshots = view.knowledge.removeValue(forKey: target.host) else { return }
        for privilege in snapshots.keys { snapshots[privilege]?.forget(touch) }
        view.knowledge[target.host] = snapshots
    }

    /// A host as the play reaches it, with the play's rights.
    func playTarget(of host: Int) throws -> Target {
        let settings = batch.play?.settings ?? TaskSettings()
        let scope = view.scope(host, settings)
        return try TargetFinder(view: view).target(on: view.state.hosts[host].name, scope: scope)
    }
}
