import Fleet
import Rollouts
import TestSupport
import Testing

@Suite struct HostConditionTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        var now: HostCondition
        var earlier: HostCondition?
        var everyUnit = true
        let objection: String?
        var testDescription: String { name }
    }

    private static func condition(_ units: [HostCondition.Unit], isHealthy: Bool = true) -> HostCondition {
        HostCondition(
            release: Builds.two.release, units: units, isHealthy: isHealthy, answer: isHealthy ? "200 OK" : "500 Broken"
        )
    }

    private static func web(_ state: String = "active", restarts: Int? = 0) -> HostCondition.Unit {
        HostCondition.Unit("web.service", state: state, type: "simple", restarts: restarts)
    }

    static let cases = [
        Case(name: "all is well", now: condition([web()]), objection: nil),
        Case(
            name: "restarted before it was checked", now: condition([web(restarts: 4)]),
            earlier: condition([web(restarts: 4)]), objection: nil),
        Case(
            name: "restarted once since", now: condition([web(restarts: 5)]), earlier: condition([web(restarts: 4)]),
            objection: "web.service ended and was restarted by systemd once since it was checked"),
        Case(
            name: "restarted and active again", now: condition([web(restarts: 3)]), earlier: condition([web()]),
            objection: "web.service ended and was restarted by systemd 3 times since it was checked"),
        Case(
            name: "nobody counts restarts", now: condition([web(restarts: nil)]),
            earlier: condition([web(restarts: nil)]), objection: nil),
        Case(
            name: "started by hand, which counts from nothing", now: condition([web(restarts: 0)]),
            earlier: condition([web(restarts: 2)]), objection: nil),
        Case(
            name: "counts that no systemd has", now: condition([web(restarts: .max)]),
            earlier: condition([web(restarts: .min)]),
            objection: "web.service ended and was restarted by systemd 9223372036854775807 times since it was checked"),
        Case(
            name: "waiting for its next start", now: condition([web("activating")]),
            objection: "web.service is activating"),
        Case(name: "failed", now: condition([web("failed")]), objection: "web.service is failed"),
        Case(name: "reloading", now: condition([web("reloading")]), objection: nil),
        Case(name: "systemd says nothing", now: condition([web("")]), objection: "web.service is unknown to systemd"),
        Case(
            name: "a second unit is down", now: condition([web(), .init("worker.service", state: "inactive")]),
            objection: "worker.service is inactive"),
        Case(
            name: "a second unit is down, which does not matter",
            now: condition([web(), .init("worker.service", state: "inactive")]), everyUnit: false, objection: nil),
        Case(
            name: "a task that is done",
            now: condition([.init("migrate.service", state: "inactive", type: "oneshot", result: "success")]),
            objection: nil),
        Case(
            name: "a task that failed",
            now: condition([.init("migrate.service", state: "inactive", type: "oneshot", result: "exit-code")]),
            objection: "migrate.service is inactive"),
        Case(name: "a timer", now: condition([.init("nightly.timer")]), objection: nil),
        Case(
            name: "ill", now: condition([web()], isHealthy: false), everyUnit: false,
            objection: "the service answers: 500 Broken"),
        Case(
            name: "back at another release",
            now: HostCondition(release: Builds.one.release, units: [web()], isHealthy: true, answer: "200 OK"),
            objection: "runs release 111111111111"),
        Case(
            name: "without a release", now: HostCondition(release: nil, isHealthy: true, answer: "200 OK"),
            objection: "has no release any more"),
    ]

    @Test(arguments: cases)
    func aHostIsComparedWithHowItWas(_ c: Case) throws {
        let found = c.now.objection(
            try HostName("ap1"), release: Builds.two.release, since: c.earlier, everyUnit: c.everyUnit)
        #expect(found?.message == c.objection)
    }

    @Test(arguments: [
        ("Type=simple\nNRestarts=7\nResult=success\nActiveState=active", 7, "active"),
        ("ActiveState=active", nil, "active"),
        ("NRestarts=99999999999999999999999\nActiveState=failed", nil, "failed"),
        ("", nil, ""),
    ])
    func aHostIsAskedInOneRound(shown: String, restarts: Int?, state: String) async throws {
        try await withTemporaryFolder { folder in
            let host = try ReleaseHost(in: folder)
            let build = try await host.build("one")
            let releases = host.releases(builds: [build])
            _ = try await releases.deliver(build.digest, to: host.name)
            try await releases.activate(build.digest.release, on: host.name, revertAfter: nil)
            try host.show(shown)
            let condition = try await releases.inspect(host.name)
            #expect(condition.release == build.digest.release)
            #expect(condition.units.map(\.name) == ["bookmark.service"])
            #expect(condition.units.first?.restarts == restarts)
            #expect(condition.units.first?.state == state)
            #expect(!condition.isHealthy)
            #expect(condition.answer.contains("connect to 127.0.0.1:1"))
        }
    }
}
