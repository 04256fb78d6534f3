extension Sample {
    /// `sar -r` and `-S`.
    mutating func setMachineMemory(_ memory: NamedNumbers) {
        func value(_ name: String) -> Double? { memory[name].map { Double($0) } }
        self[.memoryTotal] = value("MemTotal")
        self[.memoryFree] = value("MemFree")
        self[.memoryAvailable] = value("MemAvailable")
        self[.memoryBuffers] = value("Buffers")
        self[.memoryCached] = value("Cached")
        self[.memoryDirty] = value("Dirty")
        self[.memoryCommitted] = value("Committed_AS")
        self[.memoryActive] = value("Active")
        self[.memoryInactive] = value("Inactive")
        self[.memoryAnonymous] = value("AnonPages")
        self[.memoryActiveFile] = value("Active(file)")
        self[.memoryInactiveFile] = value("Inactive(file)")
        self[.swapTotal] = value("SwapTotal")
        self[.swapFree] = value("SwapFree")
        if let total = value("MemTotal"), let free = value("MemFree") {
            let other = ["Buffers", "Cached", "Slab"].reduce(free) { $0 + (value($1) ?? 0) }
            self[.memoryUsed] = Swift.max(0, total - other)
        }
    }

    /// `sar -B` and `-W`, and what sysstat does not have.
    mutating func setMachinePaging(from: NamedNumbers, to: NamedNumbers, over interval: SampleInterval) {
        func rate(_ name: String) -> Double? { interval.rate(from[name], to[name]) }
        // As sysstat 12.6.1 does: newer kernels count a page stolen once by who took it and once by its kind.
        func sum(_ prefix: String) -> Double? { interval.rate(from.sum(ofPrefix: prefix), to.sum(ofPrefix: prefix)) }
        self[.pagedIn] = rate("pgpgin")
        self[.pagedOut] = rate("pgpgout")
        self[.faults] = rate("pgfault")
        self[.majorFaults] = rate("pgmajfault")
        self[.pagesFreed] = rate("pgfree")
        self[.pagesScannedByDaemon] = sum("pgscan_kswapd")
        self[.pagesScannedDirectly] = sum("pgscan_direct")
        self[.pagesStolen] = sum("pgsteal_")
        // Kernels before 5.9 have one counter for both kinds.
        self[.refaults] = rate("workingset_refault_file") ?? rate("workingset_refault")
        self[.outOfMemoryKills] = rate("oom_kill")
        self[.swapIn] = rate("pswpin")
        self[.swapOut] = rate("pswpout")
    }
}
