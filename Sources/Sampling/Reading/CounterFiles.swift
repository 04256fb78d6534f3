/// What was read on a host, by file: the kernel's own files, and two notes that the reader makes (``diskNames``, ``mounts``).
public struct CounterFiles: Sendable {
    private var contents: [String: [UInt8]] = [:]

    /// Nothing was read yet.
    public init() {}

    /// What ``ReadingScript`` printed: each line of a file after the file's name and a colon, so that no content can
    /// be taken for another file's.
    public init(answer: String) {
        let known = Set(Self.paths).union([Self.diskNames, Self.mounts, Self.inodes])
        for line in TextLines(Array(answer.utf8)) {
            guard let (path, content) = line.cut(at: Ascii.colon) else { continue }
            let name = path.text
            guard known.contains(name) else { continue }
            contents[name, default: []].append(contentsOf: content)
            contents[name]?.append(Ascii.newline)
        }
    }

    /// The file's content; `nil` where it was not there, or not to be read.
    public subscript(path: String) -> [UInt8]? {
        get { contents[path] }
        set { contents[path] = newValue }
    }

    /// Every file that a reading may take something from; most hosts have a part of them.
    public static let paths =
        proc + CounterFiles.groupRoots.flatMap { root in groupV2.map { "\(root)/\($0)" } } + groupV1

    /// What the reader notes of the disks: `real sda` for one with hardware below it, `virtual loop0` for another.
    public static let diskNames = "disks"
    /// What `df -P -k` printed.
    public static let mounts = "df"
    /// What `df -P -i` printed.
    public static let inodes = "df-inodes"

    /// There in a container only.
    static let containerMark = "/run/systemd/container"

    /// Those of a machine, without any of a control group's.
    public static let machinePaths = proc

    static let proc = [
        "/proc/stat", "/proc/loadavg", "/proc/meminfo", "/proc/vmstat", "/proc/diskstats", "/proc/uptime",
        "/proc/net/dev", "/proc/net/snmp", "/proc/net/netstat", "/proc/net/sockstat", "/proc/net/sockstat6",
        "/proc/sys/fs/file-nr", "/proc/pressure/cpu", "/proc/pressure/memory", "/proc/pressure/io", containerMark,
    ]

    /// Where version 2 of control groups is mounted: alone, or beside version 1.
    static let groupRoots = ["/sys/fs/cgroup", "/sys/fs/cgroup/unified"]

    /// Of a group, in version 2. `cgroup.type` is there in every group but a machine's root.
    static let groupV2 = [
        "cgroup.type", "cpu.stat", "cpu.max", "cpuset.cpus.effective", "memory.current", "memory.max", "memory.stat",
        "memory.events", "memory.swap.current", "memory.swap.max", "io.stat", "pids.current", "cpu.pressure",
        "memory.pressure", "io.pressure",
    ]

    /// There in version 1 in a machine's root only.
    static let rootMark = "/sys/fs/cgroup/memory/release_agent"

    static let groupV1 = [
        "cpu/cpu.cfs_quota_us", "cpu/cpu.cfs_period_us", "cpu/cpu.stat", "cpuacct/cpuacct.stat",
        "cpuacct/cpuacct.usage",
        "cpuset/cpuset.effective_cpus", "cpuset/cpuset.cpus", "memory/memory.usage_in_bytes",
        "memory/memory.limit_in_bytes", "memory/memory.stat", "memory/memory.oom_control", "memory/release_agent",
        "pids/pids.current",
    ].map { "/sys/fs/cgroup/\($0)" }
}
