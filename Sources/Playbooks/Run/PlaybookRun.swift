import Fleet
public import Inventories
import OrderedCollections
import Values

/// One run of a playbook over the hosts of an inventory.
///
/// Decisions are made one after another on this actor; only requests to hosts run side by side.
public actor PlaybookRun {
    let playbook: Playbook
    let dialer: Dialer
    /// The folder whose `group_vars` and `host_vars` count, beside those of the inventory's sources.
    private var folder: String?
    let clock: any Clock<Duration>
    private let tell: @Sendable ([RunEvent]) async -> Void
    let tags: TagSelection

    /// What decisions are made from.
    var view: RunView
    /// Reads what is included while the playbook runs.
    var reader: PlaybookReader
    /// How each host stands, by its index.
    var standing: [Standing] = []
    var counters: [HostCounters] = []
    /// Groups that `group_by` and `add_host` made.
    var madeGroups: OrderedDictionary<String, [HostName]> = [:]
    /// The inventory with those groups, while it is up to date.
    var extendedInventory: Inventory?
    var batch: SerialBatch
    /// The task at hand on each of its hosts.
    var inFlight: [HostTask] = []
    /// When the task at hand began on each of its hosts, and how long it took.
    var timings: [(start: Duration, elapsed: Duration)] = []
    var isAborted = false
    /// Whether a play has run that may have added hosts or groups.
    var mayHaveMadeHosts = false
    /// What the batch's hosts remember of handlers that they are owed, by the host's index.
    var owed: [Int: OwedState] = [:]
    /// What went wrong with a host before any task needed it; told to the one that needs it first.
    var earlyFailures: [Int: (route: Route, error: TransportError)] = [:]
    /// Whether handlers that an earlier run owes have run, or would run.
    var ranOwed = false
    /// Hosts for which something was not begun, or not ended.
    var left: Set<Int> = []
    /// Handlers that did not run when they should have.
    var leftHandlers: [Leftovers.Handler] = []
    /// What tasks have come to on hosts that are alike, by the task's number.
    private var sharedTasks: [Int: SharedTask] = [:]
    /// What has happened and has not been told.
    private var untold: [RunEvent] = []
    /// What hosts were asked with.
    var scripts = ProbeScripts()
    private let elapsedSince: @Sendable () -> Duration

    /// Whether a host still takes part.
    enum Standing: Equatable {
        case present
        case failed
        case unreachable
    }

    /// A run that has not begun.
    ///
    /// - Parameters:
    ///   - clock: Measures time and waits between retries.
    ///   - events: Gets everything that happens, in order; what comes out at one moment comes together.
    public init(
        _ playbook: Playbook, inventory: Inventory, dialer: Dialer, options: RunOptions = RunOptions(),
        clock: any Clock<Duration> = ContinuousClock(), events: @escaping @Sendable ([RunEvent]) async -> Void
    ) {
        self.playbook = playbook
        self.dialer = dialer
        self.clock = clock
        tell = events
        tags = TagSelection(only: options.tags, skip: options.skipTags)
        reader = playbook.reader
        batch = SerialBatch(hosts: [])
        view = RunView(
            state: VariableState(), options: options, inventory: inventory.beside(Array(playbook.folders.prefix(1))),
            evaluation: playbook.evaluation.with(inventory: inventory))
        elapsedSince = Self.stopwatch(clock)
        folder = playbook.folders.first
        view.state = Self.state(view.inventory, options, playbook)
        standing = Array(repeating: .present, count: view.state.hosts.count)
        counters = Array(repeating: HostCounters(), count: view.state.hosts.count)
    }

    /// Runs all plays. Failures of hosts are in the recap and the events, never thrown.
    public func run() async -> Recap {
        for (number, play) in playbook.plays.enumerated() {
            if isAborted || isStopping {
                leavePlays(from: number)
                break
            }
            await run(play)
            mayHaveMadeHosts = mayHaveMadeHosts || play.mayMakeHosts
        }
        let recap = recap()
        await emit(.finished(recap))
        return recap
    }

    /// Whether somebody wants the run to end.
    var isStopping: Bool { Task.isCancelled || view.options.isStopping() }

    /// Time since the run was made.
    var now: Duration { elapsedSince() }

    // MARK: Events

    /// Notes what is told with the next event, or by ``tellNoted()``.
    func note(_ event: RunEvent) { untold.append(event) }

    /// Tells an event, after all that were noted.
    func emit(_ event: RunEvent) async {
        note(event)
        await tellNoted()
    }

    /// Tells what was noted.
    func tellNoted() async {
        if untold.isEmpty { return }
        let events = untold
        untold = []
        await tell(events)
    }

    // MARK: Alike hosts

    /// What a task has come to on hosts that are alike, which others may share.
    func shared(of task: PlayTask) -> SharedTask {
        guard view.options.sharesAmongHosts else { return SharedTask() }
        if let known = sharedTasks[task.id] { return known }
        let made = SharedTask()
        sharedTasks[task.id] = made
        return made
    }

    /// Forgets what is shared of a task that has run, or of all: files of this machine may have changed.
    func forgetShared(of task: PlayTask? = nil) {
        guard let task else {
            sharedTasks = [:]
            return
        }
        sharedTasks[task.id] = nil
    }

    private static func stopwatch(_ clock: some Clock<Duration>) -> @Sendable () -> Duration {
        let start = clock.now
        return { start.duration(to: clock.now) }
    }

    private static func state(_ inventory: Inventory, _ options: RunOptions, _ playbook: Playbook) -> VariableState {
        var state = VariableState()
        for host in inventory.hosts { _ = state.add(hostVariables(host, inventory)) }
        state.groups = inventory.groupsVariable
        state.extra = options.extra
        state.global = [
            "ansible_check_mode": .bool(options.isCheck), "ansible_diff_mode": .bool(options.wantsDiff),
            "ansible_verbosity": .int(0), "ansible_version": Self.version,
            "ansible_run_tags": .list((options.tags.isEmpty ? ["all"] : options.tags).map { .string($0) }),
            "ansible_skip_tags": .list(options.skipTags.map { .string($0) }),
            "ansible_managed": .string("Ansible managed"), "ansible_forks": .int(options.forks),
            "ansible_inventory_sources": .list(options.inventorySources.map { .string($0) }),
            // Drover reads no ansible.cfg.
            "ansible_config_file": .null, "ansible_playbook_python": .string(FileSearch.python),
        ]
        if let limit = options.limit { state.global["ansible_limit"] = .string(limit) }
        return state
    }

    /// The version of Ansible whose behaviour is followed, for playbooks that ask.
    private static let version: Value = .map([
        "full": .string("2.19.14"), "major": .int(2), "minor": .int(19), "revision": .int(14),
        "string": .string("2.19.14"),
    ])

    static func hostVariables(_ host: HostName, _ inventory: Inventory) -> HostVariables {
        HostVariables(name: host, inventory: inventory.variables(of: host), magic: inventory.magic(for: host))
    }

    /// Has the variables count that stand beside the playbook of `play`, and of those beside playbooks no others.
    func takeVariables(beside play: Play) {
        let folder = playbook.folder(of: play)
        guard folder != self.folder else { return }
        self.folder = folder
        view.inventory = view.inventory.beside([folder])
        extendedInventory = nil
        for index in view.state.hosts.indices {
            let variables = view.inventory.variables(of: view.state.hosts[index].name)
            view.state.hosts[index].inventory = variables.merging(view.state.hosts[index].added) { _, added in added }
        }
    }

    /// The index of a host, which is taken in when it was unknown.
    func index(of host: HostName) -> Int {
        if let index = view.state.index(of: host.description) { return index }
        standing.append(.present)
        counters.append(HostCounters())
        return view.state.add(Self.hostVariables(host, view.inventory))
    }

    private func recap() -> Recap {
        var recap = Recap(elapsed: now)
        recap.isAborted = isAborted || isStopping
        recap.owesHandlers = ranOwed
        recap.left = leftovers
        for (index, host) in view.state.hosts.enumerated() where counters[index] != HostCounters() {
            recap.hosts.append(HostRecap(host: host.name, counters: counters[index]))
        }
        return recap
    }
}
