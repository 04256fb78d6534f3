/// What a host did in one interval: the difference of two readings, or the mean of several samples.
public struct Sample: Sendable, Equatable {
    /// The interval's end, in seconds since 1970.
    public var time: Int64
    /// The interval's length in seconds.
    public var interval: Double
    /// Whose figures these are.
    public var scope: SampleScope
    /// By ``Metric/index``; what is not known is not a number.
    public private(set) var values: [Float]
    /// Each disk of the host, by name. Empty where they are not the host's own to see.
    public var disks: [DiskSample]
    /// Each network device of the host, by name.
    public var devices: [DeviceSample]
    /// How full each file system is.
    public var fileSystems: [FileSystemSample]

    /// A sample of which no figure is known yet.
    public init(
        time: Int64, interval: Double, scope: SampleScope = .machine, disks: [DiskSample] = [],
        devices: [DeviceSample] = [], fileSystems: [FileSystemSample] = []
    ) {
        self.time = time
        self.interval = interval
        self.scope = scope
        self.disks = disks
        self.devices = devices
        self.fileSystems = fileSystems
        values = [Float](repeating: .nan, count: Metric.allCases.count)
    }

    /// The figure, or `nil` where it is not known.
    public subscript(metric: Metric) -> Double? {
        get {
            let value = values[metric.index]
            return value.isNaN ? nil : Double(value)
        }
        set { values[metric.index] = newValue.map(Float.init) ?? .nan }
    }
}

/// Whose figures a sample has.
public enum SampleScope: String, Sendable {
    /// A machine's, real or virtual: `/proc` is its own.
    case machine
    /// A container's, from its control group: `/proc` is the machine's that it runs on.
    case controlGroup = "cgroup"
}

/// One disk over an interval, as `sar -d` has it.
public struct DiskSample: Sendable, Equatable {
    /// As the kernel names it: `sda`, `nvme0n1`.
    public var name: String
    /// Requests a second that were finished.
    public var transfers: Double
    /// KiB a second.
    public var readKiB: Double
    /// KiB a second.
    public var writtenKiB: Double
    /// KiB a second that were discarded.
    public var discardedKiB: Double
    /// Mean size of a request in KiB.
    public var requestKiB: Double
    /// Mean number of requests that wait or are served.
    public var queue: Double
    /// Mean time of a request, waiting included, in milliseconds (`await`).
    public var wait: Double
    /// Share of the interval with a request under way, in percent. Not a limit where a disk serves many at once.
    public var utilisation: Double

    /// A disk of which only the name is given did nothing.
    public init(
        name: String, transfers: Double = 0, readKiB: Double = 0, writtenKiB: Double = 0, discardedKiB: Double = 0,
        requestKiB: Double = 0, queue: Double = 0, wait: Double = 0, utilisation: Double = 0
    ) {
        self.name = name
        self.transfers = transfers
        self.readKiB = readKiB
        self.writtenKiB = writtenKiB
        self.discardedKiB = discardedKiB
        self.requestKiB = requestKiB
        self.queue = queue
        self.wait = wait
        self.utilisation = utilisation
    }
}

/// One network device over an interval, as `sar -n DEV,EDEV` has it; all a second.
public struct DeviceSample: Sendable, Equatable {
    /// As the kernel names it: `eth0`.
    public var name: String
    /// Packets received.
    public var packetsIn: Double
    /// Packets sent.
    public var packetsOut: Double
    /// KiB received.
    public var receivedKiB: Double
    /// KiB sent.
    public var sentKiB: Double
    /// Packets that were damaged or dropped, both ways.
    public var errors: Double

    /// A device of which only the name is given did nothing.
    public init(
        name: String, packetsIn: Double = 0, packetsOut: Double = 0, receivedKiB: Double = 0, sentKiB: Double = 0,
        errors: Double = 0
    ) {
        self.name = name
        self.packetsIn = packetsIn
        self.packetsOut = packetsOut
        self.receivedKiB = receivedKiB
        self.sentKiB = sentKiB
        self.errors = errors
    }
}

/// How full a file system is.
public struct FileSystemSample: Sendable, Equatable {
    /// Where it is mounted.
    public var path: String
    /// KiB in all.
    public var totalKiB: Double
    /// KiB that users may still write.
    public var availableKiB: Double
    /// Share of files that there may be which are there, in percent.
    public var filesUsed: Double

    /// A file system at `path`.
    public init(path: String, totalKiB: Double, availableKiB: Double, filesUsed: Double = 0) {
        self.path = path
        self.totalKiB = totalKiB
        self.availableKiB = availableKiB
        self.filesUsed = filesUsed
    }
}
