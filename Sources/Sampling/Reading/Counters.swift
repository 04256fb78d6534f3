/// One processor's time since the machine started, in hundredths of a second: a line of `/proc/stat`.
struct ProcessorTimes: Sendable, Equatable {
    var user: UInt64 = 0
    var nice: UInt64 = 0
    var system: UInt64 = 0
    var idle: UInt64 = 0
    var iowait: UInt64 = 0
    var hardInterrupts: UInt64 = 0
    var softInterrupts: UInt64 = 0
    var steal: UInt64 = 0
    /// Already in ``user``.
    var guest: UInt64 = 0
    /// Already in ``nice``.
    var guestNice: UInt64 = 0

    /// All the time there was; wraps as the kernel's counters do.
    var total: UInt64 { user &+ nice &+ system &+ idle &+ iowait &+ hardInterrupts &+ softInterrupts &+ steal }

    /// The words after `cpu0`; what an older kernel does not have is 0.
    init(_ numbers: [UInt64?]) {
        func at(_ place: Int) -> UInt64 { numbers.at(place) ?? 0 }
        user = at(0)
        nice = at(1)
        system = at(2)
        idle = at(3)
        iowait = at(4)
        hardInterrupts = at(5)
        softInterrupts = at(6)
        steal = at(7)
        guest = at(8)
        guestNice = at(9)
    }

    init() {}
}

/// `/proc/loadavg`.
struct LoadAverages: Sendable, Equatable {
    /// In hundredths.
    var load1: UInt64
    var load5: UInt64
    var load15: UInt64
    /// Tasks that run or could, the reader's own left out.
    var running: UInt64
    var tasks: UInt64

    init?(_ bytes: [UInt8]) {
        var words = Words(bytes[...])
        guard let one = words.next()?.hundredths, let five = words.next()?.hundredths,
            let fifteen = words.next()?.hundredths, let (run, all) = words.next()?.cut(at: 47),
            let running = run.number, let tasks = all.number
        else { return nil }
        load1 = one
        load5 = five
        load15 = fifteen
        self.running = running > 0 ? running - 1 : 0
        self.tasks = tasks
    }
}

/// A line of `/proc/diskstats`, of a whole disk.
struct DiskCounters: Sendable, Equatable {
    var name: String
    var reads, sectorsRead, readTicks: UInt64
    var writes, sectorsWritten, writeTicks: UInt64
    var discards, sectorsDiscarded, discardTicks: UInt64
    /// Milliseconds with a request under way, and those times the requests there were.
    var busyTicks, queueTicks: UInt64
    /// Hardware stands behind it; a loop device, a volume of LVM and the like have none of their own.
    var isReal = false

    var requests: UInt64 { reads &+ writes &+ discards }

    init?(_ line: ArraySlice<UInt8>) {
        let words = Array(Words(line).prefix(18))
        guard words.count >= 14 else { return nil }
        let numbers = words.dropFirst(3).map(\.number)
        guard numbers.prefix(11).allSatisfy({ $0 != nil }) else { return nil }
        func at(_ place: Int) -> UInt64 { numbers.at(place) ?? 0 }
        name = words[2].text
        (reads, sectorsRead, readTicks) = (at(0), at(2), at(3))
        (writes, sectorsWritten, writeTicks) = (at(4), at(6), at(7))
        (busyTicks, queueTicks) = (at(9), at(10))
        (discards, sectorsDiscarded, discardTicks) = (at(11), at(13), at(14))
    }
}

/// A line of `/proc/net/dev`.
struct DeviceCounters: Sendable, Equatable {
    var name: String
    var bytesIn, packetsIn, errorsIn, droppedIn: UInt64
    var bytesOut, packetsOut, errorsOut, droppedOut: UInt64

    var errors: UInt64 { errorsIn &+ droppedIn &+ errorsOut &+ droppedOut }

    init?(_ line: ArraySlice<UInt8>) {
        // A name may hold a colon of its own (`eth0:1`); the counters hold none.
        guard let colon = line.lastIndex(of: Ascii.colon), let name = Words(line[..<colon]).first(where: { _ in true })
        else { return nil }
        let numbers = line[(colon + 1)...].numbers
        guard numbers.count >= 12 else { return nil }
        func at(_ place: Int) -> UInt64 { numbers.at(place) ?? 0 }
        self.name = name.text
        (bytesIn, packetsIn, errorsIn, droppedIn) = (at(0), at(1), at(2), at(3))
        (bytesOut, packetsOut, errorsOut, droppedOut) = (at(8), at(9), at(10), at(11))
    }
}

/// Microseconds since the machine started in which tasks waited for a resource: a file of `/proc/pressure`.
struct PressureTotals: Sendable, Equatable {
    /// Some waited.
    var some: UInt64
    /// All waited.
    var full: UInt64?

    init?(_ bytes: [UInt8]?) {
        guard let bytes else { return nil }
        var totals: [String: UInt64] = [:]
        for line in TextLines(bytes) {
            var words = Words(line)
            guard let kind = words.next() else { continue }
            for word in words {
                guard let (name, value) = word.cut(at: Ascii.equals), name.text == "total" else { continue }
                totals[kind.text] = value.number
            }
        }
        guard let some = totals["some"] else { return nil }
        self.some = some
        full = totals["full"]
    }
}
