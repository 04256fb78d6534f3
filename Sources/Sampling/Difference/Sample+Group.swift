extension Sample {
    /// A container's figures, from its control group; what that does not say stays unknown, whatever `/proc` has.
    mutating func setGroup(from: GroupCounters, to: GroupCounters, of reading: Reading, over interval: SampleInterval) {
        setGroupProcessors(from: from, to: to, online: reading.processors.count, over: interval)
        setGroupMemory(to, of: reading)
        setGroupPaging(from: from, to: to, over: interval)
        self[.tasks] = to.tasks.map { Double($0) }
        setPressure(.cpuPressure, .cpuPressureFull, from: from.cpuPressure, to: to.cpuPressure, over: interval)
        setPressure(
            .memoryPressure, .memoryPressureFull, from: from.memoryPressure, to: to.memoryPressure, over: interval)
        setPressure(.ioPressure, .ioPressureFull, from: from.ioPressure, to: to.ioPressure, over: interval)
        guard let old = from.transfers, let new = to.transfers else { return }
        self[.readTransfers] = interval.rate(old.reads, new.reads)
        self[.writeTransfers] = interval.rate(old.writes, new.writes)
        self[.transfers] = interval.rate(
            old.reads &+ old.writes &+ old.discards, new.reads &+ new.writes &+ new.discards)
        self[.sectorsRead] = interval.rate(old.bytesRead, new.bytesRead).map { $0 / 512 }
        self[.sectorsWritten] = interval.rate(old.bytesWritten, new.bytesWritten).map { $0 / 512 }
    }

    /// Shares of the time that the group may have: its quota's, or that of the processors it may run on.
    private mutating func setGroupProcessors(
        from: GroupCounters, to: GroupCounters, online: Int, over interval: SampleInterval
    ) {
        let places = to.processors ?? (online > 0 ? online : nil)
        let allowed = [places.map { Double($0) }, to.quota].compactMap { $0 }.min()
        self[.allowedProcessors] = allowed
        self[.throttled] = throttledShare(from: from, to: to)
        guard let used = interval.rate(from.usage, to.usage) else { return }
        let busy = used / 1_000_000
        self[.busyProcessors] = busy
        guard let allowed, allowed > 0 else { return }
        func share(_ microseconds: Double) -> Double { Swift.min(100, microseconds / 10_000 / allowed) }
        let nice = interval.rate(from.nice, to.nice)
        if let user = interval.rate(from.user, to.user) { self[.user] = share(Swift.max(0, user - (nice ?? 0))) }
        self[.nice] = nice.map(share)
        self[.system] = interval.rate(from.system, to.system).map(share)
        self[.idle] = 100 - share(used)
    }

    private func throttledShare(from: GroupCounters, to: GroupCounters) -> Double? {
        guard to.quota != nil else { return to.usage == nil ? nil : 0 }
        guard let oldAll = from.periods, let newAll = to.periods, let old = from.throttledPeriods,
            let new = to.throttledPeriods
        else { return nil }
        let all = SampleInterval.growth(oldAll, newAll)
        return all > 0 ? Swift.min(100, SampleInterval.growth(old, new) / all * 100) : 0
    }

    /// In KiB. Without a limit of its own the group may use the machine's memory, but what is free there is not its figure.
    private mutating func setGroupMemory(_ group: GroupCounters, of reading: Reading) {
        func figure(_ names: String...) -> Double? {
            names.lazy.compactMap { group.memoryFigures[$0] }.first.map { Double($0) / 1024 }
        }
        let cached = figure("file", "total_cache", "cache")
        let activeFile = figure("total_active_file", "active_file")
        let inactiveFile = figure("total_inactive_file", "inactive_file")
        self[.memoryCached] = cached
        self[.memoryAnonymous] = figure("anon", "total_rss", "rss")
        self[.memoryDirty] = figure("file_dirty", "total_dirty", "dirty")
        self[.memoryActiveFile] = activeFile
        self[.memoryInactiveFile] = inactiveFile
        self[.memoryActive] = sum(activeFile, figure("total_active_anon", "active_anon"))
        self[.memoryInactive] = sum(inactiveFile, figure("total_inactive_anon", "inactive_anon"))
        setGroupSwap(group)
        let machine = reading.memory["MemTotal"].map { Double($0) }
        let limit = group.memoryLimit.map { Double($0) / 1024 }
        self[.memoryTotal] = [machine, limit].compactMap { $0 }.min()
        guard let current = group.memory.map({ Double($0) / 1024 }) else { return }
        self[.memoryUsed] = Swift.max(0, current - (cached ?? 0) - (figure("slab_reclaimable") ?? 0))
        guard let limit else { return }
        let free = Swift.max(0, limit - current)
        self[.memoryFree] = free
        let reclaimable = (activeFile ?? 0) + (inactiveFile ?? 0) + (figure("slab_reclaimable") ?? 0)
        self[.memoryAvailable] = Swift.min(limit, free + reclaimable)
    }

    private mutating func setGroupSwap(_ group: GroupCounters) {
        guard let limit = group.swapLimit, let used = group.swap else { return }
        self[.swapTotal] = Double(limit) / 1024
        self[.swapFree] = Swift.max(0, Double(limit) - Double(used)) / 1024
    }

    private func sum(_ one: Double?, _ other: Double?) -> Double? {
        guard let one, let other else { return nil }
        return one + other
    }

    private mutating func setGroupPaging(from: GroupCounters, to: GroupCounters, over interval: SampleInterval) {
        func rate(_ names: String...) -> Double? {
            for name in names {
                if let rate = interval.rate(from.memoryFigures[name], to.memoryFigures[name]) { return rate }
            }
            return nil
        }
        self[.faults] = rate("total_pgfault", "pgfault")
        self[.majorFaults] = rate("total_pgmajfault", "pgmajfault")
        self[.pagesScannedByDaemon] = rate("pgscan_kswapd")
        self[.pagesScannedDirectly] = rate("pgscan_direct")
        self[.pagesStolen] = rate("pgsteal")
        self[.refaults] = rate(
            "total_workingset_refault_file", "workingset_refault_file", "total_workingset_refault", "workingset_refault"
        )
        self[.swapIn] = rate("pswpin")
        self[.swapOut] = rate("pswpout")
        self[.outOfMemoryKills] = interval.rate(from.outOfMemoryKills, to.outOfMemoryKills)
    }
}
