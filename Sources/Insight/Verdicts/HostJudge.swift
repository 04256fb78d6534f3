import Sampling

/// What a host's own samples say that it is short of. Errors come first, then what is full to the brim.
struct HostJudge: Sendable {
    let figures: HostFigures

    /// In the order of what is mended first; empty for a host that is short of nothing that its samples show.
    var findings: [Finding] {
        guard figures.isSeen else { return [] }
        return [space, memory, processor, pageCache, disk, overflow, network].compactMap(\.self)
    }

    private func finding(
        _ cause: Cause, _ confidence: Confidence, _ evidence: [FigureEvidence], words: String? = nil
    ) -> Finding {
        Finding(cause, confidence, host: figures.name, words: words, evidence: evidence)
    }

    // MARK: room

    private var space: Finding? {
        let full = (figures.host.samples.last?.fileSystems ?? []).filter(\.isFull)
        guard let first = full.first else { return nil }
        let evidence = full.prefix(3).flatMap { system in
            figures.evidence(
                "\(system.path) free", system.freeShare, "%", limit: Threshold.spaceLeft,
                remark: "\(FigureText.of(system.availableKiB * 1024, "bytes")) of "
                    + FigureText.of(system.totalKiB * 1024, "bytes"))
        }
        return finding(.space, .high, evidence, words: "out of room on \(first.path)")
    }

    // MARK: memory

    private var memory: Finding? {
        let kills = figures[.outOfMemoryKills] ?? 0
        let left = figures.evidence("kbavail", figures.latest(.memoryAvailable), "KiB")
        if kills > 0 {
            let count = (kills * figures.seconds).rounded()
            let evidence = figures.evidence("oom_kill", max(1, count), limit: 0, remark: "processes were killed")
            return finding(.memory, .high, evidence + left, words: "out of memory: processes are killed")
        }
        let swapped = figures[.swapIn] ?? 0
        let full = figures[.memoryPressureFull]
        let some = figures[.memoryPressure]
        if swapped >= Threshold.swapIn, (some ?? Threshold.memoryPressureFull) >= 2 {
            let evidence =
                figures.evidence("pswpin/s", swapped, limit: Threshold.swapIn, remark: "pages come back from swap")
                + figures.evidence("pswpout/s", figures[.swapOut]) + figures.evidence("psi memory some", some, "%")
            return finding(.memory, some == nil ? .medium : .high, evidence + left, words: "swapping")
        }
        // Waiting for pages that were dropped counts as waiting for memory: that is the page cache's.
        if let full, full >= Threshold.memoryPressureFull, (figures[.refaults] ?? 0) < Threshold.refaults {
            let evidence = figures.evidence("psi memory full", full, "%", limit: Threshold.memoryPressureFull)
            return finding(.memory, .medium, evidence + left, words: "short of memory: all tasks wait for it")
        }
        return nil
    }

    // MARK: processors

    private var processor: Finding? {
        guard let cpu = figures.cpu else { return nil }
        let (pressure, throttled) = (figures[.cpuPressure], figures[.throttled])
        let waits = (pressure ?? 0) >= Threshold.processorPressure
        let isHeld = (throttled ?? 0) >= Threshold.throttled
        let evidence = processorEvidence(cpu, pressure, throttled)
        if cpu >= Threshold.processor, waits || isHeld { return finding(.processor, .high, evidence) }
        if (throttled ?? 0) >= Threshold.throttledAlone, cpu >= Threshold.processorIdle {
            return finding(.processor, .medium, evidence, words: "CPU-bound: its quota holds it back")
        }
        guard pressure == nil, throttled == nil || throttled == 0, cpu >= Threshold.processorAlone else { return nil }
        return finding(.processor, .medium, evidence)
    }

    private func processorEvidence(_ cpu: Double, _ pressure: Double?, _ throttled: Double?) -> [FigureEvidence] {
        let of = figures.allowed.map { " of \(FigureText.number($0)) processors" } ?? ""
        return figures.evidence(
            "%cpu", cpu, "%", limit: Threshold.processor, remark: "in use\(of)")
            + figures.evidence("psi cpu some", pressure, "%", limit: Threshold.processorPressure)
            + (throttled.map { $0 > 0 } ?? false
                ? figures.evidence("throttled periods", throttled, "%", limit: Threshold.throttled) : [])
            + figures.evidence("%user", figures[.user], "%") + figures.evidence("%system", figures[.system], "%")
            + figures.evidence("runq-sz", figures[.runQueue])
    }

    // MARK: files

    /// Refaults count pages only that a somewhat bigger cache would have had: reading a lot once is none.
    private var pageCache: Finding? {
        guard let refaults = figures[.refaults], refaults >= Threshold.refaults else { return nil }
        let again = refaults * 4096
        let share = figures.bytesRead.flatMap { $0 > 0 ? min(100, 100 * again / $0) : nil }
        if let share, share < Threshold.refaultShare { return nil }
        let waiting = [figures[.ioPressure], figures[.memoryPressure]].compactMap(\.self)
        let isBusy = (figures.busiestDisk?.utilisation ?? 0) >= 60
        guard waiting.isEmpty ? isBusy : waiting.reduce(0, +) >= Threshold.refaultPressure else { return nil }
        let evidence =
            figures.evidence(
                "refaults/s", refaults, limit: Threshold.refaults,
                remark: "pages read again that had just been dropped, \(FigureText.of(again, "bytes")) a second")
            + figures.evidence("of bytes read", share, "%", limit: Threshold.refaultShare)
            + figures.evidence("psi io some", figures[.ioPressure], "%")
            + figures.evidence("psi memory some", figures[.memoryPressure], "%") + memoryParts
        return finding(
            .pageCache, waiting.isEmpty || share == nil ? .medium : .high, evidence,
            words: isHeap ? "short of memory for its page cache: what programs hold leaves too little" : nil)
    }

    /// Whether most of the memory is what programs hold.
    private var isHeap: Bool {
        guard let held = figures.latest(.memoryAnonymous), let all = figures.latest(.memoryTotal), all > 0 else {
            return false
        }
        return held / all >= 0.6
    }

    private var memoryParts: [FigureEvidence] {
        figures.evidence("kbanon", figures.latest(.memoryAnonymous), "KiB")
            + figures.evidence("kbcached", figures.latest(.memoryCached), "KiB")
            + figures.evidence("kbmemtotal", figures.latest(.memoryTotal), "KiB")
    }

    /// By pressure, and by the disk's own busy time: waiting in `fsync` is nearly invisible to pressure. Never by `%iowait`,
    /// which is 0 whenever processors have something else to do.
    private var disk: Finding? {
        guard pageCache == nil else { return nil }
        let full = figures[.ioPressureFull]
        let waits = (full ?? 0) >= Threshold.diskPressureFull
        let disk = figures.busiestDisk
        let usual = disk.flatMap { figures.usualWait(of: $0.name) }
        let slow = disk.map { $0.wait >= (usual.map { $0 * Threshold.diskWaitFactor } ?? Threshold.diskWait) } ?? false
        let isBusy = (disk?.utilisation ?? 0) >= Threshold.diskBusy && slow
        guard waits || isBusy else { return nil }
        let evidence =
            figures.evidence("psi io full", full, "%", limit: Threshold.diskPressureFull)
            + figures.evidence("psi io some", figures[.ioPressure], "%")
            + (disk.map { disk in
                figures.evidence("%util \(disk.name)", disk.utilisation, "%", limit: Threshold.diskBusy)
                    + figures.evidence(
                        "await \(disk.name)", disk.wait, "ms", limit: usual.map { $0 * Threshold.diskWaitFactor })
            } ?? []) + figures.evidence("%iowait", figures[.iowait], "%")
        return finding(.disk, waits ? .high : .medium, evidence)
    }

    // MARK: connections and network

    private var overflow: Finding? {
        let lost = max(figures[.listenOverflows] ?? 0, figures[.listenDrops] ?? 0)
        guard lost >= Threshold.overflows, (figures.cpu ?? 0) < Threshold.processor else { return nil }
        let evidence =
            figures.evidence(
                "listen overflows/s", lost, limit: Threshold.overflows, remark: "connections that nobody accepted")
            + figures.evidence("%cpu", figures.cpu, "%")
        return finding(.connections, .high, evidence, words: "its listen queue is full: connections are dropped")
    }

    private var network: Finding? {
        let share = figures.retransmitShare ?? 0
        let isMuch = (figures[.segmentsOut] ?? 0) >= Threshold.segments
        // A full listen queue somewhere makes those who connect send again.
        guard isMuch, share >= Threshold.retransmits, (figures[.retransmits] ?? 0) >= 1, overflow == nil else {
            return nil
        }
        let evidence =
            figures.evidence("retransmits", share, "%", limit: Threshold.retransmits, remark: "of segments sent")
            + figures.evidence("retrans/s", figures[.retransmits]) + figures.evidence("oseg/s", figures[.segmentsOut])
            + figures.evidence("%cpu", figures.cpu, "%")
        return finding(.network, share >= 2 * Threshold.retransmits ? .high : .medium, evidence)
    }
}

extension FileSystemSample {
    /// Room that is left, in percent, or what files may still be made, whichever is less.
    var freeShare: Double {
        guard totalKiB > 0, availableKiB.isFinite else { return 100 }
        return max(0, min(100 * availableKiB / totalKiB, filesUsed.isFinite ? 100 - filesUsed : 100))
    }

    /// Whether writers are about to be refused. On a small one a few MiB are no room either.
    var isFull: Bool {
        guard totalKiB >= 1024, availableKiB.isFinite else { return false }
        return freeShare <= Threshold.spaceLeft || availableKiB <= min(4096, totalKiB * 0.05)
    }
}
