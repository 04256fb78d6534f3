import Fleet
import Testing

@testable import Rollouts

@Suite struct HostLookTests {
    @Test func whatIsUsedIsHeldAgainstLimits() throws {
        let look = try #require(ResourceLook("all=1000\nbusy=500\nmemory=0.75\nload=2.5\ndisk=0.4\n"))
        let later = try #require(ResourceLook("all=1100\nbusy=595\nmemory=0.75\nload=2.5\ndisk=0.4\n"))
        #expect(later.processor(since: look) == 0.95)
        #expect(ResourceGate(memory: 0.8, disk: 0.5, load: 3).excess(look, processor: 0.95) == nil)
        #expect(ResourceGate(processor: 0.9).excess(look, processor: nil) == nil)
        #expect(
            ResourceGate(processor: 0.9).excess(look, processor: 0.95)
                == "95 % of the processors in use, at most 90 % may be")
        #expect(ResourceGate(memory: 0.7).excess(look, processor: nil)?.hasPrefix("75 % of memory") == true)
        #expect(ResourceGate(load: 2).excess(look, processor: nil)?.hasPrefix("a load of 2.5 for each") == true)
        #expect(ResourceLook("all=1000\nbusy=nan\nmemory=0.75\nload=2.5\ndisk=0.4\n") == nil)
        #expect(ResourceLook("") == nil)
    }

    private func units(_ state: String, restarts: Int, _ invocation: String) -> String {
        "unit=shop.service\nType=simple\nActiveState=\(state)\nResult=success\nNRestarts=\(restarts)\n"
            + "InvocationID=\(invocation)\n"
    }

    @Test(
        arguments: [
            ("active", 0, "a", 0, nil), ("active", 1, "b", 0, "shop.service was started anew once, at most 0 may be"),
            ("active", 0, "b", 0, "shop.service was started anew once, at most 0 may be"), ("active", 1, "b", 1, nil),
            ("active", 3, "b", 1, "shop.service was started anew 3 times, at most 1 may be"),
            ("failed", 0, "a", 9, "shop.service is failed"), ("", 0, "a", 9, "shop.service is unknown to systemd"),
        ] as [(String, Int, String, Int, String?)])
    func unitsRunAllTheTime(
        _ state: String, _ restarts: Int, _ invocation: String, _ allowed: Int, _ objection: String?
    ) {
        let before = UnitLook(units("active", restarts: 0, "a"))
        let now = UnitLook(units(state, restarts: restarts, invocation))
        #expect(now.objection(since: before, allowing: allowed) == objection)
    }

    @Test func linesAreCounted() {
        let look = LogLook("count=3\nline=FATAL: a=b\n")
        #expect(look?.count == 3 && look?.line == "FATAL: a=b")
        #expect(LogLook("count=0\nline=\n")?.count == 0)
        #expect(LogLook("nonsense") == nil)
    }

    @Test func percentilesAreHeldAgainstLimits() {
        let gate = RequestGate(
            path: "/", requests: 100, percentiles: [0.5: .milliseconds(50), 0.99: .milliseconds(300)])
        let fast = [Double](repeating: 10, count: 98)
        #expect(gate.excess(fast + [400, 10], isWhole: true) == nil)
        #expect(
            gate.excess(fast + [400, 400], isWhole: true) == "p99 is 400.0 ms of 100 requests, at most 300ms may be")
        // Two that are too slow are more than the hundredth that may be, whatever is to come.
        #expect(gate.excess([400, 400], isWhole: false)?.hasPrefix("p99 is 400.0 ms of 2 requests") == true)
        #expect(gate.excess([400], isWhole: false) == nil)
        #expect([3, 1, 2].percentile(0.5) == 2)
        #expect([Double]().percentile(0.5) == nil)
    }

    @Test func requestsWithoutAnAnswerTookTheirTime() {
        var requests = OwnRequests()
        requests.take("1500\n-\n250000\n", of: host(named: "ap1"))
        #expect(requests.times[host(named: "ap1")] == [1.5, 3000, 250])
        #expect(requests.sample(of: ["ap1", "ap2"].map(host(named:))).failed == 1)
    }
}
