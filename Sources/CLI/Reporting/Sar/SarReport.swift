import Sampling

/// One of `sar`'s reports: which figures a host is shown by, under which titles. The raw value is what asks for it.
enum SarReport: String, CaseIterable, Sendable {
    case processors = "-u"
    case memory = "-r"
    case swap = "-S"
    case swapping = "-W"
    case tasks = "-w"
    case transfers = "-b"
    case paging = "-B"
    case queue = "-q"
    case disks = "-d"
    case devices = "-n DEV"
    case deviceErrors = "-n EDEV"
    case connections = "-n TCP"
    case connectionErrors = "-n ETCP"
    case sockets = "-n SOCK"
    /// What `sar` does not have: who waits for what, what was read again, and what the host's own quota held back.
    case pressure = "--pressure"

    /// The words that `-n` takes.
    static let networkWords = allCases.filter { $0.rawValue.hasPrefix("-n ") }.map { String($0.rawValue.dropFirst(3)) }

    /// The title of the column that says what a row is about, and how wide it is; `nil` where a host has one row without it.
    var item: (title: String, width: Int)? {
        switch self {
        case .processors: ("CPU", 7)
        case .disks: ("DEV", 9)
        case .devices, .deviceErrors: ("IFACE", 9)
        default: nil
        }
    }

    /// Whether a host has a row for each of its disks or devices.
    var hasManyRows: Bool { self == .disks || self == .devices || self == .deviceErrors }

    /// Its columns, in `sar`'s order. Those that `sar` does not have stand behind them.
    var columns: [SarColumn] {
        switch self {
        case .processors: Self.processorColumns
        case .memory: Self.memoryColumns
        case .swap: Self.swapColumns
        case .swapping: [.rate("pswpin/s", .swapIn), .rate("pswpout/s", .swapOut)]
        case .tasks: [.rate("proc/s", .forks), .rate("cswch/s", .contextSwitches)]
        case .transfers: Self.transferColumns
        case .paging: Self.pagingColumns
        case .queue: Self.queueColumns
        case .disks: Self.diskColumns
        case .devices: Self.deviceColumns
        case .deviceErrors: [.device("err+dr/s", \.errors)]
        case .connections: Self.connectionColumns
        case .connectionErrors: Self.connectionErrorColumns
        case .sockets: Self.socketColumns
        case .pressure: Self.pressureColumns
        }
    }
}

extension SarReport {
    private static let processorColumns: [SarColumn] = [
        .rate("%user", .user), .rate("%nice", .nice, spare: 1), .rate("%system", .system), .rate("%iowait", .iowait),
        .rate("%steal", .steal, spare: 2), .rate("%idle", .idle),
    ]

    private static let memoryColumns: [SarColumn] = [
        .count("kbmemfree", .memoryFree), .count("kbavail", .memoryAvailable), .count("kbmemused", .memoryUsed),
        .share("%memused", of: .memoryUsed, in: .memoryTotal), .count("kbbuffers", .memoryBuffers, spare: 3),
        .count("kbcached", .memoryCached), .count("kbcommit", .memoryCommitted, spare: 5),
        .figure("%commit", spare: 4) { sample in
            SarColumn.share(sample[.memoryCommitted], sample[.memoryTotal].map { $0 + (sample[.swapTotal] ?? 0) })
        }, .count("kbactive", .memoryActive, spare: 2), .count("kbinact", .memoryInactive, spare: 1),
        .count("kbdirty", .memoryDirty),
    ]

    private static let swapColumns: [SarColumn] = [
        .count("kbswpfree", .swapFree), .whole("kbswpused") { $0.swapUsed },
        .figure("%swpused") { SarColumn.share($0.swapUsed, $0[.swapTotal]) }, .unknown("kbswpcad"), .unknown("%swpcad"),
    ]

    private static let transferColumns: [SarColumn] = [
        .rate("tps", .transfers), .rate("rtps", .readTransfers), .rate("wtps", .writeTransfers),
        .unknown("dtps", spare: 1), .rate("bread/s", .sectorsRead), .rate("bwrtn/s", .sectorsWritten),
        .unknown("bdscd/s", spare: 2),
    ]

    private static let pagingColumns: [SarColumn] = [
        .rate("pgpgin/s", .pagedIn), .rate("pgpgout/s", .pagedOut), .rate("fault/s", .faults),
        .rate("majflt/s", .majorFaults), .rate("pgfree/s", .pagesFreed, spare: 1),
        .rate("pgscank/s", .pagesScannedByDaemon), .rate("pgscand/s", .pagesScannedDirectly, spare: 4),
        .rate("pgsteal/s", .pagesStolen, spare: 3),
        .figure("%vmeff", spare: 2) { sample in
            guard let daemon = sample[.pagesScannedByDaemon], let direct = sample[.pagesScannedDirectly] else {
                return nil
            }
            return SarColumn.share(sample[.pagesStolen], daemon + direct)
        }, .rate("refault/s", .refaults),
    ]

    private static let queueColumns: [SarColumn] = [
        .count("runq-sz", .runQueue), .count("plist-sz", .tasks), .rate("ldavg-1", .load1), .rate("ldavg-5", .load5),
        .rate("ldavg-15", .load15), .count("blocked", .blocked),
    ]

    private static let connectionColumns: [SarColumn] = [
        .rate("active/s", .connectionsOpened), .rate("passive/s", .connectionsAccepted), .rate("iseg/s", .segmentsIn),
        .rate("oseg/s", .segmentsOut),
    ]

    private static let connectionErrorColumns: [SarColumn] = [
        .unknown("atmptf/s", spare: 1), .unknown("estres/s", spare: 2), .rate("retrans/s", .retransmits),
        .unknown("isegerr/s", spare: 3), .unknown("orsts/s", spare: 4), .rate("lstovf/s", .listenOverflows),
        .rate("lstdrp/s", .listenDrops),
    ]

    private static let socketColumns: [SarColumn] = [
        .count("totsck", .sockets), .count("tcpsck", .established), .unknown("udpsck"), .unknown("rawsck"),
        .unknown("ip-frag"), .count("tcp-tw", .timeWait),
    ]

    private static let pressureColumns: [SarColumn] = [
        .rate("%scpu", .cpuPressure), .rate("%smem", .memoryPressure), .rate("%fmem", .memoryPressureFull),
        .rate("%sio", .ioPressure), .rate("%fio", .ioPressureFull), .rate("%thrttl", .throttled, spare: 2),
        .rate("refault/s", .refaults, spare: 1),
    ]

    private static let diskColumns: [SarColumn] = [
        .disk("tps", \.transfers), .disk("rkB/s", \.readKiB), .disk("wkB/s", \.writtenKiB),
        .disk("dkB/s", \.discardedKiB, spare: 1), .disk("areq-sz", \.requestKiB, spare: 2),
        .disk("aqu-sz", \.queue, spare: 3), .disk("await", \.wait), .disk("%util", \.utilisation),
    ]

    private static let deviceColumns: [SarColumn] = [
        .device("rxpck/s", \.packetsIn), .device("txpck/s", \.packetsOut), .device("rxkB/s", \.receivedKiB),
        .device("txkB/s", \.sentKiB),
    ]
}
