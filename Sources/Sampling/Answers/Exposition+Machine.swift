// A machine's own counters, as node_exporter names them; and a control group's.

extension Exposition {
    func addProcessors(to out: inout PrometheusText) {
        let modes: [(String, KeyPath<ProcessorTimes, UInt64>)] = [
            ("user", \.user), ("nice", \.nice), ("system", \.system), ("idle", \.idle), ("iowait", \.iowait),
            ("irq", \.hardInterrupts), ("softirq", \.softInterrupts), ("steal", \.steal),
        ]
        let processors = reading.processors.sorted { $0.key < $1.key }
        out.add(
            "node_cpu_seconds_total", .counter, "Seconds the processors spent in each mode.",
            processors.flatMap { number, times in
                modes.map {
                    .init(
                        labels: [("cpu", String(number)), ("mode", $0.0)],
                        value: PrometheusText.seconds(times[keyPath: $0.1], per: 100))
                }
            })
        let guests: [(String, KeyPath<ProcessorTimes, UInt64>)] = [("user", \.guest), ("nice", \.guestNice)]
        out.add(
            "node_cpu_guest_seconds_total", .counter, "Seconds the processors spent in guests, in the modes' too.",
            processors.flatMap { number, times in
                guests.map {
                    .init(
                        labels: [("cpu", String(number)), ("mode", $0.0)],
                        value: PrometheusText.seconds(times[keyPath: $0.1], per: 100))
                }
            })
    }

    func addKernel(to out: inout PrometheusText) {
        func number(_ name: String) -> String? { PrometheusText.number(reading.kernel[name]) }
        out.add("node_context_switches_total", .counter, "Context switches.", number("ctxt"))
        out.add("node_forks_total", .counter, "Processes that were started.", number("processes"))
        out.add("node_boot_time_seconds", .gauge, "When the machine started.", number("btime"))
        out.add("node_procs_running", .gauge, "Tasks that run or could.", number("procs_running"))
        out.add("node_procs_blocked", .gauge, "Tasks that wait for a disk.", number("procs_blocked"))
        out.add("node_load1", .gauge, "1m load average.", reading.load.map { "\(Double($0.load1) / 100)" })
        out.add("node_load5", .gauge, "5m load average.", reading.load.map { "\(Double($0.load5) / 100)" })
        out.add("node_load15", .gauge, "15m load average.", reading.load.map { "\(Double($0.load15) / 100)" })
        out.add(
            "node_filefd_allocated", .gauge, "File handles in use.", PrometheusText.number(reading.fileHandles))
        out.add(
            "node_filefd_maximum", .gauge, "File handles there may be.",
            PrometheusText.number(reading.fileHandleLimit))
    }

    func addPaging(to out: inout PrometheusText) {
        for name in [
            "pgpgin", "pgpgout", "pgfault", "pgmajfault", "pswpin", "pswpout", "oom_kill", "workingset_refault_file",
        ] {
            out.add(
                "node_vmstat_\(name)", .untyped, "/proc/vmstat: \(name).", PrometheusText.number(reading.paging[name]))
        }
    }

    func addDisks(to out: inout PrometheusText) {
        func add(_ name: String, _ help: String, _ value: (DiskCounters) -> String?) {
            out.add(
                "node_disk_\(name)_total", .counter, help,
                reading.disks.map { .init(labels: [("device", $0.name)], value: value($0)) })
        }
        func time(_ ticks: UInt64) -> String? { PrometheusText.seconds(ticks, per: 1000) }
        func bytes(_ sectors: UInt64) -> String? { PrometheusText.number(Double(sectors) * 512) }
        add("reads_completed", "Reads that were finished.") { String($0.reads) }
        add("read_bytes", "Bytes read.") { bytes($0.sectorsRead) }
        add("read_time_seconds", "Time of all reads.") { time($0.readTicks) }
        add("writes_completed", "Writes that were finished.") { String($0.writes) }
        add("written_bytes", "Bytes written.") { bytes($0.sectorsWritten) }
        add("write_time_seconds", "Time of all writes.") { time($0.writeTicks) }
        add("discards_completed", "Discards that were finished.") { String($0.discards) }
        add("discarded_sectors", "Sectors that were discarded.") { String($0.sectorsDiscarded) }
        add("io_time_seconds", "Time with a request under way.") { time($0.busyTicks) }
        add("io_time_weighted_seconds", "Time with requests under way, times their number.") { time($0.queueTicks) }
    }

    func addGroup(_ group: GroupCounters, to out: inout PrometheusText) {
        func seconds(_ microseconds: UInt64?) -> String? { PrometheusText.seconds(microseconds, per: 1_000_000) }
        out.add(
            "drover_cpu_seconds_total", .counter, "Processor time of the container.",
            [
                .init(labels: [("mode", "user")], value: seconds(group.user)),
                .init(labels: [("mode", "system")], value: seconds(group.system)),
            ])
        out.add(
            "drover_cpu_periods_total", .counter, "Periods of the scheduler under the container's quota.",
            PrometheusText.number(group.periods))
        out.add(
            "drover_cpu_throttled_periods_total", .counter, "Periods in which the quota held the container back.",
            PrometheusText.number(group.throttledPeriods))
        out.add(
            "drover_cpu_throttled_seconds_total", .counter, "Time in which the quota held the container back.",
            seconds(group.throttledTime))
        out.add(
            "drover_memory_refaults_total", .counter, "File pages that were read again soon after they were dropped.",
            PrometheusText.number(
                group.memoryFigures.first(of: "total_workingset_refault_file", "workingset_refault_file")))
        out.add(
            "drover_memory_kills_total", .counter, "Processes that were killed for want of memory.",
            PrometheusText.number(group.outOfMemoryKills))
        out.add("drover_tasks", .gauge, "Tasks of the container.", PrometheusText.number(group.tasks))
    }
}
