/// What a control group's files say of the container whose root it is.
struct GroupCounters: Sendable, Equatable {
    /// Microseconds of processor time since the group was made.
    var usage, user, system, nice: UInt64?
    /// Periods of the scheduler, and those in which the quota held the group back.
    var periods, throttledPeriods: UInt64?
    /// Microseconds in which it was held back, summed over its processors.
    var throttledTime: UInt64?
    /// Processors' worth of time that the quota lets it have.
    var quota: Double?
    /// Processors that it may run on.
    var processors: Int?
    var tasks: UInt64?
    /// In bytes; no limit is `nil`.
    var memory, memoryLimit, swap, swapLimit: UInt64?
    var memoryFigures = NamedNumbers()
    var outOfMemoryKills: UInt64?
    var transfers: GroupTransfers?
    var cpuPressure, memoryPressure, ioPressure: PressureTotals?

    /// The group's figures; `nil` where these files are a machine's root, or none are there.
    init?(_ files: CounterFiles) {
        guard let root = Self.root(of: files) else { return nil }
        if let path = root.version2 { readVersion2(files, at: path) }
        readVersion1(files)
    }

    /// A container whose group is not to be seen: its figures are not known, and the machine's are not its own.
    init() {}

    private struct Root {
        var version2: String?
    }

    /// Where the group's files of version 2 are; they may stand beside some of version 1.
    private static func root(of files: CounterFiles) -> Root? {
        for path in CounterFiles.groupRoots where files["\(path)/cgroup.type"] != nil { return Root(version2: path) }
        let onMachine = CounterFiles.groupRoots.contains {
            files["\($0)/cpu.pressure"] != nil || files["\($0)/cpu.stat"] != nil
        }
        guard !onMachine, files["/sys/fs/cgroup/memory/memory.usage_in_bytes"] != nil,
            files[CounterFiles.rootMark] == nil
        else { return nil }
        return Root(version2: nil)
    }

    private mutating func readVersion2(_ files: CounterFiles, at root: String) {
        func numbers(_ name: String) -> NamedNumbers { NamedNumbers.lines(files["\(root)/\(name)"] ?? []) }
        func number(_ name: String) -> UInt64? { files["\(root)/\(name)"].flatMap(Self.firstNumber) }
        let cpu = numbers("cpu.stat")
        (usage, user, system, nice) = (cpu["usage_usec"], cpu["user_usec"], cpu["system_usec"], cpu["nice_usec"])
        (periods, throttledPeriods, throttledTime) = (cpu["nr_periods"], cpu["nr_throttled"], cpu["throttled_usec"])
        quota = files["\(root)/cpu.max"].flatMap(Self.quota)
        processors = files["\(root)/cpuset.cpus.effective"].flatMap(Self.count)
        tasks = number("pids.current")
        (memory, memoryLimit) = (number("memory.current"), number("memory.max"))
        (swap, swapLimit) = (number("memory.swap.current"), number("memory.swap.max"))
        memoryFigures = numbers("memory.stat")
        outOfMemoryKills = numbers("memory.events")["oom_kill"]
        transfers = files["\(root)/io.stat"].flatMap(GroupTransfers.init)
        cpuPressure = PressureTotals(files["\(root)/cpu.pressure"])
        memoryPressure = PressureTotals(files["\(root)/memory.pressure"])
        ioPressure = PressureTotals(files["\(root)/io.pressure"])
    }

    /// What version 2 does not say; in a tree of both, each controller is in one of them.
    private mutating func readVersion1(_ files: CounterFiles) {
        func file(_ name: String) -> [UInt8]? { files["/sys/fs/cgroup/\(name)"] }
        func number(_ name: String) -> UInt64? { file(name).flatMap(Self.firstNumber) }
        let cpu = NamedNumbers.lines(file("cpu/cpu.stat") ?? [])
        let times = NamedNumbers.lines(file("cpuacct/cpuacct.stat") ?? [])
        usage = usage ?? number("cpuacct/cpuacct.usage").map { $0 / 1000 }
        user = user ?? times["user"].map { $0 &* 10_000 }
        system = system ?? times["system"].map { $0 &* 10_000 }
        periods = periods ?? cpu["nr_periods"]
        throttledPeriods = throttledPeriods ?? cpu["nr_throttled"]
        throttledTime = throttledTime ?? cpu["throttled_time"].map { $0 / 1000 }
        if quota == nil, let quota = number("cpu/cpu.cfs_quota_us"), let period = number("cpu/cpu.cfs_period_us"),
            period > 0
        {
            self.quota = Double(quota) / Double(period)
        }
        processors = processors ?? file("cpuset/cpuset.effective_cpus").flatMap(Self.count)
        processors = processors ?? file("cpuset/cpuset.cpus").flatMap(Self.count)
        tasks = tasks ?? number("pids/pids.current")
        memory = memory ?? number("memory/memory.usage_in_bytes")
        // Without a limit the file holds the largest number of pages there may be.
        memoryLimit = memoryLimit ?? number("memory/memory.limit_in_bytes").flatMap { $0 < 1 << 60 ? $0 : nil }
        if let bytes = file("memory/memory.stat") { memoryFigures.merge(NamedNumbers.lines(bytes)) }
        outOfMemoryKills = outOfMemoryKills ?? NamedNumbers.lines(file("memory/memory.oom_control") ?? [])["oom_kill"]
    }

    private static func firstNumber(_ bytes: [UInt8]) -> UInt64? {
        var words = Words(bytes.prefix { $0 != Ascii.newline })
        return words.next()?.number
    }

    /// `200000 100000` is two processors, `max 100000` is no quota.
    private static func quota(_ bytes: [UInt8]) -> Double? {
        let numbers = bytes.prefix { $0 != Ascii.newline }.numbers
        guard let quota = numbers.at(0), let period = numbers.at(1), period > 0 else { return nil }
        return Double(quota) / Double(period)
    }

    /// How many `0-3,8` are; `nil` where there are none.
    static func count(_ bytes: [UInt8]) -> Int? {
        var result: UInt64 = 0
        for part in bytes.prefix(while: { $0 != Ascii.newline }).split(separator: 44) {
            let ends = part.split(separator: 45, omittingEmptySubsequences: false).map(\.number)
            guard let first = ends.at(0), let last = ends.count == 1 ? first : ends.at(1), last >= first, last < 65_536
            else { return nil }
            result += last - first + 1
        }
        return result > 0 ? Int(result) : nil
    }
}

/// What a group read and wrote on all disks: `io.stat` of version 2.
struct GroupTransfers: Sendable, Equatable {
    var reads: UInt64 = 0
    var writes: UInt64 = 0
    var discards: UInt64 = 0
    var bytesRead: UInt64 = 0
    var bytesWritten: UInt64 = 0

    /// The sums over `8:0 rbytes=1 wbytes=2 rios=3 …` of every disk.
    init(_ bytes: [UInt8]) {
        for line in TextLines(bytes) {
            for word in Words(line).dropFirst() {
                guard let (name, value) = word.cut(at: Ascii.equals), let number = value.number else { continue }
                switch name.text {
                case "rios": reads &+= number
                case "wios": writes &+= number
                case "dios": discards &+= number
                case "rbytes": bytesRead &+= number
                case "wbytes": bytesWritten &+= number
                default: break
                }
            }
        }
    }
}
