import Fleet
import Insight
import Sampling
import Testing

struct TierCapacityTests {
    private func plan(_ hosts: Int, busy: Double, _ request: CapacityPlan.Request = .init()) -> TierCapacity? {
        let figures: [Metric: Double] = [.busyProcessors: busy, .allowedProcessors: 2]
        let tier = Staging.tier("ap", hosts: Staging.hosts("ap", hosts, figures), members: Staging.members("ap", hosts))
        return CapacityPlan(Staging.stage([tier]), request).tiers.first
    }

    @Test func whatOneHostLessDoesIsSaid() throws {
        let capacity = try #require(plan(4, busy: 1))
        #expect(capacity.utilisation == 0.5)
        #expect(abs((capacity.withoutOne ?? 0) - 2.0 / 3) < 1e-9)
        #expect(capacity.needed?.needed == 3)
        #expect(capacity.isEnough == true)
        #expect(capacity.message == "ap: 4 in service, 3 + 1 needed: enough, too few are up 0.06 % of the time")
        #expect(capacity.arithmetic.contains { $0.hasPrefix("without one: 50 % · 4 ÷ 3 = 67 %") })
    }

    @Test func aTierWithoutASpareIsShort() throws {
        let capacity = try #require(plan(3, busy: 1.3))
        #expect(capacity.needed?.needed == 3)
        #expect(capacity.isEnough == false)
        #expect(capacity.message.contains("short of 1"))
    }

    @Test func theMoreHostsTheLikelierIsOneDown() {
        let odds = (1...100).map { Odds.anyDown(of: $0, availability: 0.99) }
        #expect(odds == odds.sorted())
        #expect(abs(odds[0] - 0.01) < 1e-12)
        #expect(abs(odds[99] - 0.634) < 0.001)
    }

    @Test(arguments: [
        (1, 1, 0.99, 0.01), (1, 2, 0.99, 0.0001), (2, 3, 0.99, 0.000298), (3, 3, 0.9, 0.271), (5, 4, 0.99, 1),
        (0, 4, 0.99, 0),
    ])
    func oddsOfTooFewAreBinomial(needed: Int, hosts: Int, availability: Double, expected: Double) {
        let found = Odds.fewerUp(than: needed, of: hosts, availability: availability)
        #expect(abs(found - expected) < expected * 0.01 + 1e-12)
    }

    @Test func sparesForTheOddsAreFound() {
        #expect(Odds.hosts(bearing: 3, availability: 0.99, wanted: 0.999) == 4)
        #expect(Odds.hosts(bearing: 3, availability: 0.99, wanted: 0.99999) == 5)
        #expect(Odds.hosts(bearing: 3, availability: 0, wanted: 1) == 16)
    }

    @Test func numbersThatCannotBeTrapNobody() {
        let odd = [-1, 0, 0.5, 1, 2, Double.infinity, .nan]
        for one in odd {
            for other in odd {
                #expect((0...1).contains(Odds.fewerUp(than: 3, of: 40, availability: one)))
                #expect((0...1).contains(Odds.anyDown(of: .min, availability: one)))
                #expect(Odds.hosts(bearing: .max, availability: one, wanted: other) > 0)
                let request = CapacityPlan.Request(
                    target: .factor(one), growth: other, spare: .max, availability: one, wanted: other)
                #expect(plan(2, busy: 1, request) != nil)
            }
        }
    }

    @Test func aTierThatNobodyMeasuredIsUnknown() {
        let plan = CapacityPlan(Staging.stage([Staging.tier("ap", hosts: [])]))
        #expect(plan.tiers.first?.needed == nil)
        #expect(plan.tiers.first?.message == "ap: nobody knows how busy its hosts are")
    }
}
