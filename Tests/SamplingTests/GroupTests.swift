import Testing

@testable import Sampling

/// A container's figures are its control group's.
struct GroupTests {
    /// A host of a lab: control groups of both versions, the machine's `/proc`.
    static func answer(uptime: String, usage: UInt64, more: [String] = []) -> String {
        let lines = [
            "/proc/stat:cpu  900 0 900 100 50 0 0 9 0 0", "/proc/stat:cpu0 500 0 500 50 25 0 0 4 0 0",
            "/proc/stat:cpu1 400 0 400 50 25 0 0 5 0 0", "/proc/stat:btime 1700000000", "/proc/stat:ctxt 123456",
            "/proc/uptime:\(uptime) 1.00", "/proc/loadavg:9.00 8.00 7.00 5/600 1",
            "/proc/meminfo:MemTotal: 24000000 kB",
            "/proc/meminfo:MemFree: 1000 kB", "/proc/vmstat:workingset_refault_file 999999",
            "/proc/pressure/cpu:some avg10=9.00 avg60=9.00 avg300=9.00 total=\(usage * 1000)",
            "/proc/diskstats:   8       0 sda 5000 10 80 9 3000 5 90 8 0 7 7 0 0 0 0", "disks:real sda",
            "/proc/net/dev:  eth0: \(usage) 1 0 0 0 0 0 0 5 1 0 0 0 0 0 0",
            "/sys/fs/cgroup/unified/cgroup.type:domain", "/sys/fs/cgroup/unified/cpu.stat:usage_usec \(usage)",
            "/sys/fs/cgroup/unified/cpu.stat:user_usec \(usage / 2)",
            "/sys/fs/cgroup/unified/cpu.stat:system_usec \(usage / 2)",
            "/sys/fs/cgroup/unified/cpu.pressure:some avg10=0.00 avg60=0.00 avg300=0.00 total=\(usage / 4)",
            "/sys/fs/cgroup/cpu/cpu.cfs_quota_us:50000", "/sys/fs/cgroup/cpu/cpu.cfs_period_us:100000",
            "/sys/fs/cgroup/cpu/cpu.stat:nr_periods \(usage / 100_000)",
            "/sys/fs/cgroup/cpu/cpu.stat:nr_throttled \(usage / 200_000)",
            "/sys/fs/cgroup/cpuset/cpuset.effective_cpus:0-1", "/sys/fs/cgroup/memory/memory.usage_in_bytes:104857600",
            "/sys/fs/cgroup/memory/memory.limit_in_bytes:134217728",
            "/sys/fs/cgroup/memory/memory.stat:total_cache 52428800",
            "/sys/fs/cgroup/memory/memory.stat:total_inactive_file 20971520",
            "/sys/fs/cgroup/memory/memory.stat:total_active_file 10485760",
            "/sys/fs/cgroup/memory/memory.stat:total_workingset_refault_file \(usage / 1000)",
            "/sys/fs/cgroup/memory/memory.oom_control:oom_kill 2", "/sys/fs/cgroup/pids/pids.current:42",
        ]
        return (lines + more).joined(separator: "\n") + "\n"
    }

    private static func sample(source: SampleSource = .automatic, more: [String] = []) throws -> Sample {
        let before = CounterFiles(answer: answer(uptime: "100.00", usage: 1_000_000, more: more))
        let after = CounterFiles(answer: answer(uptime: "110.00", usage: 3_000_000, more: more))
        let first = try #require(Reading(files: before, source: source))
        let second = try #require(Reading(files: after, source: source))
        return try #require(Sample(from: first, to: second))
    }

    @Test func aContainersFiguresAreItsOwn() throws {
        let sample = try Self.sample()
        #expect(sample.scope == .controlGroup)
        // Two seconds of ten, where half a processor is allowed.
        #expect(sample[.busyProcessors] == Double(Float(0.2)))
        #expect(sample[.allowedProcessors] == 0.5)
        #expect(sample[.user] == 20)
        #expect(sample[.system] == 20)
        #expect(sample[.idle] == 60)
        #expect(sample[.throttled] == 50)
        #expect(sample[.cpuPressure] == 5)
        #expect(sample[.memoryTotal] == 131072)
        #expect(sample[.memoryFree] == 28672)
        #expect(sample[.memoryAvailable] == 59392)
        #expect(sample[.memoryUsed] == 51200)
        #expect(sample[.refaults] == 200)
        #expect(sample[.tasks] == 42)
        #expect(sample.devices.first?.receivedKiB == 2_000_000 / 10 / 1024.0)
    }

    @Test func whatItsGroupDoesNotSayStaysUnknown() throws {
        let sample = try Self.sample()
        for metric in [
            Metric.iowait, .steal, .load1, .runQueue, .contextSwitches, .pagedIn, .transfers, .fileHandles,
            .memoryBuffers,
        ] {
            #expect(sample[metric] == nil, "\(metric.rawValue)")
        }
        #expect(sample.disks.isEmpty)
    }

    @Test func theSourceMayBeForced() throws {
        let sample = try Self.sample(source: .proc)
        #expect(sample.scope == .machine)
        #expect(sample[.memoryTotal] == 24_000_000)
        #expect(sample[.load1] == 9)
        #expect(sample.disks.map(\.name) == ["sda"])
    }

    @Test func disksOfVersionTwoCount() throws {
        let line = "/sys/fs/cgroup/unified/io.stat:8:0 rbytes=512 wbytes=1024 rios=3 wios=4 dbytes=0 dios=0"
        #expect(try Self.sample(more: [line])[.transfers] == 0)
    }

    /// A container without a group of its own to see is no machine.
    @Test func withoutAGroupNothingIsTakenFromTheMachine() throws {
        func reading(_ uptime: String) -> Reading? {
            let lines = Self.answer(uptime: uptime, usage: 5).split(separator: "\n").filter {
                !$0.contains("/sys/fs/cgroup")
            }
            return Reading(answer: (lines + ["/run/systemd/container:systemd-nspawn"]).joined(separator: "\n"))
        }
        let (first, second) = (try #require(reading("1.00")), try #require(reading("2.00")))
        let sample = try #require(Sample(from: first, to: second))
        #expect(sample.scope == .controlGroup)
        #expect(sample[.user] == nil)
        #expect(sample[.load1] == nil)
        #expect(sample.devices.count == 1)
    }

    @Test(arguments: [("0-3,8", 5), ("0", 1), ("", 0), ("x", 0), ("3-1", 0), ("0-18446744073709551615", 0)])
    func processorsAreCounted(_ list: String, _ count: Int) {
        #expect((GroupCounters.count(Array(list.utf8)) ?? 0) == count)
    }

    @Test func meansAreWeighedByTime() throws {
        var (short, long) = (Sample(time: 10, interval: 10), Sample(time: 40, interval: 30))
        (short[.user], long[.user], long[.nice]) = (40, 20, 8)
        short.disks = [DiskSample(name: "sda", transfers: 30, wait: 10)]
        long.disks = [DiskSample(name: "sda", transfers: 10, wait: 2), DiskSample(name: "sdb", transfers: 4, wait: 1)]
        let mean = try #require(Sample.mean(of: [long, short]))
        #expect(mean[.user] == 25)
        #expect(mean[.nice] == 8)
        #expect(mean[.system] == nil)
        #expect(mean.time == 40)
        #expect(mean.interval == 40)
        #expect(
            mean.disks == [
                DiskSample(name: "sda", transfers: 15, wait: 6), DiskSample(name: "sdb", transfers: 3, wait: 1),
            ])
        #expect(Sample.mean(of: []) == nil)
    }
}
