import Foundation
import Sampling
import Testing

/// Pairs of readings, and what the programs of sysstat 12.6.1 make of them (`record` shows them the same files).
struct SysstatTests {
    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
        "Recorded")

    static let cases =
        ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? [])
        .filter { FileManager.default.fileExists(atPath: folder.appendingPathComponent("\($0)/expected.json").path) }
        .sorted()

    @Test func thereAreCases() { #expect(Self.cases.count >= 10) }

    @Test(arguments: cases) func theFiguresAreSysstats(_ name: String) throws {
        let sample = try Self.sample(name)
        let expected = try Self.expected(name)
        for (metric, keys) in Self.figures {
            let value = try #require(Self.number(expected, keys), "\(keys)")
            Self.expectSame(sample[metric], value, "\(metric.rawValue)")
        }
    }

    @Test(arguments: cases) func disksAreSysstats(_ name: String) throws {
        let sample = try Self.sample(name)
        let expected = try Self.expected(name)
        let rows = try #require(expected["disk"] as? [[String: Any]])
        #expect(Set(rows.compactMap { $0["disk-device"] as? String }) == Set(sample.disks.map(\.name)))
        for row in rows {
            let disk = try #require(sample.disks.first { $0.name == row["disk-device"] as? String })
            for (key, value) in [
                ("tps", disk.transfers), ("rkB", disk.readKiB), ("wkB", disk.writtenKiB), ("dkB", disk.discardedKiB),
                ("areq-sz", disk.requestKiB), ("aqu-sz", disk.queue), ("await", disk.wait),
                ("util-percent", disk.utilisation),
            ] {
                Self.expectSame(value, row[key] as? Double ?? .nan, "\(disk.name) \(key)")
            }
        }
    }

    @Test(arguments: cases) func devicesAreSysstats(_ name: String) throws {
        let sample = try Self.sample(name)
        let expected = try Self.expected(name)
        let network = try #require(expected["network"] as? [String: Any])
        let rows = try #require(network["net-dev"] as? [[String: Any]])
        let errors = try #require(network["net-edev"] as? [[String: Any]])
        #expect(rows.count == sample.devices.count)
        for (row, failed) in zip(rows, errors) {
            let device = try #require(sample.devices.first { $0.name == row["iface"] as? String })
            for (key, value) in [
                ("rxpck", device.packetsIn), ("txpck", device.packetsOut), ("rxkB", device.receivedKiB),
                ("txkB", device.sentKiB),
            ] {
                Self.expectSame(value, row[key] as? Double ?? .nan, "\(device.name) \(key)")
            }
            let sum = ["rxerr", "txerr", "rxdrop", "txdrop"].reduce(0) { $0 + (failed[$1] as? Double ?? .nan) }
            Self.expectSame(device.errors, sum, "\(device.name) errors")
        }
    }

    /// As exact as two digits after the point and ``Sample``'s own 24 bits are.
    private static func expectSame(_ value: Double?, _ expected: Double, _ what: Comment) {
        // sysstat prints a counter that went back as a rate of 10^18: to us it did nothing.
        let expected = expected > 1e15 ? 0 : expected
        #expect(
            abs((value ?? .nan) - expected) <= max(0.00501, expected * 1e-6),
            "\(what): \(value ?? .nan), not \(expected)")
    }

    private static func sample(_ name: String) throws -> Sample {
        func reading(_ file: String) throws -> Reading {
            let url = folder.appendingPathComponent("\(name)/\(file)")
            let answer = try String(contentsOf: url, encoding: .utf8)
            return try #require(Reading(answer: answer))
        }
        let (before, after) = (try reading("before"), try reading("after"))
        return try #require(Sample(from: before, to: after))
    }

    private static func expected(_ name: String) throws -> [String: Any] {
        try statistics(Data(contentsOf: folder.appendingPathComponent("\(name)/expected.json")))
    }

    /// The last interval of what `sadf -j` prints.
    static func statistics(_ data: Data) throws -> [String: Any] {
        let object = try JSONSerialization.jsonObject(with: data)
        let all = try #require(object as? [String: Any])
        let hosts = try #require((all["sysstat"] as? [String: Any])?["hosts"] as? [[String: Any]])
        return try #require((hosts.first?["statistics"] as? [[String: Any]])?.last)
    }

    static func number(_ object: [String: Any], _ keys: [String]) -> Double? {
        var value: Any? = object
        for key in keys {
            if let list = value as? [Any] { value = list.first }
            value = (value as? [String: Any])?[key]
        }
        return (value as? NSNumber)?.doubleValue
    }

    static let figures: [(Metric, [String])] = [
        (.user, ["cpu-load", "user"]), (.nice, ["cpu-load", "nice"]), (.system, ["cpu-load", "system"]),
        (.iowait, ["cpu-load", "iowait"]), (.steal, ["cpu-load", "steal"]), (.idle, ["cpu-load", "idle"]),
        (.forks, ["process-and-context-switch", "proc"]), (.contextSwitches, ["process-and-context-switch", "cswch"]),
        (.swapIn, ["swap-pages", "pswpin"]), (.swapOut, ["swap-pages", "pswpout"]),
        (.pagedIn, ["paging", "pgpgin"]), (.pagedOut, ["paging", "pgpgout"]), (.faults, ["paging", "fault"]),
        (.majorFaults, ["paging", "majflt"]), (.pagesFreed, ["paging", "pgfree"]),
        (.pagesScannedByDaemon, ["paging", "pgscank"]), (.pagesScannedDirectly, ["paging", "pgscand"]),
        (.pagesStolen, ["paging", "pgsteal"]), (.transfers, ["io", "tps"]),
        (.readTransfers, ["io", "io-reads", "rtps"]),
        (.writeTransfers, ["io", "io-writes", "wtps"]), (.sectorsRead, ["io", "io-reads", "bread"]),
        (.sectorsWritten, ["io", "io-writes", "bwrtn"]), (.memoryFree, ["memory", "memfree"]),
        (.memoryAvailable, ["memory", "avail"]), (.memoryUsed, ["memory", "memused"]),
        (.memoryBuffers, ["memory", "buffers"]),
        (.memoryCached, ["memory", "cached"]), (.memoryCommitted, ["memory", "commit"]),
        (.memoryActive, ["memory", "active"]),
        (.memoryInactive, ["memory", "inactive"]), (.memoryDirty, ["memory", "dirty"]),
        (.swapFree, ["memory", "swpfree"]),
        (.fileHandles, ["kernel", "file-nr"]), (.runQueue, ["queue", "runq-sz"]), (.tasks, ["queue", "plist-sz"]),
        (.load1, ["queue", "ldavg-1"]), (.load5, ["queue", "ldavg-5"]), (.load15, ["queue", "ldavg-15"]),
        (.blocked, ["queue", "blocked"]), (.sockets, ["network", "net-sock", "totsck"]),
        (.timeWait, ["network", "net-sock", "tcp-tw"]), (.connectionsOpened, ["network", "net-tcp", "active"]),
        (.connectionsAccepted, ["network", "net-tcp", "passive"]), (.segmentsIn, ["network", "net-tcp", "iseg"]),
        (.segmentsOut, ["network", "net-tcp", "oseg"]), (.retransmits, ["network", "net-etcp", "retrans"]),
    ]
}
