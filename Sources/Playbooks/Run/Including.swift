import Fleet
import OrderedCollections
import TaskModules
import Values

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
            if hosts.isEmpty { continue }
            do throws(InputError) {
                let read = try nodes(of: inclusion.effect, task, inclusion.locals)
                adopt(read.role, task)
                if !read.isScheduled { batch.schedule(agenda(of: read.nodes)) }
                let nodes = read.nodes
                _ = await run(nodes, on: hosts.filter(isGoing), canRescue: canRescue)
            } catch {
                for host in hosts { await fail(host, task, error) }
            }
        }
    }

    private func fail(_ host: Int, _ task: PlayTask, _ error: InputError) async {
        counters[host].ok -= 1
        counters[host].failed += 1
        let result = TaskResult(ErrorReport(error))
        batch.failures[host] = SerialBatch.Failure(
            task: task, name: task.action.name, result: RegisteredValue.map(result))
        await emit(error, in: .include, at: ErrorPlace(task.location, host: view.state.hosts[host].name))
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
    private func parameters(_ task: PlayTask, _ locals: Variables) -> [Variables] {
        let own = task.settings.vars.dropFirst(outerVars(of: task)).map { $0 }
        return own + (locals.isEmpty ? [] : [locals])
    }

    /// How many layers of `vars` the include has from what is around it.
    private func outerVars(of task: PlayTask) -> Int {
        switch task.action {
        case .includeTasks(let include): include.outerVars
        case .includeRole(let include): include.outerVars
        default: 0
        }
    }

    /// Tasks that an include brings in.
    struct Reading {
        var nodes: [PlayNode]
        /// The role they come from.
        var role: ReadRole?
        /// Whether the agenda has them already.
        var isScheduled = false
    }

    private func nodes(
        of effect: Effect, _ task: PlayTask, _ locals: Variables
    ) throws(InputError) -> Reading {
        if locals.isEmpty, let known = batch.foreseen[task.id] { return known }
        return try read(effect, task, locals, chain: [])
    }

    private func read(
        _ effect: Effect, _ task: PlayTask, _ locals: Variables, chain: [String]?
    ) throws(InputError) -> Reading {
        switch (effect, task.action) {
        case (.includeTasks(let file), .includeTasks(let include)):
            var place = include.place
            place.settings.includeParameters = task.settings.includeParameters + parameters(task, locals)
            let path = try reader.taskFile(file, place, at: task.location)
            if let chain { place.importChain = chain }
            return Reading(nodes: try reader.tasks(of: path, place, at: task.location))
        case (.includeRole(let name, let files), .includeRole(let include)):
            var place = include.place
            place.settings.includeParameters = task.settings.includeParameters + parameters(task, locals)
            var use = RoleUse(name: name, location: task.location)
            use.files = files
            use.allowsDuplicates = include.allowsDuplicates
            use.taskVars = parameters(task, locals)
            if let role = place.role { use.parents = [role.source] + role.parents }
            let role = try reader.role(use, place)
            return Reading(nodes: [.block(role.block)], role: role)
        default: return Reading(nodes: [])
        }
    }

    /// A role's handlers, and its variables when they are public, belong to the play from here on.
    private func adopt(_ role: ReadRole?, _ task: PlayTask) {
        guard let role, case .includeRole(let include) = task.action else { return }
        for handlers in role.handlers { batch.handlers.add(handlers) }
        noteRoles(role.sources)
        guard include.isPublic else { return }
        for source in role.sources {
            for host in batch.hosts {
                view.state.hosts[host].publicRoleVars.merge(source.vars) { _, new in new }
                view.state.hosts[host].publicRoleDefaults.merge(source.defaults) { _, new in new }
            }
        }
    }

    // MARK: ProbePrefetch

    /// The tasks that an include with a literal name will bring in, so that their questions can be asked early.
    func agenda(below task: PlayTask) -> [PlayTask] {
        guard task.loop == nil, let effect = literalEffect(of: task) else { return [] }
        do throws(InputError) {
            var reading = try read(effect, task, [:], chain: nil)
            reading.isScheduled = true
            batch.foreseen[task.id] = reading
            return agenda(of: reading.nodes)
        } catch {
            // What is wrong is said when the include runs; a file that includes itself is read when it does.
            return []
        }
    }

    private func literalEffect(of task: PlayTask) -> Effect? {
        switch task.action {
        case .includeTasks(let include):
            guard case .string(let file) = include.file else { return nil }
            return .includeTasks(file: file)
        case .includeRole(let include):
            let around = include.place.role.map { [$0.source] + $0.parents } ?? []
            let isNested = around.contains { $0.name == include.name.text }
            guard case .string(let name) = include.name, !isNested,
                !include.files.values.contains(where: \.holdsTemplate)
            else { return nil }
            return .includeRole(name: name, files: include.files)
        default: return nil
        }
    }
}
