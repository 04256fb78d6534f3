import Foundation
import Testing

@testable import Sampling

/// Readings of the machine that the tests run on, by the script as hosts run it.
struct ReadingTests {
    @Test func theScriptReadsThisMachine() throws {
        let first = try Self.reading()
        var second = first
        while second.uptime == first.uptime { second = try Self.reading() }
        let sample = try #require(Sample(from: first, to: second))
        #expect(abs(Double(sample.time) - Date().timeIntervalSince1970) < 10)
        #expect(sample.interval > 0)
        #expect(sample[.memoryTotal] ?? 0 > 0)
        #expect(sample[.sockets] ?? 0 > 0)
        #expect(sample.devices.contains { $0.name == "lo" })
        #expect(sample.fileSystems.contains { $0.path == "/" })
        let shares = [Metric.user, .nice, .system, .iowait, .steal, .idle].compactMap { sample[$0] }
        #expect(abs(shares.reduce(0, +) - 100) < 0.1)
    }

    @Test func noTimeNoSample() throws {
        let reading = try Self.reading()
        #expect(Sample(from: reading, to: reading) == nil)
    }

    @Test func anAnswerWithoutAClockIsNone() {
        #expect(Reading(answer: "") == nil)
        #expect(Reading(answer: "/proc/uptime:x y\n/proc/stat:btime 5") == nil)
    }

    @Test func noContentIsTakenForAnotherFiles() {
        let files = CounterFiles(answer: "/proc/net/dev:/proc/uptime:1.00 1\nnonsense\n/etc/passwd:x\n")
        #expect(files["/proc/uptime"] == nil)
        #expect(files["/etc/passwd"] == nil)
        #expect(files["/proc/net/dev"] == Array("/proc/uptime:1.00 1\n".utf8))
    }

    private static func reading() throws -> Reading {
        let text = try answer()
        return try #require(Reading(answer: text))
    }

    static func answer() throws -> String {
        let shell = Process()
        shell.executableURL = URL(fileURLWithPath: "/bin/sh")
        shell.arguments = ["-c", ReadingScript.text]
        let output = Pipe()
        shell.standardOutput = output
        try shell.run()
        let bytes = output.fileHandleForReading.readDataToEndOfFile()
        shell.waitUntilExit()
        return String(decoding: bytes, as: UTF8.self)
    }
}
