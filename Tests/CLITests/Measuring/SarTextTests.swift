import Fleet
import Sampling
import Testing

@testable import CLI

/// Lines as sysstat 12.6.1 prints them in the C locale; what it printed stands here.
@Suite struct SarTextTests {
    private static let host = try? HostName("ap1")

    /// A host that does a little of everything.
    static func sample(_ host: Int = 0) -> Sample {
        var sample = Sample(
            time: 1_764_597_600, interval: 1,
            disks: [
                DiskSample(
                    name: "vda", transfers: 879, readKiB: 25552, writtenKiB: 960, discardedKiB: 852,
                    requestKiB: 31.13, queue: 1.68, wait: 1.91, utilisation: 15.6)
            ],
            devices: [
                DeviceSample(name: "eth0", packetsIn: 341.58, packetsOut: 341.58, receivedKiB: 44.37, sentKiB: 44.37)
            ])
        let figures: [Metric: Double] = [
            .user: 86.43, .nice: 0, .system: 13.57, .iowait: 0, .steal: 0, .idle: 0, .runQueue: 12, .tasks: 349,
            .load1: 17.91, .load5: 17.07, .load15: 12.42, .blocked: 0, .memoryFree: 15_749_376,
            .memoryAvailable: 23_634_968, .memoryUsed: 609_480, .memoryTotal: 24_675_300, .memoryBuffers: 143_036,
            .memoryCached: 7_206_568, .memoryCommitted: 620_800, .memoryActive: 2_875_968, .memoryInactive: 4_892_040,
            .memoryDirty: 202_792, .swapTotal: 0, .swapFree: 0, .forks: 73, .contextSwitches: 26380,
        ]
        for (metric, value) in figures { sample[metric] = value }
        return sample
    }

    @Test(arguments: [
        (
            SarReport.processors, "14:00:00        CPU     %user     %nice   %system   %iowait    %steal     %idle",
            "14:00:01        all     86.43      0.00     13.57      0.00      0.00      0.00"
        ),
        (
            .queue, "14:00:00      runq-sz  plist-sz   ldavg-1   ldavg-5  ldavg-15   blocked",
            "14:00:01           12       349     17.91     17.07     12.42         0"
        ),
        (
            .memory,
            "14:00:00    kbmemfree   kbavail kbmemused  %memused kbbuffers  kbcached  kbcommit   %commit  kbactive   kbinact   kbdirty",
            "14:00:01     15749376  23634968    609480      2.47    143036   7206568    620800      2.52   2875968   4892040    202792"
        ),
        (
            .swap, "14:00:00    kbswpfree kbswpused  %swpused  kbswpcad   %swpcad",
            "14:00:01            0         0      0.00         -         -"
        ),
        (.tasks, "14:00:00       proc/s   cswch/s", "14:00:01        73.00  26380.00"),
        (
            .disks,
            "14:00:00          DEV       tps     rkB/s     wkB/s     dkB/s   areq-sz    aqu-sz     await     %util",
            "14:00:01          vda    879.00  25552.00    960.00    852.00     31.13      1.68      1.91     15.60"
        ),
        (
            .devices, "14:00:00        IFACE   rxpck/s   txpck/s    rxkB/s    txkB/s",
            "14:00:01         eth0    341.58    341.58     44.37     44.37"
        ),
    ])
    func standAsSysstatHasThem(_ report: SarReport, _ titles: String, _ row: String) throws {
        let text = SarText(report)
        #expect(text.header("14:00:00") == titles)
        #expect(text.rows("14:00:01", Self.sample(), of: try #require(Self.host)) == [row])
    }

    @Test func whatIsNotKnownKeepsItsPlace() throws {
        var sample = Sample(time: 0, interval: 1, scope: .controlGroup)
        sample[.user] = 1.5
        let row = SarText(.processors).rows("14:00:01", sample, of: try #require(Self.host))
        #expect(row == ["14:00:01        all      1.50         -         -         -         -         -"])
        sample[.user] = .infinity
        #expect(SarText(.processors).rows("x", sample, of: try #require(Self.host))[0].contains("-"))
    }

    @Test func severalHostsStandUnderOneAnother() throws {
        let hosts = [try HostName("ap1"), try HostName("web-long-1")]
        let text = SarText(.queue, hosts: hosts)
        #expect(text.header("14:00:00").hasPrefix("14:00:00          HOST   runq-sz"))
        #expect(text.rows("14:00:01", Self.sample(), of: hosts[1])[0].hasPrefix("14:00:01    web-long-1        12"))
        // Where hosts' names stand, "all" would tell nothing.
        #expect(!SarText(.processors, hosts: hosts).header("14:00:00").contains("CPU"))
    }

    @Test(arguments: SarReport.allCases) func everyReportFitsAnOrdinaryTerminal(_ report: SarReport) throws {
        for hosts in [[try HostName("ap1")], [try HostName("ap1"), try HostName("ap2")]] {
            let text = SarText(report, hosts: hosts, width: 80)
            #expect(text.header("14:00:00").count <= 80, "\(text.header("14:00:00"))")
            #expect(Set(text.leftOut).count == report.columns.count - text.columns.count)
            #expect(SarText(report, hosts: hosts).leftOut.isEmpty)
        }
    }

    @Test func theBannerIsSars() throws {
        let machine = MachineName(answer: "Linux 6.1.0-18-amd64 x86_64 2\n")
        let banner = SarText.banner(try #require(Self.host), machine, date: "2026-12-01")
        #expect(banner == "Linux 6.1.0-18-amd64 (ap1) \t2026-12-01 \t_x86_64_\t(2 CPU)")
        #expect(MachineName(answer: "") == nil && MachineName(answer: "Linux x y") == nil)
    }
}
