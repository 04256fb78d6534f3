import Fleet

/// What a service says of itself that it is short of.
struct ServiceJudge: Sendable {
    let service: ServiceObservation
    let window: ObservationWindow
    /// Processors in use on its host, in percent.
    let cpu: Double?
    /// Time that all tasks of its host, or some, wait for the disk, in percent.
    let diskPressure: Double?

    var findings: [Finding] {
        switch service.figures {
        case .memcached(let figures): memcached(figures)
        case .rabbit(let figures): rabbit(figures)
        case .maria(let figures): maria(figures)
        case .varnish(let figures): varnish(figures)
        case .nginx(let figures): nginx(figures)
        case .haproxy(let figures): haproxy(figures.process)
        case nil: []
        }
    }

    private func figure(
        _ name: String, _ value: Double?, _ unit: String = "", limit: Double? = nil, remark: String? = nil
    ) -> [FigureEvidence] {
        guard let value, value.isFinite else { return [] }
        return [
            FigureEvidence(
                name, value, unit: unit, limit: limit, of: service.host.description, window: window, remark: remark)
        ]
    }

    private func finding(
        _ cause: Cause, _ confidence: Confidence, _ words: String, _ evidence: [FigureEvidence]
    ) -> Finding {
        Finding(cause, confidence, host: service.host.description, words: words, evidence: evidence)
    }

    /// Clients that were refused, or as many as there may be.
    private func connections(
        _ name: String, _ now: Double?, limit: Double?, refused: Double?, _ words: String
    ) -> [Finding] {
        let isFull = limit.map { limit in limit > 0 && (now ?? 0) / limit >= Threshold.serviceConnections } ?? false
        let isRefusing = (refused ?? 0) > 0
        guard isFull || isRefusing else { return [] }
        let evidence =
            figure(name, now, limit: limit) + (isRefusing ? figure("refused/s", refused, limit: 0) : [])
            + figure("%cpu", cpu, "%")
        return [finding(.connections, isRefusing ? .high : .medium, words, evidence)]
    }

    // MARK: caches

    /// A full cache is as it should be. It is short where it drops much of what it is given, and is then asked for what it has not.
    private func memcached(_ figures: MemcachedFigures) -> [Finding] {
        var found = connections(
            "curr_connections", figures.connections, limit: figures.connectionLimit, refused: figures.refusals,
            "memcached has as many clients as it may have")
        let share = figures.sets > 0 ? 100 * figures.evictions / figures.sets : 0
        guard share >= Threshold.evictions, (figures.hitShare ?? 0) < Threshold.goodHits else { return found }
        let evidence =
            figure("evictions", share, "%", limit: Threshold.evictions, remark: "of what is stored")
            + figure("hits", figures.hitShare.map { $0 * 100 }, "%", limit: Threshold.goodHits * 100)
            + figure("bytes", figures.bytes, "bytes", remark: "of \(FigureText.of(figures.limitBytes, "bytes"))")
            + figure("%cpu", cpu, "%")
        let words = "short of memory for its cache: items are dropped that are asked for again"
        found.append(finding(.pageCache, figures.hitShare == nil ? .medium : .high, words, evidence))
        return found
    }

    private func varnish(_ figures: VarnishFigures) -> [Finding] {
        var found: [Finding] = []
        if figures.dropped + figures.threadsLimited > 0 || figures.queued >= 1 {
            let evidence =
                figure("threads_limited/s", figures.threadsLimited, limit: 0)
                + figure("sess_dropped/s", figures.dropped, limit: 0)
                + figure("sess_queued/s", figures.queued, limit: 1)
            found.append(finding(.workers, .high, "Varnish has as many threads as it may have", evidence))
        }
        if figures.backendUnhealthy + figures.backendFailures >= 0.1 {
            let evidence =
                figure("backend_fail/s", figures.backendFailures, limit: 0.1)
                + figure("backend_unhealthy/s", figures.backendUnhealthy, limit: 0.1)
            found.append(finding(.dependency, .medium, "the hosts behind Varnish do not answer", evidence))
        }
        if figures.nuked >= 1, (figures.hitShare ?? 1) < Threshold.goodHits {
            let evidence =
                figure("n_lru_nuked/s", figures.nuked, limit: 1)
                + figure("hits", figures.hitShare.map { $0 * 100 }, "%", limit: Threshold.goodHits * 100)
            found.append(finding(.pageCache, .medium, "short of memory for its cache", evidence))
        }
        return found
    }

    // MARK: queues

    private func rabbit(_ figures: RabbitFigures) -> [Finding] {
        var found: [Finding] = []
        if figures.alarms.contains("memory") {
            let evidence = figure("mem_used", figures.memory, "bytes", limit: figures.memoryLimit)
            found.append(finding(.memory, .high, "RabbitMQ holds publishers for want of memory", evidence))
        }
        if figures.alarms.contains("disk") {
            let evidence = figure("disk_free", figures.diskFree, "bytes", limit: figures.diskFreeLimit)
            found.append(finding(.space, .high, "RabbitMQ holds publishers for want of disk space", evidence))
        }
        return found + figures.queues.filter { !$0.isForDeadLetters }.compactMap(backlog)
    }

    /// A queue that only is not empty is a queue.
    private func backlog(_ queue: RabbitQueue) -> Finding? {
        guard queue.ready >= Threshold.ready else { return nil }
        let growth = queue.growth ?? 0
        let isDeserted = queue.consumers < 1
        // A hundredth of what comes is within what a look's lag of 5 seconds makes.
        guard isDeserted || growth >= max(0.1, (queue.published ?? 0) * 0.05) else { return nil }
        let evidence =
            figure("messages_ready \(queue.name)", queue.ready, limit: Threshold.ready)
            + figure("consumers", queue.consumers, limit: isDeserted ? 1 : nil)
            + figure("growth", queue.growth, "/s") + figure("publish", queue.published, "/s")
            + figure("ack", queue.acknowledged, "/s") + figure("messages_unacknowledged", queue.unacknowledged)
        let words =
            isDeserted
            ? "jobs wait in \(queue.name) and no worker takes them"
            : "jobs come to \(queue.name) faster than workers take them"
        return finding(
            .backlog, isDeserted || growth * window.seconds >= queue.ready * 0.1 ? .high : .medium, words, evidence)
    }

    // MARK: databases

    private func maria(_ figures: MariaFigures) -> [Finding] {
        var found = connections(
            "Threads_connected", figures.connections, limit: figures.connectionLimit, refused: figures.refusals,
            "the database has as many clients as it may have")
        let misses = (figures.missShare ?? 0) * 100
        let waits = (figures.poolWaits ?? 0) > 0
        let reads = figures.pageReads ?? 0
        if waits && misses >= 1 || misses >= Threshold.poolMisses && reads >= 50 && (diskPressure ?? 0) >= 5 {
            let evidence =
                figure(
                    "buffer pool misses", misses, "%", limit: waits ? 1 : Threshold.poolMisses,
                    remark: "of pages looked for")
                + figure("Innodb_buffer_pool_wait_free/s", figures.poolWaits, limit: 0)
                + figure("Innodb_buffer_pool_reads/s", reads)
                + figure("innodb_buffer_pool_size", figures.poolBytes, "bytes")
                + figure("psi io some", diskPressure, "%")
            let words = "short of memory for its buffer pool"
            found.append(finding(.pageCache, waits ? .high : .medium, words, evidence))
        }
        if let locks = figures.rowLockTime, locks >= Threshold.rowLocks, (cpu ?? 0) < Threshold.processorIdle {
            let evidence =
                figure("Innodb_row_lock_time/s", locks, "ms", limit: Threshold.rowLocks)
                + figure("Threads_running", figures.running) + figure("%cpu", cpu, "%")
            found.append(finding(.workers, .medium, "statements wait for rows that others have locked", evidence))
        }
        if let replica = figures.replica, !replica.isFetching || !replica.isApplying {
            let evidence = figure("replication", 0, limit: 1, remark: replica.error ?? "stands still")
            found.append(finding(.unknown, .medium, "replication stands still", evidence))
        }
        return found
    }

    // MARK: who hands requests on

    private func nginx(_ figures: NginxFigures) -> [Finding] {
        guard figures.dropped > 0 else { return [] }
        let evidence = figure("dropped/s", figures.dropped, limit: 0) + figure("active", figures.active)
        return [finding(.connections, .high, "nginx has as many connections as it may have", evidence)]
    }

    private func haproxy(_ process: HAProxyProcess) -> [Finding] {
        var found = connections(
            "CurrConns", process.connections, limit: process.connectionLimit, refused: nil,
            "HAProxy has as many connections as it may have")
        if let idle = process.idle, idle <= 10, (cpu ?? 0) < Threshold.processor {
            let evidence =
                figure("Idle_pct", idle, "%", limit: 10) + figure("nbthread", process.threads)
                + figure("%cpu", cpu, "%")
            found.append(finding(.workers, .medium, "HAProxy's threads do all they can", evidence))
        }
        return found
    }
}
