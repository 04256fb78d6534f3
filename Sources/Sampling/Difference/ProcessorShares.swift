/// How the processors spent an interval, exactly by the arithmetic of sysstat 12.6.1 (`get_global_cpu_statistics`).
struct ProcessorShares {
    /// In percent of all the time there was.
    private(set) var user = 0.0, nice = 0.0, system = 0.0, iowait = 0.0, steal = 0.0, idle = 0.0
    /// Processors that were online.
    private(set) var online: Int

    /// The sum over the processors that both readings have. One without a line is offline and left out; one that is there
    /// for the first time has nothing to be compared with. A kernel for one processor has one line for all.
    init?(from: Reading, to: Reading) {
        var pairs = to.processors.compactMap { number, new in from.processors[number].map { ($0, new) } }
        if to.processors.isEmpty, let old = from.allProcessors, let new = to.allProcessors { pairs = [(old, new)] }
        guard !pairs.isEmpty else { return nil }
        online = Swift.max(to.processors.count, 1)
        var (oldSum, newSum, time) = (ProcessorTimes(), ProcessorTimes(), UInt64(0))
        for (old, new) in pairs where new.total != 0 && old.total != 0 {
            var old = old
            time &+= old.interval(to: new)
            oldSum.add(old)
            newSum.add(new)
        }
        // All processors together are never without a tick: sysstat takes 1 here.
        let whole = Double(Swift.max(time, 1))
        func share(_ part: KeyPath<ProcessorTimes, UInt64>) -> Double {
            SampleInterval.growth(oldSum[keyPath: part], newSum[keyPath: part]) / whole * 100
        }
        (user, nice, iowait, steal, idle) = (
            share(\.user), share(\.nice), share(\.iowait), share(\.steal), share(\.idle)
        )
        system = share(\.systemAndInterrupts)
    }
}

extension ProcessorTimes {
    /// As `sar -u` counts it, without `ALL`.
    var systemAndInterrupts: UInt64 { system &+ hardInterrupts &+ softInterrupts }

    mutating func add(_ other: ProcessorTimes) {
        user &+= other.user
        nice &+= other.nice
        system &+= other.system
        idle &+= other.idle
        iowait &+= other.iowait
        hardInterrupts &+= other.hardInterrupts
        softInterrupts &+= other.softInterrupts
        steal &+= other.steal
        guest &+= other.guest
        guestNice &+= other.guestNice
    }

    /// The time between two readings of one processor (`get_per_cpu_interval`); mends what went back in `self`, the older.
    ///
    /// Waiting for a disk may be counted as such first and as idle later: when `idle` grew meanwhile, nothing was waited.
    /// Else the processor was offline, and these two counters started again.
    mutating func interval(to new: ProcessorTimes) -> UInt64 {
        let nearTheEnd = UInt64.max - 0x7ffff
        var shift: UInt64 = 0
        if new.user &- new.guest < user &- guest { shift &+= (user &- guest) &- (new.user &- new.guest) }
        if new.nice &- new.guestNice < nice &- guestNice {
            shift &+= (nice &- guestNice) &- (new.nice &- new.guestNice)
        }
        if new.iowait < iowait, iowait < nearTheEnd {
            iowait = new.idle > idle || idle >= nearTheEnd ? new.iowait : 0
        }
        if new.idle < idle, idle < nearTheEnd { idle = 0 }
        return new.total &- total &+ shift
    }
}
