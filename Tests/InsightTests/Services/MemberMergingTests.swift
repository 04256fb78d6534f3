import Fleet
import Insight
import Testing

struct MemberMergingTests {
    @Test func whatTwoBalancersCountedAddsUp() {
        let one = Staging.member("ap1", requests: 30, failed: 3, time: 10, sessions: 2, limit: 20, queued: 1)
        var other = Staging.member("ap1", requests: 10, failed: 1, time: 50, sessions: 4, limit: 20, queued: 0)
        other.state = .down
        let merged = [one, Staging.member("ap2"), other].merged
        #expect(merged.map(\.host.description) == ["ap1", "ap2"])
        #expect(merged[0].requests == 40)
        #expect(merged[0].failed == 4)
        #expect(merged[0].state == .up)
        #expect(merged[0].sessions == 6)
        #expect(merged[0].sessionLimit == 40)
        #expect(merged[0].responseTime == 20)
        #expect(merged.dropFirst().first == Staging.member("ap2"))
    }

    @Test func whatWaitsForAnyServerIsTheBalancers() {
        var pool = HAProxyProxy(name: "ap")
        pool.queued = 9
        pool.members = [Staging.member("ap1", queued: 4)]
        let found = HAProxyFigures(backends: [pool]).observation(of: Staging.name("lb1"), before: "ap")
        #expect(found.queued == 9)
        #expect(HAProxyFigures().observation(of: Staging.name("lb1")).queued == nil)
    }
}
