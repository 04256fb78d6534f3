import Foundation
import Glibc
import Testing

@testable import Sampling

/// This machine by ours and by `sar`, over the same time.
@Suite(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/lib/sysstat/sadc"), "sysstat is not installed"))
struct LiveSysstatTests {
    /// A minute, within what is promised; in the short form two seconds, in which the moments of the readings weigh more.
    private static let isLong = ProcessInfo.processInfo.environment["DROVER_LONG_TESTS"] != nil

    private static let collector = "/usr/lib/sysstat/sadc"

    /// What is not of an interval but of one moment, which is another one in each program.
    private static let momentary: Set<Metric> = [.runQueue, .blocked, .tasks, .sockets, .timeWait, .memoryDirty]

    @Test func eachMeanIsSars() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("sar-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let before = try Self.reading()
        // sadc by itself waits for an alarm, which a process of Foundation's has blocked.
        _ = try Self.run(Self.collector, ["-S", "XALL", "1", "1", "\(folder)/data"])
        poll(nil, 0, Self.isLong ? 60_000 : 2000)
        _ = try Self.run(Self.collector, ["-S", "XALL", "1", "1", "\(folder)/data"])
        let after = try Self.reading()
        let sample = try #require(Sample(from: before, to: after))
        let words = [
            "-j", "\(folder)/data", "--", "-u", "-w", "-W", "-B", "-b", "-r", "-S", "-v", "-q", "-n", "TCP,ETCP,SOCK",
        ]
        let expected = try SysstatTests.statistics(Data(try Self.run("/usr/bin/sadf", words).utf8))
        for (metric, keys) in SysstatTests.figures where !Self.momentary.contains(metric) {
            guard Self.isLong || metric.rawValue.hasPrefix("cpu.") else { continue }
            let sars = try #require(SysstatTests.number(expected, keys), "\(keys)")
            let ours = try #require(sample[metric], "\(metric.rawValue)")
            let allowed = Self.isLong ? max(1, sars * 0.02) : 15
            #expect(abs(ours - sars) <= allowed, "\(metric.rawValue): \(ours), not \(sars)")
        }
    }

    /// Without a process: what a start costs would count on one side only.
    private static func reading() throws -> Reading {
        var files = CounterFiles()
        for path in CounterFiles.machinePaths {
            files[path] = FileHandle(forReadingAtPath: path).map { Array($0.readDataToEndOfFile()) }
        }
        let disks = try FileManager.default.contentsOfDirectory(atPath: "/sys/block").map { name in
            FileManager.default.fileExists(atPath: "/sys/block/\(name)/device") ? "real \(name)\n" : "virtual \(name)\n"
        }
        files[CounterFiles.diskNames] = Array(disks.joined().utf8)
        return try #require(Reading(files: files, source: .proc))
    }

    private static func run(_ program: String, _ arguments: [String]) throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        process.environment = ["LC_ALL": "C", "PATH": "/usr/sbin:/usr/bin:/sbin:/bin"]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let bytes = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return String(decoding: bytes, as: UTF8.self)
    }
}
