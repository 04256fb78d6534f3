import Fleet
import Testing

@testable import Rollouts

/// Which hosts are restarted together, and what is refused before anything is touched.
@Suite struct UnitPlannerTests {
    struct Batches: Sendable, CustomTestStringConvertible {
        let testDescription: String
        var canary = 0, batch = BatchSize.hosts(2), out: [String] = [], asked = ["ap1", "ap2", "ap3", "ap4"]
        let batches: [[String]]
    }

    @Test(arguments: [
        Batches(testDescription: "as the policy says", batches: [["ap1", "ap2"], ["ap3", "ap4"]]),
        Batches(
            testDescription: "a canary first", canary: 1, batch: .hosts(3), batches: [["ap1"], ["ap2", "ap3", "ap4"]]),
        Batches(
            testDescription: "those that cost no request come first", out: ["ap3"],
            batches: [["ap3", "ap1"], ["ap2", "ap4"]]),
        Batches(
            testDescription: "a share is one of the whole stage", batch: .percent(50), asked: ["ap2", "ap4"],
            batches: [["ap2", "ap4"]]),
    ])
    func restartGoesByTheRolloutsBatches(_ c: Batches) throws {
        let stage = try Stage(out: c.out)
        let policy = RolloutPolicy(canary: .hosts(c.canary), batch: c.batch)
        let plan = try stage.planner(policy).plan(.restart, stage.hosts(c.asked), sight: stage.sight)
        #expect(plan.batches.map { $0.map(\.description) } == c.batches)
    }

    struct Wave: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let minimum: Int
        var out: [String] = []
        let next: [String]
    }

    @Test(arguments: [
        Wave(testDescription: "as many as can be spared", minimum: 2, next: ["ap1", "ap2"]),
        Wave(testDescription: "one after the other", minimum: 3, next: ["ap1"]),
        Wave(testDescription: "who is out costs nothing", minimum: 3, out: ["ap4"], next: ["ap4"]),
        Wave(
            testDescription: "who is out comes beside those that can be spared", minimum: 2, out: ["ap4"],
            next: ["ap1", "ap4"]),
    ])
    func neverAreFewerInServiceThanTheMinimum(_ c: Wave) throws {
        let stage = try Stage(out: c.out)
        let policy = RolloutPolicy(canary: 0, batch: .percent(100), minimumInService: c.minimum)
        let plan = try stage.planner(policy).plan(.restart, stage.all, sight: stage.sight)
        let next = plan.next(of: stage.all, PoolObservation(stage.sight.balancers))
        #expect(next.map(\.description) == c.next)
    }

    struct Refusal: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let action: UnitAction
        var asked = ["ap1", "ap2", "ap3", "ap4"], out: [String] = [], silent: [String] = [], bare: [String] = []
        var minimum: Int?, allowsBelow = false
        let code: StageError.Code?
    }

    @Test(arguments: [
        Refusal(
            testDescription: "restarting when none can be spared", action: .restart, minimum: 4, code: .belowMinimum),
        Refusal(
            testDescription: "restarting beside a silent host", action: .restart, silent: ["ap2"], code: .silentHosts),
        Refusal(
            testDescription: "restarting without the silent host", action: .restart, asked: ["ap1"], silent: ["ap2"],
            code: nil),
        Refusal(testDescription: "restarting what runs no release", action: .restart, bare: ["ap2"], code: .noRelease),
        Refusal(testDescription: "starting what runs no release", action: .start, bare: ["ap2"], code: .noRelease),
        Refusal(
            testDescription: "starting with too few in service", action: .start, out: ["ap1", "ap2", "ap3"], code: nil),
        Refusal(testDescription: "stopping all", action: .stop, code: .belowMinimum),
        Refusal(testDescription: "stopping all, allowed", action: .stop, allowsBelow: true, code: nil),
        Refusal(testDescription: "stopping as many as can be spared", action: .stop, asked: ["ap1", "ap2"], code: nil),
        Refusal(
            testDescription: "stopping one more", action: .stop, asked: ["ap1", "ap2", "ap3"], code: .belowMinimum),
        Refusal(
            testDescription: "stopping who serves nothing", action: .stop, asked: ["ap4"], out: ["ap2", "ap3", "ap4"],
            minimum: 3, code: nil),
        Refusal(
            testDescription: "stopping what runs no release", action: .stop, asked: ["ap2"], bare: ["ap2"], code: nil),
    ])
    func whatWouldCostTheServiceIsRefused(_ c: Refusal) throws {
        let stage = try Stage(out: c.out, silent: c.silent, bare: c.bare)
        var planner = stage.planner(RolloutPolicy(minimumInService: c.minimum))
        planner.allowsBelow = c.allowsBelow
        do {
            _ = try planner.plan(c.action, stage.hosts(c.asked), sight: stage.sight)
            #expect(c.code == nil)
        } catch {
            #expect(error.code == c.code, "\(error.message)")
            #expect(error.hints.contains { $0.contains("nothing was touched") })
        }
    }

    @Test func aHostIsOutBeforeItIsTouchedAndInOnceItIsHealthy() throws {
        let stage = try Stage()
        let host = try HostName("ap1")
        let planner = stage.planner(RolloutPolicy())
        let verbs = try [UnitAction.restart, .stop, .start].map { action in
            try planner.plan(action, [host], sight: stage.sight).steps(on: host).map(\.verb)
        }
        #expect(verbs == [[.drain, .restart, .check, .admit], [.drain, .stop], [.start, .check, .admit]])
    }

    /// Four members, served by one balancer but for some.
    private struct Stage {
        let pool: Pool
        let sight: FleetObservation

        init(out: [String] = [], silent: [String] = [], bare: [String] = []) throws {
            let members = try (1...4).map {
                PoolMember(host: try HostName("ap\($0)"), address: "10.0.0.\($0)", port: 80)
            }
            pool = Pool(name: "shop", members: members, configFile: "/pool.cfg")
            var hosts: [HostName: HostObservation] = [:]
            for host in members.map(\.host) {
                let release = bare.contains(host.description) ? nil : Builds.one.release
                hosts[host] =
                    silent.contains(host.description)
                    ? .silent(RolloutError(.unreachable, host: host, "gone")) : .answered(HostSurvey(release: release))
            }
            let running = members.map { member in
                RunningMember(
                    host: member.host, address: member.address, port: member.port,
                    state: out.contains(member.host.description) ? .draining : .up)
            }
            var view = BalancerView(
                balancer: try HostName("lb1"), running: running, configured: members, isEstablished: true)
            view.disabled = Set(try out.map { try HostName($0) })
            sight = FleetObservation(hosts: hosts, balancers: [view])
        }

        var all: [HostName] { pool.members.map(\.host) }

        func hosts(_ names: [String]) -> [HostName] { all.filter { names.contains($0.description) } }

        func planner(_ policy: RolloutPolicy) -> UnitPlanner {
            UnitPlanner(stage: "production", pool: pool, policy: policy)
        }
    }
}
