/// One figure of a host over an interval: the columns of `sar`, and what it does not have (pressure, refaults, throttling).
///
/// The raw value names the figure in a history, in JSON and in what an agent answers: a reader of another version finds what
/// it knows by name, and passes over the rest.
public enum Metric: String, CaseIterable, Sendable {
    // Shares of the processors that the host may use, in percent, as `sar -u` has them (guest time is in `user`).
    case user = "cpu.user"
    case nice = "cpu.nice"
    case system = "cpu.system"
    /// Not known of a control group.
    case iowait = "cpu.iowait"
    /// Not known of a control group.
    case steal = "cpu.steal"
    case idle = "cpu.idle"
    /// Processors' worth of time that was used: 1.5 is one and a half.
    case busyProcessors = "cpu.busy"
    /// Processors that the host may use: those online, or fewer by a control group's quota or set.
    case allowedProcessors = "cpu.allowed"
    /// Share of the scheduler's periods in which the host's own quota held it back, in percent; 0 where it has none.
    case throttled = "cpu.throttled"

    // Run queue and load, `sar -q` and `-w`.
    case runQueue = "queue.running"
    case tasks = "queue.tasks"
    case load1 = "queue.load1"
    case load5 = "queue.load5"
    case load15 = "queue.load15"
    case blocked = "queue.blocked"
    case contextSwitches = "queue.switches"
    case forks = "queue.forks"

    // Memory in KiB, `sar -r`.
    case memoryTotal = "memory.total"
    case memoryFree = "memory.free"
    case memoryAvailable = "memory.available"
    case memoryUsed = "memory.used"
    case memoryBuffers = "memory.buffers"
    case memoryCached = "memory.cached"
    case memoryDirty = "memory.dirty"
    case memoryCommitted = "memory.committed"
    case memoryActive = "memory.active"
    case memoryInactive = "memory.inactive"
    /// What processes hold that no file stands behind.
    case memoryAnonymous = "memory.anonymous"
    case memoryActiveFile = "memory.activefile"
    case memoryInactiveFile = "memory.inactivefile"

    // Swap in KiB and pages a second, `sar -S` and `-W`.
    case swapTotal = "swap.total"
    case swapFree = "swap.free"
    case swapIn = "swap.in"
    case swapOut = "swap.out"

    // Paging a second, `sar -B`.
    case pagedIn = "paging.in"
    case pagedOut = "paging.out"
    case faults = "paging.faults"
    case majorFaults = "paging.major"
    case pagesFreed = "paging.freed"
    case pagesScannedByDaemon = "paging.scank"
    case pagesScannedDirectly = "paging.scand"
    case pagesStolen = "paging.stolen"
    /// File pages a second that were read again because they had been dropped shortly before (`workingset_refault_file`).
    case refaults = "paging.refaults"
    /// Processes a second that were killed for want of memory.
    case outOfMemoryKills = "memory.oomkills"

    // Share of the interval in which tasks waited for a resource, in percent (`/proc/pressure`: some, or all of them).
    case cpuPressure = "pressure.cpu"
    case cpuPressureFull = "pressure.cpufull"
    case memoryPressure = "pressure.memory"
    case memoryPressureFull = "pressure.memoryfull"
    case ioPressure = "pressure.io"
    case ioPressureFull = "pressure.iofull"

    // TCP: connections that stand, the others a second, `sar -n TCP,ETCP,SOCK`.
    case established = "tcp.established"
    case connectionsOpened = "tcp.opened"
    case connectionsAccepted = "tcp.accepted"
    case segmentsIn = "tcp.in"
    case segmentsOut = "tcp.out"
    case retransmits = "tcp.retransmits"
    case listenOverflows = "tcp.overflows"
    case listenDrops = "tcp.drops"
    case sockets = "tcp.sockets"
    case timeWait = "tcp.timewait"

    // File handles of the machine, `sar -v`.
    case fileHandles = "files.handles"
    case fileHandleLimit = "files.limit"

    // All disks together a second, `sar -b`.
    case transfers = "io.transfers"
    case readTransfers = "io.reads"
    case writeTransfers = "io.writes"
    /// Sectors of 512 bytes.
    case sectorsRead = "io.sectorsread"
    case sectorsWritten = "io.sectorswritten"

    /// Place of the figure among all.
    public var index: Int { Self.indices[self] ?? 0 }

    private static let indices = Dictionary(
        uniqueKeysWithValues: allCases.enumerated().map { ($0.element, $0.offset) })
}
