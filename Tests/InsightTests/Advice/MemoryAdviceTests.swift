import Insight
import Sampling
import Testing

struct MemoryAdviceTests {
    private let short: [Metric: Double] = [
        .refaults: 5000, .ioPressure: 20, .memoryTotal: 1_000_000, .memoryAnonymous: 200_000, .memoryCached: 780_000,
    ]

    @Test func memoryThatSufficesIsLeftAlone() {
        let advice = MemoryAdvice(Staging.tier("ap"), in: Staging.window)
        #expect(!advice.isShort)
        #expect(advice.moreMemory == 0)
        #expect(advice.message.hasPrefix("what is used fits"))
    }

    @Test func whereEachHostNeedsAllMoreHostsDoNotHelp() {
        let advice = MemoryAdvice(Staging.tier("ap", hosts: Staging.hosts("ap", 2, short)), in: Staging.window)
        #expect(advice.isShort)
        #expect(advice.moreHosts == nil)
        // Half as much as there is room for.
        #expect(abs((advice.moreMemory ?? 0) - 400_000 * 1024) < 1)
        #expect(advice.message.contains("more hosts would not help"))
    }

    @Test func aRingTakesMemoryOrHosts() {
        let cache = MemcachedFigures(gets: 900, hitShare: 0.5, sets: 450, evictions: 440, bytes: 6e7, limitBytes: 6.4e7)
        let tier = Staging.tier(
            "cache", hosts: Staging.hosts("cache", 2),
            services: ["cache1", "cache2"].map { Staging.service($0, .memcached(cache)) })
        let advice = MemoryAdvice(tier, in: Staging.window)
        #expect(advice.isShort)
        #expect(advice.moreMemory == 6.4e7)
        #expect(advice.moreHosts?.needed == 4)
        #expect(advice.moreHosts?.formula == "N = ⌈working set ÷ cache of a host⌉ + k")
        #expect(advice.message.contains("or 2 hosts more"))
    }

    @Test func aTierThatNobodyMeasuredIsUnknown() {
        let advice = MemoryAdvice(Staging.tier("ap", hosts: []), in: Staging.window)
        #expect(advice.message == "nobody knows how much memory its hosts have")
    }
}
