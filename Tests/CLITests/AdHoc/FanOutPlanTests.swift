import Fleet
import Rollouts
import Testing

@testable import CLI

@Suite struct FanOutPlanTests {
    /// Ends the hosts of `range`, which were connected to before.
    private func finish(_ range: Range<Int>, in plan: inout FanOutPlan, failed: Bool = false) {
        for host in range { plan.connected(host) }
        for host in range { plan.ended(host, failed: failed) }
    }

    @Test func allHostsAreBegunAtOnceWithoutAPace() {
        var plan = FanOutPlan(count: 40, pace: Pace())
        #expect(plan.next() == 0..<40)
        #expect(plan.next().isEmpty)
    }

    @Test func aHostThatIsConnectedMakesRoomForAnother() {
        var plan = FanOutPlan(count: 5, pace: Pace(connecting: 2))
        #expect(plan.next() == 0..<2)
        plan.connected(1)
        #expect(plan.next() == 2..<3)
    }

    @Test func forksCountHostsUntilTheyEnd() {
        var plan = FanOutPlan(count: 5, pace: Pace(inHand: 2))
        #expect(plan.next() == 0..<2)
        plan.connected(0)
        #expect(plan.next().isEmpty)
        plan.ended(0, failed: false)
        #expect(plan.next() == 2..<3)
    }

    @Test(arguments: [("2", [2, 2, 1]), ("40%", [2, 2, 1]), ("1%", [1, 1, 1, 1, 1]), ("9", [5])])
    func aBatchBeginsWhenTheLastOneHasEnded(_ size: String, _ batches: [Int]) throws {
        let batch: BatchSize = try #require(BatchSize(size))
        var plan = FanOutPlan(count: 5, pace: Pace(batch: batch))
        for batch in batches {
            let begun = plan.next()
            #expect(begun.count == batch)
            #expect(plan.next().isEmpty)
            finish(begun, in: &plan)
        }
        #expect(plan.next().isEmpty)
    }

    @Test(arguments: ["", "0", "-1", "x", "101%", "%", "5.5"])
    func whatIsNoBatchSizeIsNone(_ text: String) { #expect(BatchSize(text) == nil) }

    @Test(arguments: [(0, 1), (10, 2), (50, 6), (99, 10), (100, 10)])
    func noHostIsBegunOnceTooManyFailed(_ percent: Int, _ begunInAll: Int) {
        var plan = FanOutPlan(count: 10, pace: Pace(inHand: 1, failPercent: percent))
        var begun = 0
        while let host = plan.next().first {
            begun += 1
            finish(host..<host + 1, in: &plan, failed: true)
        }
        #expect(begun == begunInAll)
        #expect(plan.states.count { $0 == .waiting } == 10 - begunInAll)
    }

    @Test func nothingIsBegunAfterStop() {
        var plan = FanOutPlan(count: 3, pace: Pace(inHand: 1))
        #expect(plan.next() == 0..<1)
        plan.stop()
        finish(0..<1, in: &plan)
        #expect(plan.next().isEmpty)
        #expect(plan.states == [.ended, .waiting, .waiting])
    }
}

@Suite struct OutputTests {
    @Test func aTailKeepsTheLastBytesAndCountsTheOthers() {
        var tail = OutputTail(ByteCount(10))
        for number in 0..<100 { tail.append(Array("\(number % 10)".utf8)) }
        tail.finish()
        #expect(tail.text == "0123456789")
        #expect(tail.omitted == 90)
    }

    @Test func whatFitsIsKeptWhole() {
        var tail = OutputTail(ByteCount(3))
        tail.append([1, 2, 3])
        tail.finish()
        #expect(tail.bytes == [1, 2, 3] && tail.omitted == 0)
    }

    @Test(arguments: [["a\nb\n"], ["a", "\n", "b\n"], ["a\nb", "\n"]])
    func linesAreCutHoweverTheyCome(_ pieces: [String]) {
        var cutter = LineCutter()
        let lines = pieces.flatMap { cutter.feed(Array($0.utf8)) }
        #expect(lines.map { String(decoding: $0, as: UTF8.self) } == ["a", "b"])
        #expect(cutter.finish() == nil)
    }

    @Test func aLineWithoutEndIsCutAtLast() {
        var cutter = LineCutter()
        #expect(cutter.feed(Array(repeating: 120, count: 150_000)).map(\.count) == [65536, 65536])
        #expect(cutter.finish()?.count == 150_000 - 2 * 65536)
    }

    @Test(
        arguments: [
            ("#!/bin/bash\n", ["/bin/bash"]), ("#! /usr/bin/env python3 -u\nx", ["/usr/bin/env", "python3 -u"]),
            ("echo hi\n", ["/bin/sh"]), ("", ["/bin/sh"]), ("#!\n", ["/bin/sh"]), ("#!/bin/sh\r\n", ["/bin/sh"]),
        ])
    func theFirstLineNamesTheInterpreter(_ text: String, _ words: [String]) {
        #expect(ScriptFile(name: "x", bytes: Array(text.utf8)).interpreter == words)
    }
}
