import Fleet
import Inventories
import OrderedCollections

/// Plays and their batches.
extension PlaybookRun {
    func run(_ play: Play) async {
        let name: String
        let hosts: [Int]
        let batches: [[Int]]
        do {
            name = try playText(play.name)
            hosts = try self.hosts(of: play)
            let sizes = try play.serial.map(batchSize)
            batches = BatchSize.split(hosts, sizes: sizes)
        } catch {
            isAborted = true
            return await emit(.warning("play '\(play.name.text ?? "")' cannot run: \(Self.text(of: error))"))
        }
        guard !hosts.isEmpty else {
            return await emit(.playSkipped(name: name, reason: "no hosts matched"))
        }
        for (number, members) in batches.enumerated() {
            let present = members.filter { standing[$0] == .present }
            if present.isEmpty { continue }
            let heading = PlayHeading(
                name: name, hosts: present.map { view.state.hosts[$0].name },
                batch: batches.count > 1 ? (number + 1, batches.count) : nil)
            await emit(.playStarted(heading))
            await run(play, name: name, on: present, of: hosts)
            if batch.breaksRun || present.allSatisfy({ standing[$0] != .present }) {
                isAborted = true
                return
            }
            if isStopping { return }
        }
    }

    private func run(_ play: Play, name: String, on members: [Int], of all: [Int]) async {
        batch = Batch(hosts: members)
        batch.play = play
        batch.handlers = HandlerIndex(play.handlers)
        view.endpoints = [:]
        view.play = PlayScope(play)
        view.play.magic = playMagic(name, members: members, all: all)
        await readVarsFiles(play, members)
        for host in members {
            // What is wrong with a host's connection is said by the first task that needs it.
            view.endpoints[view.state.hosts[host].name] = try? EndpointFinder(view: view).endpoint(
                of: view.state.hosts[host].name, scope: view.scope(host, play.settings))
        }
        let nodes = play.sections
        batch.agenda = nodes.flatMap { agenda(of: $0) }
        await gatherFacts(play)
        await withDiscardingTaskGroup { group in
            if needsConnections { for host in members { group.addTask { await self.connect(host) } } }
            for section in nodes {
                let going = batch.hosts.filter(isGoing)
                if going.isEmpty || batch.isOver { break }
                _ = await run(section, on: going, canRescue: false)
                await flushHandlers()
            }
        }
        if forcesHandlers(play) { await flushHandlers(forced: true) }
        for host in batch.failures.keys where standing[host] == .present { standing[host] = .failed }
    }

    /// Opens a host's connection early; whoever needs it first learns of what goes wrong.
    private func connect(_ host: Int) async {
        // Only to be early: what goes wrong here is met, and told, when the first task needs the host.
        guard standing[host] == .present, let target = try? playTarget(of: host) else { return }
        // As above.
        _ = try? await connector.transport(to: target.endpoint)
    }

    /// Whether any task of the play will talk to its hosts.
    private var needsConnections: Bool {
        batch.agenda.contains { task in
            guard case .module(let call) = task.action else { return false }
            return !call.specification.runsOnController && task.settings[.delegateTo] == nil
                && task.settings[.connection] == nil
        }
    }

    // MARK: Hosts

    func hosts(of play: Play) throws -> [Int] {
        let pattern = try playValue(play.hosts)
        let parts: [String]
        if case .list(let items) = pattern {
            parts = items.compactMap(\.plainText)
        } else {
            parts = [pattern.plainText ?? ""]
        }
        var found = try matching(parts.joined(separator: ","))
        if let limit = view.options.limit {
            let allowed = Set(try matching(limit))
            found = found.filter { allowed.contains($0) }
        }
        switch play.order {
        case .inventory: break
        case .reverseInventory: found.reverse()
        case .sorted: found.sort()
        case .reverseSorted: found.sort(by: >)
        }
        return found.map(index(of:)).filter { standing[$0] == .present }
    }

    /// Hosts that a pattern names, in groups of the inventory and in those made by tasks.
    private func matching(_ pattern: String) throws -> [HostName] {
        guard !madeGroups.isEmpty, !pattern.hasPrefix("@") else {
            return try view.inventory.selectHosts(matching: pattern).hosts
        }
        let parts = pattern.split(whereSeparator: { $0 == "," || $0 == ":" }).map { trimmed(String($0)) }
        func members(_ name: String) throws -> [HostName] {
            var found = try view.inventory.selectHosts(matching: name).hosts
            for host in madeGroups[name] ?? [] where !found.contains(host) { found.append(host) }
            if let host = view.state.index(of: name).map({ view.state.hosts[$0].name }), !found.contains(host) {
                found.append(host)
            }
            return found
        }
        var chosen: OrderedSet<HostName> = []
        for part in parts where !part.hasPrefix("!") && !part.hasPrefix("&") { chosen.formUnion(try members(part)) }
        for part in parts where part.hasPrefix("&") { chosen.formIntersection(try members(String(part.dropFirst()))) }
        for part in parts where part.hasPrefix("!") { chosen.subtract(try members(String(part.dropFirst()))) }
        return Array(chosen)
    }

    private func batchSize(_ value: Value) throws -> BatchSize {
        let value = try playValue(value)
        guard let size = BatchSize(value.plainText ?? "") else {
            throw TaskFailure("serial comes to '\(PlainText.of(value))', which is neither a number nor a percentage")
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

    private func playMagic(_ name: String, members: [Int], all: [Int]) -> Variables {
        func names(_ hosts: [Int]) -> Value { .list(hosts.map { .string(view.state.hosts[$0].name.description) }) }
        let folder = FileSearch.absolute(playbook.folder(of: batch.play))
        var magic: Variables = [
            "ansible_play_name": .string(name), "ansible_play_batch": names(members),
            "ansible_play_hosts_all": names(all), "playbook_dir": .string(folder),
            "ansible_play_role_names": .list((batch.play?.roles ?? []).map { .string($0.name) }),
        ]
        magic["role_names"] = magic["ansible_play_role_names"]
        let survivors = names(all.filter { standing[$0] == .present })
        magic["ansible_play_hosts"] = survivors
        magic["play_hosts"] = names(members)
        return magic
    }

    /// Takes hosts that are out off the lists that templates see.
    func refreshPlayHosts() {
        func without(_ name: String) {
            guard case .list(let items)? = view.play.magic[name] else { return }
            view.play.magic[name] = .list(
                items.filter { item in
                    guard let index = item.text.flatMap(view.state.index(of:)) else { return true }
                    return standing[index] == .present && batch.failures[index] == nil
                })
        }
        for name in ["ansible_play_hosts", "play_hosts", "ansible_play_batch"] { without(name) }
    }

    private func readVarsFiles(_ play: Play, _ members: [Int]) async {
        for host in members {
            view.state.hosts[host].playFiles = [:]
            for file in play.varsFiles {
                do {
                    let variables = try variables(of: file, host, play)
                    view.state.hosts[host].playFiles.merge(variables) { _, later in later }
                } catch {
                    await emit(.warning("\(view.state.hosts[host].name): vars_files: \(Self.text(of: error))"))
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
        throw TaskFailure("none of these files is there: \(names.map(PlainText.of).joined(separator: ", "))")
    }

    /// What an error comes to that is none of a transport's.
    static func code(of error: any Error) -> TransportError.Code { error is CancellationError ? .cancelled : .internal }

    static func text(of error: any Error) -> String {
        (error as? any ExplainedError)?.message ?? String(describing: error)
    }
}
