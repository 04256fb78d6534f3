import Fleet
import OrderedCollections

/// Tasks and roles that are brought in while the playbook runs.
extension PlaybookRun {
    /// What one include brings in, for the hosts that want the same.
    private struct Inclusion {
        var effect: Effect
        var locals: Variables
        var hosts: [Int]
        let key: String
    }

    /// Runs what an include named, one file after another, each on all hosts that named it.
    func runIncluded(_ finished: [HostTask], of task: PlayTask, canRescue: Bool) async {
        for inclusion in inclusions(finished) {
            let hosts = inclusion.hosts.filter(isGoing)
            guard let first = hosts.first else { continue }
            do throws(InputError) {
                let nodes = try nodes(of: inclusion.effect, task, parameters(task, inclusion.locals, first))
                batch.schedule(agenda(of: nodes))
                _ = await run(nodes, on: hosts, canRescue: canRescue)
            } catch {
                for host in hosts { await fail(host, task, error) }
            }
        }
    }

    private func fail(_ host: Int, _ task: PlayTask, _ error: InputError) async {
        counters[host].ok -= 1
        counters[host].failed += 1
        let result = TaskResult(failed: true, message: error.message)
        batch.failures[host] = Batch.Failure(
            task: task, name: task.action.name, result: RegisteredValue.map(result))
        await emit(.warning("\(error.subject.map { $0 + ": " } ?? "")\(error.message)"))
    }

    private func inclusions(_ finished: [HostTask]) -> [Inclusion] {
        var inclusions: [Inclusion] = []
        for done in finished {
            for result in done.results {
                guard let effect = result.effect, !result.result.failed, !result.result.skipped else { continue }
                let key: String
                switch effect {
                case .includeTasks(let file): key = file
                case .includeRole(let name, let files): key = "\(name) \(files.values.map(PlainText.of).sorted())"
                default: continue
                }
                if let same = inclusions.firstIndex(where: { $0.key == key && $0.locals == result.locals }) {
                    inclusions[same].hosts.append(done.host)
                } else {
                    inclusions.append(Inclusion(effect: effect, locals: result.locals, hosts: [done.host], key: key))
                }
            }
        }
        return inclusions
    }

    /// Variables that the included tasks see: `vars` of the include, and the item it was included for.
    private func parameters(_ task: PlayTask, _ locals: Variables, _ host: Int) -> [Variables] {
        let own = task.settings.vars.dropFirst(outerVars(of: task)).map { $0 }
        return (locals.isEmpty ? [] : [locals]) + own
    }

    /// How many layers of `vars` the include has from what is around it.
    private func outerVars(of task: PlayTask) -> Int {
        switch task.action {
        case .includeTasks(let include): include.outerVars
        case .includeRole(let include): include.outerVars
        default: 0
        }
    }

    private func nodes(
        of effect: Effect, _ task: PlayTask, _ parameters: [Variables]
    ) throws(InputError) -> [PlayNode] {
        switch (effect, task.action) {
        case (.includeTasks(let file), .includeTasks(let include)):
            var place = include.place
            place.settings.includeParameters = task.settings.includeParameters + parameters
            let path = try reader.taskFile(file, place, at: task.location)
            place.importChain = []
            return try reader.tasks(of: path, place, at: task.location)
        case (.includeRole(let name, let files), .includeRole(let include)):
            var place = include.place
            place.settings.includeParameters = task.settings.includeParameters + parameters
            return try nodes(ofRole: name, files, include, place, at: task.location)
        default: return []
        }
    }

    private func nodes(
        ofRole name: String, _ files: [String: Value], _ include: IncludeRole, _ place: ReadingPlace,
        at location: SourceLocation
    ) throws(InputError) -> [PlayNode] {
        var use = RoleUse(name: name, location: location)
        use.files = files
        use.allowsDuplicates = include.allowsDuplicates
        use.key = "\(name) \(files)"
        if let role = place.role { use.parents = [role.source] + role.parents }
        let role = try reader.role(use, place)
        for handlers in role.handlers { batch.handlers.add(handlers) }
        if include.isPublic {
            for source in role.sources {
                for host in batch.hosts {
                    view.state.hosts[host].publicRoleVars.merge(source.vars) { _, new in new }
                    view.state.hosts[host].publicRoleDefaults.merge(source.defaults) { _, new in new }
                }
            }
        }
        return [.block(role.block)]
    }
}
