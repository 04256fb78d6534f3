import Foundation
import Testing

@testable import Sampling

/// Whatever a host answers, there is a reading or none: nothing traps, and every figure that comes of it is a number.
struct AnyBytesTests {
    private struct Chance: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return state ^ (state >> 29)
        }
    }

    private static let words = [
        "0", "1", "18446744073709551615", "18446744073709551616", "9223372036854775807", "-1", "1.5", "cpu0", "cpu",
        ":", "=",
        "total=18446744073709551615", "max", "0-65535", "0-99999999999", "", " ", "\n", "\u{0}", "é",
        "/proc/stat:cpu0 ",
        "/proc/uptime:1.00 1", "%", "kB", "some", "full", "1e999", "nan", "inf",
    ]

    @Test(arguments: ["busy", "disks-wrapped-replaced-new", "group"], 0..<5) func readingsOfDamagedAnswers(
        _ name: String, _ seed: Int
    )
        throws
    {
        var chance = Chance(state: UInt64(seed + 1) &* 77)
        let whole = name == "group" ? GroupTests.answer(uptime: "100.00", usage: 5) : try Self.answer(name)
        for _ in 0..<4 {
            let first = Self.damaged(whole, &chance)
            let second = Self.damaged(whole, &chance).replacing("/proc/uptime:", with: "/proc/uptime:9")
            for source in [SampleSource.automatic, .controlGroup] {
                guard let one = Reading(files: CounterFiles(answer: first), source: source),
                    let other = Reading(files: CounterFiles(answer: second), source: source),
                    let sample = Sample(from: one, to: other)
                else { continue }
                for metric in Metric.allCases { #expect(sample[metric]?.isFinite ?? true, "\(metric.rawValue)") }
                #expect(HistoryRecord(bytes: HistoryRecord(sequence: 1, sample: sample).bytes[...]) != nil)
                _ = Sample.mean(of: [sample, sample])
                _ = HistoryText.samples(in: HistoryText.head + HistoryText.lines(of: sample))
                _ = Exposition(reading: other, sample: sample, weight: 20, samples: 1).text
            }
        }
    }

    @Test(arguments: 0..<20) func textsOfAnything(_ seed: Int) {
        var chance = Chance(state: UInt64(seed + 1) &* 991)
        let bytes = (0..<4000).map { _ in UInt8.random(in: 0...255, using: &chance) }
        #expect(Reading(answer: String(decoding: bytes, as: UTF8.self)) == nil)
        #expect(HistoryText.samples(in: String(decoding: bytes, as: UTF8.self)).isEmpty)
        #expect(HistoryFormat.day.records(in: bytes).isEmpty)
        let text = HistoryText.head + HistoryText.lines(of: HistoryTests.sample(time: 5))
        _ = HistoryText.samples(in: Self.damaged(text, &chance))
    }

    private static func damaged(_ text: String, _ chance: inout Chance) -> String {
        var bytes = Array(text.utf8)
        for _ in 0..<Int.random(in: 1...30, using: &chance) {
            let place = Int.random(in: 0..<max(bytes.count, 1), using: &chance)
            switch Int.random(in: 0...3, using: &chance) {
            case 0: bytes.removeSubrange(place..<min(bytes.count, place + Int.random(in: 0...200, using: &chance)))
            case 1:
                bytes.insert(
                    contentsOf: words.randomElement(using: &chance).map { Array($0.utf8) } ?? [],
                    at: min(place, bytes.count))
            case 2: if place < bytes.count { bytes[place] = UInt8.random(in: 0...255, using: &chance) }
            default:
                // A number becomes another.
                guard let digit = bytes[min(place, bytes.count)...].firstIndex(where: { (48...57).contains($0) }) else {
                    continue
                }
                let end = bytes[digit...].firstIndex { !(48...57).contains($0) } ?? bytes.endIndex
                bytes.replaceSubrange(digit..<end, with: words[Int.random(in: 0...5, using: &chance)].utf8)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func answer(_ name: String) throws -> String {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Recorded")
        return try String(contentsOf: folder.appendingPathComponent("\(name)/after"), encoding: .utf8)
    }
}
