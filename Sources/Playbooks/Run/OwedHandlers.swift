import Fleet
import Inventories
import OrderedCollections
import TaskModules
import Values

/// Handlers that a host is owed: told to run, and not run yet.
///
/// The host itself remembers them, from before the change that owes them until they have run, so that a run that fails, is
/// stopped or vanishes leaves nothing undone that the next run would not make good.
extension PlaybookRun {
    /// What is known of one host's record.
    struct OwedState {
        var record: OwedRecord
        var target: Target
        /// What stands on the host.
        var kept: OrderedSet<String> = []
        /// What an earlier run left, until it has run.
        var earlier: OrderedSet<String> = []
        /// Whether the host has been asked for it.
        var isLearned = false
        /// Whether the host can't keep a record, which has been said.
        var isBroken = false
    }

    // MARK: Before the play

    /// Finds out how each host of a batch is asked what it is owed, which is done with the first question to it.
    func prepareOwed(_ play: Play) {
        owed = [:]
        earlyFailures = [:]
        let mayTalk = needsConnections || batch.agenda.contains { $0.action.isInclude }
        guard view.options.owedHandlers != .forgotten, mayTalk else { return }
        let identity = ProjectIdentity(of: play.location.file)
        let alike = playbook.plays.filter { $0.location.file == play.location.file && $0.name == play.name }
        let number = alike.firstIndex { $0 === play } ?? 0
        let name = [identity.file, PlainText.of(play.name), String(number + 1)].joined(separator: ": ")
        for host in batch.hosts {
            // What is wrong with how a host is reached is said by the first task that needs it.
            guard let target = try? playTarget(of: host), target.route.connection != .local else { continue }
            let record = OwedRecord(
                project: identity.name, play: name, host: target.host.description, folder: view.options.owedFolder)
            owed[host] = OwedState(record: record, target: target)
        }
    }

    /// Asks the hosts what they are owed that have not been asked yet, together with what the first tasks will want to know.
    func learnOwed() async {
        await withDiscardingTaskGroup { group in
            for host in owed.keys { group.addTask { await self.learnOwed(of: host) } }
        }
    }

    private func learnOwed(of host: Int) async {
        guard let state = owed[host] else { return }
        owed[host]?.isLearned = true
        guard standing[host] == .present else { return owed[host] = nil }
        do throws(TransportError) {
            let missing = view.snapshot(of: state.target).missing([.query(state.record.query)])
            if !missing.isEmpty { try await ask(missing, state.target, for: host) }
        } catch {
            // Who needs the host first learns of it, and is not kept waiting again.
            earlyFailures[host] = (state.target.route, error)
            owed[host] = nil
            return
        }
        let answer = view.snapshot(of: state.target).output(state.record.query)
        let names = OrderedSet(OwedRecord.handlers(in: answer?.status == 0 ? answer?.text ?? "" : ""))
        owed[host]?.kept = names
        owed[host]?.earlier = names
    }

    /// Runs what earlier runs owe, before the play's first task. The recap does not count it, but for hosts that are lost.
    func runOwed() async {
        await nameGone()
        let hosts = batch.hosts.filter { owed[$0]?.earlier.isEmpty == false }
        if hosts.isEmpty { return }
        if view.options.owedHandlers == .named {
            return await tell(.notRun, of: hosts) { self.owed[$0]?.earlier ?? [] }
        }
        let owing = Dictionary(uniqueKeysWithValues: hosts.map { ($0, owed[$0]?.earlier ?? []) })
        let before = counters
        for host in hosts {
            for name in owing[host] ?? [] {
                batch.notified[host, default: []].formUnion(handlers(notifiedBy: name, on: host))
            }
            owed[host]?.earlier = []
        }
        batch.isOwing = true
        await flushHandlers(on: hosts)
        batch.isOwing = false
        for host in counters.indices where host < before.count {
            let unreachable = counters[host].unreachable
            counters[host] = before[host]
            counters[host].unreachable = unreachable
        }
        await postponeFailed(hosts)
        let done = hosts.filter {
            batch.postponed[$0] == nil && batch.failures[$0] == nil && standing[$0] == .present && !isStopping
        }
        ranOwed = true
        await tell(view.options.isCheck ? .wouldRun : .ran, of: done) { owing[$0] ?? [] }
    }

    /// A host on which an owed handler failed goes on: what made it fail may be what the tasks are about to mend.
    private func postponeFailed(_ hosts: [Int]) async {
        let failed = hosts.filter { batch.failures[$0]?.isOfAnother == false && standing[$0] == .present }
        if failed.isEmpty { return }
        for host in failed {
            batch.failures[host] = nil
            batch.failedHandlers.remove(host)
            let left = (batch.notified.removeValue(forKey: host) ?? []).union(
                batch.unfinished.removeValue(forKey: host) ?? [])
            batch.postponed[host] = left
        }
        refreshPlayHosts()
        await tell(.postponed, of: failed) { self.pendingHandlers(of: $0) }
    }

    /// Has what was postponed run with the play's last handlers.
    func notifyPostponed() {
        for (host, positions) in batch.postponed { batch.notified[host, default: []].formUnion(positions) }
        batch.postponed = [:]
    }

    /// Handlers that the play has no longer are named, once, and no longer owed.
    private func nameGone() async {
        var gone: [Int: OrderedSet<String>] = [:]
        for host in batch.hosts {
            gone[host] = owed[host]?.earlier.filter { handlers(notifiedBy: $0, on: host).isEmpty }
        }
        let hosts = batch.hosts.filter { gone[$0]?.isEmpty == false }
        if hosts.isEmpty { return }
        await tell(.gone, of: hosts) { gone[$0] ?? [] }
        for host in hosts { owed[host]?.earlier.subtract(gone[host] ?? []) }
        guard view.options.owedHandlers == .run, !view.options.isCheck else { return }
        for host in hosts { await keep(owed[host]?.earlier ?? [], on: host) }
    }

    // MARK: During the play

    /// Makes the host remember what the change at hand will owe it, before it is made.
    func owe(_ index: Int) async throws(TransportError) {
        try await owe(inFlight[index].willNotify, to: inFlight[index].host)
    }

    func owe(_ notifications: [String], to host: Int) async throws(TransportError) {
        guard let state = owed[host], !state.isBroken, !view.options.isCheck else { return }
        var names = state.kept
        for notification in notifications {
            names.formUnion(handlers(notifiedBy: notification, on: host).map { ownName(of: $0, on: host) })
        }
        guard names != state.kept else { return }
        try await write(names, for: host)
    }

    /// The name under which a handler is owed: its own with its role's, or the topic it listens to.
    private func ownName(of position: Int, on host: Int) -> String {
        let handler = batch.handlers.all[position]
        if handler.name == nil, let topic = handler.listen.first { return PlainText.of(topic) }
        return name(of: handler, on: host)
    }

    /// What was told to run and has not: told of, begun and not ended well, or left by an earlier run.
    func pendingHandlers(of host: Int) -> OrderedSet<String> {
        var positions = (batch.notified[host] ?? []).union(batch.unfinished[host] ?? [])
            .union(batch.postponed[host] ?? [])
        for name in batch.notifications[host] ?? [] { positions.formUnion(handlers(notifiedBy: name, on: host)) }
        return (owed[host]?.earlier ?? []).union(positions.sorted().map { ownName(of: $0, on: host) })
    }

    /// A handler that has run to its end is owed no more.
    func settleOwed(_ hosts: [Int]) async {
        await withDiscardingTaskGroup { group in
            for host in hosts where owed[host]?.kept.isEmpty == false {
                let pending = pendingHandlers(of: host)
                group.addTask { await self.keep(pending, on: host) }
            }
        }
    }

    // MARK: After the play

    /// Leaves on each host what it is still owed, and says so. Hosts that got through, or were meant to end, are owed nothing.
    func closeOwed() async {
        let out = batch.hosts.filter { host in
            standing[host] != .present || batch.failures[host] != nil || batch.postponed[host]?.isEmpty == false
                || (isStopping && !batch.ended.contains(host))
        }
        await withDiscardingTaskGroup { group in
            for host in batch.hosts where standing[host] != .unreachable {
                let pending = out.contains(host) ? pendingHandlers(of: host) : []
                group.addTask { await self.keep(pending, on: host) }
            }
        }
        guard view.options.owedHandlers != .forgotten, !view.options.isCheck else { return }
        let owing = out.filter { owed[$0] != nil && !pendingHandlers(of: $0).isEmpty }
        if !owing.isEmpty { await tell(.notRun, of: owing) { self.pendingHandlers(of: $0) } }
    }

    // MARK: Records

    private func keep(_ names: OrderedSet<String>, on host: Int) async {
        guard let state = owed[host], !state.isBroken, state.kept != names, !view.options.isCheck,
            view.options.owedHandlers == .run
        else { return }
        // The record stays as it is then: it names too much rather than too little.
        try? await write(names, for: host)
    }

    private func write(_ names: OrderedSet<String>, for host: Int) async throws(TransportError) {
        guard let state = owed[host], view.options.owedHandlers == .run else { return }
        let transport = try await dialer.transport(to: state.target.route)
        let answer = try await transport.run(
            state.record.command(keeping: Array(names), privilege: state.target.privilege))
        if answer.succeeded {
            owed[host]?.kept = names
            return
        }
        owed[host]?.isBroken = true
        let reason = answer.errorText.stripped.split(separator: "\n").last.map(String.init) ?? "status \(answer.status)"
        await emit(
            .warning(
                ErrorReport(
                    .notRemembered, at: ErrorPlace(host: state.target.host),
                    "cannot remember which handlers it is owed, should the run fail: \(reason)")))
    }

    private func tell(
        _ outcome: OwedHandlers.Outcome, of hosts: [Int], _ names: (Int) -> OrderedSet<String>
    ) async {
        var handlers: OrderedDictionary<String, [HostName]> = [:]
        for host in hosts {
            for name in names(host) { handlers[name, default: []].append(view.state.hosts[host].name) }
        }
        if handlers.isEmpty { return }
        if outcome == .notRun { leftHandlers += handlers.map { Leftovers.Handler(name: $0.key, hosts: $0.value) } }
        await emit(.owed(OwedHandlers(outcome: outcome, handlers: handlers.map { ($0.key, $0.value) })))
    }
}
