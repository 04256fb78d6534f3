import Foundation
import Insight
import Testing

struct DemandTests {
    /// Two hosts of two processors that are busy for 1.9 each, at 100 requests a second: R ≤ 2 S bears 0.71 of them.
    private let demand = ProcessorDemand(busy: 2.8, perHost: 2, hosts: 2, served: 100)

    @Test func hostsForProcessorsFollowTheFormula() {
        let estimate = demand.estimate()
        #expect(estimate.needed == 2)
        #expect(!estimate.isAtLeast)
        #expect(demand.estimate(growth: 2).needed == 4)
        #expect(demand.estimate(growth: 2, spare: 1).needed == 5)
        #expect(estimate.arithmetic.contains("D = X·S = 100/s · 28 ms = 2.8 processors"))
        #expect(estimate.low <= estimate.needed && estimate.needed <= estimate.high)
    }

    @Test func aTierAtItsLimitHidesItsDemand() {
        let estimate = ProcessorDemand(busy: 3.95, perHost: 2, hosts: 2, served: 100).estimate()
        #expect(estimate.isAtLeast)
        #expect(estimate.high == 2 * estimate.needed || estimate.high == 2 * estimate.needed - 1)
        let queued = ProcessorDemand(busy: 3.95, perHost: 2, hosts: 2, served: 100, unserved: 60).estimate()
        #expect(queued.needed > estimate.needed)
        let rejected = ProcessorDemand(busy: 3.95, perHost: 2, hosts: 2, served: 100, unserved: 1e9).estimate()
        #expect(rejected.needed <= 2 * estimate.needed)
    }

    @Test func aTimeThatWasPromisedMakesTheTarget() {
        let quick = demand.estimate(for: .percentile(share: 0.99, seconds: 0.06))
        let slow = demand.estimate(for: .percentile(share: 0.99, seconds: 1))
        #expect(quick.needed > slow.needed)
        let waiting = ProcessorDemand(busy: 2.8, perHost: 2, hosts: 2, served: 100, elsewhere: 0.9)
        #expect(waiting.estimate(for: .percentile(share: 0.99, seconds: 1)).needed > slow.needed)
    }

    /// By hand: it may wait 197.4 ms, 6.07 times the 32.5 ms of S ÷ c; ρ·e^(−(1 − ρ)·6.07) is 0.01 at 0.395, and with half the
    /// waiting 0.66.
    @Test func aQuotaLetsARequestRunUntilItIsUsedUp() {
        let demand = ProcessorDemand(busy: 0.24, perHost: 0.08, hosts: 4, served: 92.3)
        let estimate = demand.estimate(for: .percentile(share: 0.99, seconds: 0.2))
        #expect((estimate.low, estimate.needed) == (5, 8), "\(estimate)")
    }

    @Test func moreLoadNeverTakesFewerHosts() {
        for target in [ResponseTarget.usual, .factor(3), .percentile(share: 0.99, seconds: 0.2)] {
            for perHost in [0.2, 1, 2, 8] {
                let counts = (1...40).map { step in
                    ProcessorDemand(busy: Double(step) * 0.3, perHost: perHost, hosts: 50, served: Double(step) * 10)
                        .estimate(for: target).needed
                }
                #expect(counts == counts.sorted())
            }
        }
    }

    @Test func numbersThatCannotBeTrapNobody() {
        let odd = [-1, 0, 1e-300, 1e300, Double.infinity, .nan]
        for busy in odd {
            for other in odd {
                let demand = ProcessorDemand(
                    busy: busy, perHost: other, hosts: .max, served: other, unserved: busy, elsewhere: other)
                for target in [ResponseTarget.factor(other), .percentile(share: other, seconds: busy)] {
                    #expect(demand.estimate(for: target, growth: other, spare: .min).needed >= 1)
                }
                #expect(
                    QueueDemand(arriving: busy, backlog: other, clearing: busy, jobTime: other, workers: .min)
                        .estimate.needed >= 1)
                #expect(DiskDemand(busy: [busy, other]).estimate.needed >= 1)
                #expect(LittlesLaw.limit(open: busy, peak: other) >= 1)
                _ = LittlesLaw.open(perSecond: busy, staying: other)
            }
        }
    }

    @Test func workersForAQueueClearWhatWaits() throws {
        // 20 jobs a second of 0.4 s keep 8 workers busy, ten at 80 %; 6,000 that wait, cleared in 600 s, add 10 a second.
        let demand = QueueDemand(arriving: 20, backlog: 6000, jobTime: 0.4, workers: 2)
        #expect(demand.estimate.needed == 15)
        #expect(demand.estimate.low == 9)
        let queue = RabbitQueue(
            name: "jobs", ready: 6000, unacknowledged: 2, consumers: 2, growth: 15, published: 20, acknowledged: 5)
        let measured = try #require(QueueDemand(queue))
        #expect(measured.jobTime == 0.4)
        #expect(measured.estimate == demand.estimate)
        #expect(QueueDemand(RabbitQueue(name: "jobs", ready: 9, consumers: 0)) == nil)
    }

    @Test func disksThatShareLoadAreCounted() {
        #expect(DiskDemand(busy: [0.9, 0.9]).estimate.needed == 3)
        #expect(DiskDemand(busy: [0.3, 0.3]).estimate.needed == 1)
    }

    @Test func openConnectionsFollowLittle() {
        #expect(LittlesLaw.open(perSecond: 200, staying: 0.25) == 50)
        #expect(LittlesLaw.limit(open: 50, peak: 3) == 150)
    }

    @Test func theScalingLawIsFoundAgain() throws {
        let law = { (hosts: Double) in 100 * hosts / (1 + 0.05 * (hosts - 1) + 0.01 * hosts * (hosts - 1)) }
        let levels = [1.0, 2, 3, 4, 6, 8, 12].map { LoadLevel(hosts: $0, throughput: law($0)) }
        let found = try #require(ScalingLaw(levels: levels))
        #expect(abs(found.single - 100) < 0.01)
        #expect(abs(found.contention - 0.05) < 0.001)
        #expect(abs(found.crosstalk - 0.01) < 0.001)
        #expect(abs((found.best ?? 0) - (0.95 / 0.01).squareRoot()) < 0.1)
        #expect(found.gain(after: 12) < 0)
        #expect(ScalingLaw(levels: Array(levels.prefix(5))) == nil)
    }

    @Test func levelsThatAreNoLawsAreNone() {
        let same = (0..<8).map { _ in LoadLevel(hosts: 2, throughput: 10) }
        #expect(ScalingLaw(levels: same) == nil)
        let odd = [Double.nan, .infinity, -1, 0, 1e300, 1e-300, 3].map { LoadLevel(hosts: $0, throughput: $0) }
        #expect(ScalingLaw(levels: odd) == nil)
    }
}
