import Foundation
import Glibc
import Sampling
import Testing

@testable import Agent

struct HistoryFileTests {
    private static let format = HistoryFormat(step: 10, count: 100)

    private static func samples(_ path: String) -> [Int64] {
        HistoryScan.samples(path: path, format, from: 0, to: .max).map(\.time)
    }

    private static func write(_ times: some Sequence<Int>, to path: String) throws {
        let file = try HistoryFile(path: path, format: format)
        for time in times { try file.append(Sample(time: Int64(time), interval: 10)) }
    }

    @Test func aRestartGoesOnWhereItWas() throws {
        let place = try HistoryPlace()
        let path = place.path + "/h"
        try Self.write(stride(from: 1000, to: 1500, by: 10), to: path)
        let size = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int
        #expect(size == Self.format.size)
        try Self.write(stride(from: 1500, to: 2500, by: 10), to: path)
        #expect(Self.samples(path) == (0..<100).map { 1500 + Int64($0) * 10 })
        #expect(try HistoryFile(path: path, format: Self.format).kept == 100)
        #expect(try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int == Self.format.size)
    }

    @Test func anotherVersionIsSetAside() throws {
        let place = try HistoryPlace()
        let path = place.path + "/h"
        try Data("DROVERH0 of another time".utf8).write(to: URL(fileURLWithPath: path))
        let file = try HistoryFile(path: path, format: Self.format)
        #expect(file.setAside == path + ".old")
        #expect(try String(contentsOfFile: path + ".old", encoding: .utf8) == "DROVERH0 of another time")
        #expect(file.kept == 0)
    }

    @Test func aCutOffEndIsMadeWholeAndTheRestIsKept() throws {
        let place = try HistoryPlace()
        let path = place.path + "/h"
        try Self.write(stride(from: 1000, to: 2000, by: 10), to: path)
        #expect(truncate(path, off_t(Self.format.size / 2)) == 0)
        let file = try HistoryFile(path: path, format: Self.format)
        #expect((45...50).contains(file.kept))
        #expect(file.setAside == nil)
        #expect(try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int == Self.format.size)
    }

    /// Its making was cut off by a power cut: the room is there, the head is not.
    @Test func aFileWithoutAHeadIsBegunAnew() throws {
        let place = try HistoryPlace()
        let path = place.path + "/h"
        try Data(count: 5000).write(to: URL(fileURLWithPath: path))
        try Self.write([1000], to: path)
        #expect(Self.samples(path) == [1000])
    }

    @Test func twoAgentsDoNotWriteOneFile() throws {
        let place = try HistoryPlace()
        let first = try HistoryFile(path: place.path + "/h", format: Self.format)
        #expect(throws: SystemError.self) { _ = try HistoryFile(path: place.path + "/h", format: Self.format) }
        withExtendedLifetime(first) {}
    }

    @Test(arguments: 0..<20) func anyScribbleLeavesAFileThatIsRead(_ seed: Int) throws {
        let place = try HistoryPlace()
        let path = place.path + "/h"
        try Self.write(stride(from: 1000, to: 2000, by: 10), to: path)
        var bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
        var chance = UInt64(seed + 1) &* 0x9E37_79B9_7F4A_7C15
        for _ in 0..<(seed + 1) {
            chance = chance &* 6_364_136_223_846_793_005 &+ 1
            bytes[Int(chance >> 33) % bytes.count] ^= UInt8(truncatingIfNeeded: chance >> 20) | 1
        }
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        let kept = Self.samples(path)
        let headIsWhole = Array(bytes.prefix(HistoryFormat.headSize)) == Self.format.head
        #expect(kept.count >= (headIsWhole ? 100 - seed - 1 : 0))
        try Self.write([5000], to: path)
        #expect(Self.samples(path).contains(5000))
    }

    /// A day of seconds, then its text: the hour, by minutes.
    @Test func aDayIsKeptAtTenSecondsAndAMinute() throws {
        let place = try HistoryPlace()
        let rehearsal = try AgentProcess.run(["rehearse", "--folder", place.path, "--count", "7200"])
        #expect(rehearsal.status == 0, "\(rehearsal.errors)")
        let configuration = place.path + "/agent.conf"
        try "history = \(place.path)\n".write(toFile: configuration, atomically: true, encoding: .utf8)
        let from = 1_800_000_000 + 3600
        let answer = try AgentProcess.run(
            ["history", "--config", configuration, "--from", "\(from + 1)", "--to", "\(from + 3600)", "--step", "60"])
        let samples = HistoryText.samples(in: answer.output)
        #expect(samples.count == 60)
        #expect(samples.allSatisfy { $0.interval == 60 })
        #expect(HistoryFolder.samples(path: place.path, from: 0, to: .max).count == 720)
    }

    /// kill -9 at any moment; each time the file is read, lacks at most what was not written yet, and is written further.
    @Test func aKillAtAnyMomentLeavesAWholeHistory() throws {
        let rounds = ProcessInfo.processInfo.environment["DROVER_LONG_TESTS"] == nil ? 20 : 200
        let place = try HistoryPlace()
        var (chance, last) = (UInt64(getpid()) &* 0x9E37_79B9_7F4A_7C15, Int64(0))
        for round in 0..<rounds {
            let output = Pipe()
            let agent = try AgentProcess(["rehearse", "--folder", place.path], output: output)
            // One in four is killed while it opens the files, the others while they write.
            if round % 4 != 3 { #expect(!output.fileHandleForReading.availableData.isEmpty) }
            chance = chance &* 6_364_136_223_846_793_005 &+ 1
            pause(milliseconds: Int32(chance >> 40) % 60)
            kill(agent.process.processIdentifier, SIGKILL)
            agent.process.waitUntilExit()
            #expect(agent.process.terminationReason == .uncaughtSignal, "round \(round)")
            let samples = HistoryFolder.samples(path: place.path, from: 0, to: .max).map(\.time)
            guard let newest = samples.last else { continue }
            #expect(newest >= last)
            last = newest
            let fine = HistoryScan.samples(path: place.path + "/" + HistoryFolder.dayName, .day, from: 0, to: .max).map(
                \.time)
            let gaps = zip(fine, fine.dropFirst()).filter { $1 - $0 > 20 }
            #expect(gaps.isEmpty, "round \(round): \(gaps)")
            #expect(!FileManager.default.fileExists(atPath: place.path + "/\(HistoryFolder.dayName).old"))
        }
        #expect(last > 1_800_000_000)
    }

    /// The moment of a kill is chance itself: no event is waited for.
    private func pause(milliseconds: Int32) { poll(nil, 0, milliseconds) }
}
