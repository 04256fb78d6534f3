import Fleet
import Testing

@testable import AdHoc

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

    /// Connects to nobody for so long that a look finds them silent.
    private func lookTwice(at plan: inout FanOutPlan) {
        plan.look()
        plan.look()
    }

    @Test(arguments: [Pace(connecting: 2), Pace(inHand: 2)])
    func aHostThatDoesNotAnswerKeepsNobodyWaiting(_ pace: Pace) {
        var plan = FanOutPlan(count: 7, pace: pace)
        #expect(plan.next() == 0..<2)
        plan.look()
        #expect(plan.next().isEmpty)
        plan.look()
        #expect(plan.next() == 2..<4)
        #expect(plan.states[0] == .silent && plan.states[2] == .connecting)
        lookTwice(at: &plan)
        plan.ended(0, failed: true)
        #expect(plan.next() == 4..<6)
    }

    @Test func whoAnswersLateWaitsForAPlace() {
        var plan = FanOutPlan(count: 3, pace: Pace(inHand: 1))
        _ = plan.next()
        lookTwice(at: &plan)
        #expect(plan.next() == 1..<2)
        plan.connected(1)
        plan.connected(0)
        #expect(plan.states == [.ready, .working, .waiting])
        #expect(plan.nextReady() == nil)
        plan.ended(1, failed: false)
        #expect(plan.next().isEmpty)
        #expect(plan.nextReady() == 0)
        #expect(plan.states == [.working, .ended, .waiting])
        plan.ended(0, failed: false)
        #expect(plan.next() == 2..<3 && !plan.isOver)
        finish(2..<3, in: &plan)
        #expect(plan.isOver)
    }

    @Test func whoIsReadyIsLeftAfterStop() {
        var plan = FanOutPlan(count: 2, pace: Pace(inHand: 1))
        _ = plan.next()
        lookTwice(at: &plan)
        _ = plan.next()
        plan.connected(1)
        plan.connected(0)
        plan.stop()
        #expect(plan.nextReady() == 0 && plan.leavesTheRest)
    }

    /// They may all turn out to be failures.
    @Test func silentHostsCountAsFailuresForAsLongAsTheyAreSilent() {
        var plan = FanOutPlan(count: 10, pace: Pace(inHand: 2, failPercent: 10))
        #expect(plan.next() == 0..<2)
        lookTwice(at: &plan)
        #expect(plan.next().isEmpty && !plan.leavesTheRest)
        plan.connected(0)
        #expect(plan.next() == 2..<3)
    }

    @Test func descriptorsBoundTheSilentToo() {
        var plan = FanOutPlan(count: 9, pace: Pace().capped(at: 4))
        #expect(plan.next() == 0..<4)
        lookTwice(at: &plan)
        #expect(plan.next().isEmpty)
        plan.ended(3, failed: true)
        #expect(plan.next() == 4..<5)
    }

    @Test func aBatchWaitsForItsSilentHosts() throws {
        let batch: BatchSize = try #require(BatchSize("2"))
        var plan = FanOutPlan(count: 4, pace: Pace(batch: batch))
        #expect(plan.next() == 0..<2)
        lookTwice(at: &plan)
        plan.connected(0)
        plan.ended(0, failed: false)
        #expect(plan.next().isEmpty)
        plan.ended(1, failed: true)
        #expect(plan.next() == 2..<4)
    }
}
