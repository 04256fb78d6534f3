extension Sample {
    /// `sar -d`: each whole disk; one that is new, or whose counters all went back, starts from nothing.
    static func disks(from: Reading, to: Reading, over interval: SampleInterval) -> [DiskSample] {
        let before = Dictionary(from.disks.map { ($0.name, $0) }) { first, _ in first }
        return to.disks.map { disk in
            let old = before[disk.name].flatMap { disk.isAnother(than: $0) ? nil : $0 }
            return DiskSample(disk, since: old, over: interval)
        }
    }

    /// `sar -n DEV,EDEV`: each network device.
    static func devices(from: Reading, to: Reading, over interval: SampleInterval) -> [DeviceSample] {
        let before = Dictionary(from.devices.map { ($0.name, $0) }) { first, _ in first }
        return to.devices.map { device in
            let old = before[device.name].flatMap { device.isAnother(than: $0) ? nil : $0 }
            func rate(_ part: KeyPath<DeviceCounters, UInt64>) -> Double {
                SampleInterval.growth(old?[keyPath: part] ?? 0, device[keyPath: part]) / interval.seconds
            }
            return DeviceSample(
                name: device.name, packetsIn: rate(\.packetsIn), packetsOut: rate(\.packetsOut),
                receivedKiB: rate(\.bytesIn) / 1024, sentKiB: rate(\.bytesOut) / 1024, errors: rate(\.errors))
        }
    }

    /// `sar -b`: the sum over the disks with hardware below them, so that nothing counts twice.
    mutating func setMachineTransfers(from: [DiskCounters], to: [DiskCounters], over interval: SampleInterval) {
        func rate(_ part: KeyPath<DiskCounters, UInt64>) -> Double? {
            func sum(_ disks: [DiskCounters]) -> UInt64 {
                disks.reduce(0) { $1.isReal ? $0 &+ $1[keyPath: part] : $0 }
            }
            return interval.rate(sum(from), sum(to))
        }
        self[.transfers] = rate(\.requests)
        self[.readTransfers] = rate(\.reads)
        self[.writeTransfers] = rate(\.writes)
        self[.sectorsRead] = rate(\.sectorsRead)
        self[.sectorsWritten] = rate(\.sectorsWritten)
    }
}

extension DiskCounters {
    /// All its counters went back: another disk has the name now.
    func isAnother(than old: DiskCounters) -> Bool {
        requests < old.requests && (old.sectorsRead == 0 || sectorsRead < old.sectorsRead)
            && (old.sectorsWritten == 0 || sectorsWritten < old.sectorsWritten)
            && (old.sectorsDiscarded == 0 || sectorsDiscarded < old.sectorsDiscarded)
    }
}

extension DeviceCounters {
    /// All its counters went back: it was taken away and made again.
    func isAnother(than old: DeviceCounters) -> Bool {
        bytesIn < old.bytesIn && packetsIn < old.packetsIn && bytesOut < old.bytesOut && packetsOut < old.packetsOut
    }
}

extension DiskSample {
    /// The arithmetic of `compute_ext_disk_stats`.
    init(_ disk: DiskCounters, since old: DiskCounters?, over interval: SampleInterval) {
        func growth(_ part: KeyPath<DiskCounters, UInt64>) -> Double {
            SampleInterval.growth(old?[keyPath: part] ?? 0, disk[keyPath: part])
        }
        func ticks(_ part: KeyPath<DiskCounters, UInt64>) -> Double {
            SampleInterval.wrappingGrowth(old?[keyPath: part] ?? 0, disk[keyPath: part])
        }
        let requests = growth(\.requests)
        let sectors = growth(\.sectorsRead) + growth(\.sectorsWritten) + growth(\.sectorsDiscarded)
        let waited = ticks(\.readTicks) + ticks(\.writeTicks) + ticks(\.discardTicks)
        self.init(
            name: disk.name, transfers: requests / interval.seconds,
            readKiB: growth(\.sectorsRead) / 2 / interval.seconds,
            writtenKiB: growth(\.sectorsWritten) / 2 / interval.seconds,
            discardedKiB: growth(\.sectorsDiscarded) / 2 / interval.seconds,
            requestKiB: requests > 0 ? sectors / requests / 2 : 0,
            queue: ticks(\.queueTicks) / 1000 / interval.seconds, wait: requests > 0 ? waited / requests : 0,
            utilisation: ticks(\.busyTicks) / 10 / interval.seconds)
    }
}
