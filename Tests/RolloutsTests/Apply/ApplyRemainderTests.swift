import Fleet
import TestSupport
import Testing

@testable import Rollouts

/// How far an apply came, from what was planned and what is left.
@Suite struct ApplyRemainderTests {
    private let hosts = ["web1", "web2", "web3", "web4"].map(host(named:))

    private func deploy(_ index: Int) -> FleetChange {
        .deploy(hosts[index], Builds.two.release, running: Builds.one.release)
    }

    /// The first is done, the second switched and not admitted, the third drained and no more, the fourth waits.
    @Test func hostsAreToldApartByWhatIsLeftAndWhoServes() {
        let planned = hosts.indices.map(deploy)
        let left = FleetPlan(rest: [.admit(hosts[1]), deploy(2), deploy(3)])
        let remainder = ApplyRemainder(planned, Set(hosts), now: left, hosts, [hosts[0], hosts[3]])
        #expect(remainder.done == [hosts[0]])
        #expect(remainder.halfDone == [hosts[1], hosts[2]])
        #expect(remainder.untouched == [hosts[3]])
        #expect(remainder.out == [hosts[1], hosts[2]])
        #expect(remainder.owed == left.changes)
    }

    /// One that was out before anything was done is not half-done for that.
    @Test func whoWasOutBeforeIsUntouched() {
        let remainder = ApplyRemainder([deploy(0)], [], now: FleetPlan(rest: [deploy(0)]), [hosts[0]], [])
        #expect(remainder.untouched == [hosts[0]] && remainder.halfDone == [] && remainder.out == [hosts[0]])
    }

    /// Nobody knows how a host is that does not answer.
    @Test func whoDoesNotAnswerIsNeither() {
        let silence = RolloutError(.unreachable, host: hosts[1], "gone")
        let now = FleetPlan(unreachable: [silence])
        let remainder = ApplyRemainder([deploy(0), deploy(1)], Set(hosts), now: now, [hosts[0], hosts[1]], [hosts[0]])
        #expect(remainder.done == [hosts[0]] && remainder.silent == [hosts[1]] && remainder.untouched == [])
    }
}
