import Fleet
import Inventories
import OrderedCollections
import TaskModules
import Values

/// Plays and their batches.
extension PlaybookRun {
    func run(_ play: Play) async {
        let name: String
        let hosts: (inOrder: [Int], listed: [Int])
        let batches: [[Int]]
        takeVariables(beside: play)
        do {
            name = try playText(play.name)
            if mayHaveMadeHosts { try await warnOfUnmatched(play) }
            hosts = try self.hosts(of: play)
            let sizes = try play.serial.map(batchSize)
            batches = BatchSize.split(hosts.inOrder, sizes: sizes)
        } catch {
            isAborted = true
            return await emit(error, in: .play(play.name.text ?? ""), at: ErrorPlace(play.location))
        }
        guard hosts.listed.contains(where: { standing[$0] == .present }) else {
            return await emit(.playSkipped(name: name, .noHosts))
        }
        for (number, members) in batches.enumerated() {
            let present = members.filter { standing[$0] == .present }
            if present.isEmpty { continue }
            let heading = PlayHeading(
                name: name, hosts: present.map { view.state.hosts[$0].name },
                batch: batches.count > 1 ? (number + 1, batches.count) : nil)
            await emit(.playStarted(heading))
            await run(play, name: name, on: present, of: hosts.listed, size: members.count)
            if isStopping { leave(batches[number...], inHand: true) }
            if batch.endsPlay || isStopping { return }
            // A batch of which some were out before never fails as a whole, as in Ansible.
            let isLost = present.count == members.count && present.allSatisfy { standing[$0] != .present }
            if batch.breaksRun || isLost {
                isAborted = true
                return leave(batches[(number + 1)...], inHand: false)
            }
        }
    }

    private func run(_ play: Play, name: String, on members: [Int], of all: [Int], size: Int) async {
        batch = SerialBatch(hosts: members)
        batch.play = play
        batch.playHosts = all
        batch.size = size
        batch.handlers = HandlerIndex(play.handlers)
        forgetShared()
        view.routes = [:]
        view.play = PlayScope(play)
        view.play.magic = playMagic(name)
        view.state.global["playbook_dir"] = view.play.magic["playbook_dir"]
        noteRoles([])
        refreshPlayHosts()
        await readVarsFiles(play, members)
        for host in members {
            // What is wrong with a host's connection is said by the first task that needs it.
            view.routes[view.state.hosts[host].name] = try? TargetFinder(view: view).route(
                to: view.state.hosts[host].name, scope: view.scope(host, play.settings))
        }
        let nodes = play.sections
        batch.agenda = nodes.flatMap { agenda(of: $0) }
        prepareOwed(play)
        await gatherFacts(play)
        await learnOwed()
        await runOwed()
        await withDiscardingTaskGroup { group in
            if needsConnections { for host in members { group.addTask { await self.connect(host) } } }
            for (number, section) in nodes.enumerated() {
                let going = batch.hosts.filter(isGoing)
                if going.isEmpty || batch.isOver { break }
                _ = await run(section, on: going, canRescue: false)
                if number == nodes.count - 1 { notifyPostponed() }
                await flushHandlers()
            }
        }
        if forcesHandlers(play) { await forceHandlers() }
        await closeOwed()
        for host in batch.failures.keys where standing[host] == .present { standing[host] = .failed }
    }

    /// Opens a host's connection early; whoever needs it first learns of what goes wrong.
    private func connect(_ host: Int) async {
        // Only to be early: what goes wrong here is met, and told, when the first task needs the host.
        guard standing[host] == .present, earlyFailures[host] == nil, let target = try? playTarget(of: host) else {
            return
        }
        // As above.
        _ = try? await dialer.transport(to: target.route)
    }

    /// Whether any task of the play will talk to its hosts.
    var needsConnections: Bool {
        batch.agenda.contains { task in
            guard case .module(let call) = task.action else { return false }
            return !call.specification.runsOnController && task.settings[.delegateTo] == nil
                && task.settings[.connection] == nil
        }
    }

    // MARK: Hosts

    /// The hosts of a play, in the order it takes them and as its pattern lists them.
    func hosts(of play: Play) throws -> (inOrder: [Int], listed: [Int]) {
        var found = try selection(pattern(of: play)).hosts
        if let limit = view.options.limit {
            let allowed = Set(try selection(limit).hosts)
            found = found.filter { allowed.contains($0) }
        }
        let listed = found.map(index(of:))
        switch play.order {
        case .inventory: break
        case .reverseInventory: found.reverse()
        case .sorted: found.sort()
        case .reverseSorted: found.sort(by: >)
        }
        return (found.map(index(of:)), listed)
    }

    private func pattern(of play: Play) throws -> String {
        let pattern = try playValue(play.hosts)
        if case .list(let items) = pattern { return items.compactMap(\.plainText).joined(separator: ",") }
        return pattern.plainText ?? ""
    }

    /// Parts of a play's pattern that match nothing, told when earlier plays might have made hosts for them.
    private func warnOfUnmatched(_ play: Play) async throws {
        for part in try selection(pattern(of: play)).unmatched where part.isUnknown {
            await emit(.warning(ErrorReport(part.fault.located(at: play.location))))
        }
    }

    /// Hosts that a pattern names, in groups of the inventory and in those made by tasks.
    private func selection(_ pattern: String) throws -> HostSelection {
        if madeGroups.isEmpty { return try view.inventory.selectHosts(matching: pattern) }
        let inventory = extendedInventory ?? view.inventory.adding(groups: madeGroups)
        extendedInventory = inventory
        return try inventory.selectHosts(matching: pattern)
    }

    private func batchSize(_ value: Value) throws -> BatchSize {
        let value = try playValue(value)
        guard let size = BatchSize(value.plainText ?? "") else {
            throw InputError("serial comes to '\(PlainText.of(value))', which is neither a number nor a percentage")
        }
        return size
    }

    // MARK: Variables

    /// The value of a keyword of the play, which may use the command line's and the play's variables.
    private func playValue(_ value: Value) throws -> Value {
        guard value.holdsTemplate else { return value }
        return try view.evaluation.value(
            value, in: StaticScope(variables: [view.state.extra], groups: view.state.groups))
    }

    private func playText(_ value: Value) throws -> String {
        if case .list(let items) = value { return items.compactMap(\.plainText).joined(separator: ",") }
        // A name is only for show: one that cannot be evaluated stands as written.
        return (try? playValue(value).plainText) ?? value.text ?? ""
    }

    private func playMagic(_ name: String) -> Variables {
        let folder = FileSearch.absolute(playbook.folder(of: batch.play))
        return [
            "ansible_play_name": .string(name), "playbook_dir": .string(folder),
            "ansible_play_hosts_all": names(batch.playHosts),
        ]
    }

    private func names(_ hosts: [Int]) -> Value { .list(hosts.map { .string(view.state.hosts[$0].name.description) }) }

    /// Brings the lists of hosts that templates see up to date.
    func refreshPlayHosts() {
        func takesPart(_ host: Int) -> Bool {
            standing[host] == .present && batch.failures[host] == nil && batch.suspended[host] == nil
                && !batch.ended.contains(host) && !batch.removed.contains(host)
        }
        let members = names(batch.hosts.filter(takesPart))
        view.play.magic["ansible_play_hosts"] = names(batch.playHosts.filter(takesPart))
        view.play.magic["ansible_play_batch"] = members
        view.play.magic["play_hosts"] = members
        let failed = batch.hosts.filter { batch.failures[$0] != nil || standing[$0] == .failed }
        view.play.magic["ansible_failed_hosts"] = names(failed)
        view.play.magic["ansible_current_hosts"] = names(
            batch.hosts.filter { standing[$0] == .present && batch.failures[$0] == nil })
    }

    /// Tells templates which roles the play uses, those included meanwhile among them.
    func noteRoles(_ sources: [RoleSource]) {
        batch.roleNames.own += sources.suffix(1).map(\.name)
        batch.roleNames.dependent += sources.dropLast().map(\.name)
        guard let play = batch.play else { return }
        let own = play.roleNames.own + batch.roleNames.own
        let dependent = OrderedSet(play.roleNames.dependent + batch.roleNames.dependent)
        func list(_ names: some Sequence<String>) -> Value { .list(names.map { .string($0) }) }
        view.play.magic["ansible_play_role_names"] = list(own)
        view.play.magic["role_names"] = list(own)
        view.play.magic["ansible_dependent_role_names"] = list(dependent)
        view.play.magic["ansible_role_names"] = list(dependent.union(own))
    }

    private func readVarsFiles(_ play: Play, _ members: [Int]) async {
        for host in members {
            view.state.hosts[host].playFiles = [:]
            for file in play.varsFiles {
                do {
                    let variables = try variables(of: file, host, play)
                    view.state.hosts[host].playFiles.merge(variables) { _, later in later }
                } catch {
                    let name = view.state.hosts[host].name
                    await emit(error, in: .varsFiles, at: ErrorPlace(play.location, host: name))
                    standing[host] = .failed
                    counters[host].failed += 1
                }
            }
        }
    }

    func variables(of file: Value, _ host: Int, _ play: Play) throws -> Variables {
        let scope = view.scope(host, play.settings)
        let names: [Value] = if case .list(let list) = file { list } else { [file] }
        let folder = playbook.folder(of: play)
        for name in names {
            let text = try view.evaluation.text(name, in: scope)
            guard let path = FileSearch.find(text, kind: "vars", in: [folder]) else { continue }
            return try view.evaluation.files.variables(of: path)
        }
        throw InputError(
            .missing, "none of these files is there: \(names.map(PlainText.of).joined(separator: ", "))",
            hints: ["looked for in: \(folder)/vars, \(folder)"])
    }

    /// Tells what went wrong beside any task, at `place` as far as the error knows none closer.
    func emit(_ error: any Error, in part: RunPart, at place: ErrorPlace) async {
        await emit(.error(ErrorReport(error).located(at: place), in: part))
    }
}
