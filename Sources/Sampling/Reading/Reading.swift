/// Which of a host's counters are its own.
public enum SampleSource: String, Sendable, CaseIterable {
    /// The control group's in a container, else the machine's.
    case automatic = "auto"
    /// The machine's, whatever this is.
    case proc
    /// The control group's; a machine's root has none.
    case controlGroup = "cgroup"
}

/// One reading of a host's counters: two of them make a ``Sample``.
///
/// Any bytes make a reading or none; what is not there or not to be understood is not known.
public struct Reading: Sendable {
    /// Seconds since 1970, by the host's clock.
    public private(set) var time: Int64
    /// Hundredths of a second since the machine started.
    var uptime: UInt64
    /// Whose figures these are.
    public private(set) var scope: SampleScope

    /// By number; those that are online. Empty on a kernel for one processor, which has only ``allProcessors``.
    var processors: [UInt64: ProcessorTimes] = [:]
    var allProcessors: ProcessorTimes?
    /// `/proc/stat` but for its processors.
    var kernel: NamedNumbers
    var load: LoadAverages?
    var memory, paging, tcp, tcpExtensions, sockets: NamedNumbers
    var cpuPressure, memoryPressure, ioPressure: PressureTotals?
    /// Handles that are in use, and as many as there may be.
    var fileHandles, fileHandleLimit: UInt64?
    /// The container's group, where the figures are to be its own.
    var group: GroupCounters?
    var disks: [DiskCounters]
    var devices: [DeviceCounters]
    var fileSystems: [FileSystemSample]

    /// What ``ReadingScript`` printed on a host; `nil` where its clock is not in it.
    public init?(answer: String) {
        self.init(files: CounterFiles(answer: answer))
    }

    /// What was read from a host's files; `nil` where its clock is not among them.
    ///
    /// File systems are those of `df` among the files, or those that the reader asked for itself.
    public init?(files: CounterFiles, source: SampleSource = .automatic, fileSystems: [FileSystemSample] = []) {
        guard let uptime = files["/proc/uptime"].flatMap({ Words($0[...]).first { _ in true }?.hundredths }) else {
            return nil
        }
        self.uptime = uptime
        func lines(_ path: String) -> NamedNumbers { NamedNumbers.lines(files[path] ?? []) }
        func table(_ path: String) -> NamedNumbers { NamedNumbers.table(files[path] ?? []) }
        kernel = lines("/proc/stat")
        guard let started = kernel["btime"], let time = Int64(exactly: (started &+ uptime / 100)) else { return nil }
        self.time = time
        let group = source == .proc ? nil : GroupCounters(files)
        let isContainer = source == .controlGroup || (source == .automatic && files[CounterFiles.containerMark] != nil)
        self.group = group ?? (isContainer ? GroupCounters() : nil)
        scope = self.group == nil ? .machine : .controlGroup
        load = files["/proc/loadavg"].flatMap(LoadAverages.init)
        memory = lines("/proc/meminfo")
        paging = lines("/proc/vmstat")
        tcp = table("/proc/net/snmp")
        tcpExtensions = table("/proc/net/netstat")
        sockets = NamedNumbers.pairs(files["/proc/net/sockstat"] ?? [])
        sockets.merge(NamedNumbers.pairs(files["/proc/net/sockstat6"] ?? []))
        cpuPressure = PressureTotals(files["/proc/pressure/cpu"])
        memoryPressure = PressureTotals(files["/proc/pressure/memory"])
        ioPressure = PressureTotals(files["/proc/pressure/io"])
        let handles = (files["/proc/sys/fs/file-nr"] ?? []).prefix { $0 != Ascii.newline }.numbers
        if let allocated = handles.at(0), let free = handles.at(1), allocated >= free { fileHandles = allocated - free }
        fileHandleLimit = handles.at(2)
        disks = Self.disks(files)
        devices = TextLines(files["/proc/net/dev"] ?? []).compactMap(DeviceCounters.init)
        let printed = FileSystemSample.read(sizes: files[CounterFiles.mounts], inodes: files[CounterFiles.inodes])
        self.fileSystems = printed.isEmpty ? fileSystems : printed
        readProcessors(files["/proc/stat"] ?? [])
    }

    private mutating func readProcessors(_ bytes: [UInt8]) {
        for line in TextLines(bytes) {
            var words = Words(line)
            guard let name = words.next(), name.starts(with: [99, 112, 117]) else { break }
            let times = ProcessorTimes(words.map(\.number))
            if name.count == 3 {
                allProcessors = times
            } else if let number = name.dropFirst(3).number {
                processors[number] = times
            }
        }
    }

    /// The whole disks that did anything since the machine started, as `sar -d` shows them.
    private static func disks(_ files: CounterFiles) -> [DiskCounters] {
        var real: [String: Bool] = [:]
        for line in TextLines(files[CounterFiles.diskNames] ?? []) {
            var words = Words(line)
            // The kernel writes a slash in a disk's name as `!` in a path.
            if let kind = words.next(), let name = words.next() {
                real[String(name.text.map { $0 == "!" ? "/" : $0 })] = kind.text == "real"
            }
        }
        return TextLines(files["/proc/diskstats"] ?? []).compactMap { line in
            guard var disk = DiskCounters(line), disk.requests > 0, let isReal = real[disk.name] else { return nil }
            disk.isReal = isReal
            return disk
        }
    }
}
