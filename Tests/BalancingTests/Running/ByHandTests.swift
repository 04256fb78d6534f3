import Fleet
import Foundation
import Testing

@testable import Balancing

/// What people do by hand to members of real balancers, and at their consoles.
@Suite(.haproxy, .serialized, .timeLimit(.minutes(2))) struct ByHandTests {
    private let patience: Duration = .seconds(40)
    private let note = KeptOut(
        by: "me@here:1", since: Timestamp(milliseconds: 1_764_560_000_000), reason: "new disks", isMaintenance: true)

    private func serving(
        _ rig: Rig, shared: PoolTraffic = PoolTraffic(), version: HAProxyVersion? = nil
    ) async throws -> HAProxyTraffic {
        let traffic = try rig.traffic(
            over: ["ap1", "ap2"].map { try rig.member($0) }, shared: shared, version: version)
        try await traffic.establish()
        for member in traffic.pool.members { try await traffic.admit(member, patience: patience) }
        return traffic
    }

    private func states(_ host: String, _ traffic: HAProxyTraffic) async -> [RunningMember.State?] {
        await traffic.observe().map { view in view.running.first { $0.host.description == host }?.state }
    }

    @Test func whoIsKeptOutStaysOutThroughAdmissionsReloadsAndRestarts() async throws {
        try await Rig.run { rig in
            let traffic = try await serving(rig)
            let ap1 = try rig.member("ap1")
            #expect(try await traffic.keepOut(ap1.host, note, patience: patience) == 0)
            #expect(await states("ap1", traffic) == [.maintenance, .maintenance])
            #expect(traffic.pool.differences(from: await traffic.observe()).isEmpty)

            _ = try await traffic.drain(ap1.host, patience: patience)
            try await traffic.admit(ap1, patience: patience)
            #expect(await states("ap1", traffic) == [.maintenance, .maintenance])
            let other = try rig.traffic("ap1", "ap2", check: Pool.Check(interval: .milliseconds(60)))
            try await other.establish()
            try await rig.restart("lb1")
            try await other.admit(ap1, patience: patience)
            #expect(await states("ap1", other) == [.maintenance, .maintenance])
            #expect(await other.observe().map { $0.keepsOut(ap1.host) } == [note, note])

            try await other.letIn(ap1, patience: patience)
            #expect(await states("ap1", other) == [.up, .up])
            #expect(other.pool.differences(from: await other.observe()).isEmpty)
        }
    }

    @Test func whoDoesNotPassItsChecksIsNotLetInAndStaysKeptOut() async throws {
        try await Rig.run { rig in
            let traffic = try await serving(rig)
            let ap1 = try rig.member("ap1")
            _ = try await traffic.keepOut(ap1.host, note, patience: patience)
            try await rig.stopAnswering("ap1")
            let error = await #expect(throws: TrafficError.self) {
                try await traffic.letIn(ap1, patience: .milliseconds(500))
            }
            #expect(error?.code == .unhealthy)
            #expect(await traffic.observe().map { $0.keepsOut(ap1.host) } == [note, note])
        }
    }

    @Test(arguments: ["state maint", "state drain", "weight 0"])
    func whatIsSaidAtAConsoleIsSeenAndWrittenDown(_ words: String) async throws {
        try await Rig.run { rig in
            let traffic = try await serving(rig)
            let ap1 = try rig.member("ap1")
            try await rig.say("set server app/ap1 \(words)", to: "lb1")
            let seen = await traffic.observe()
            #expect(seen.map { $0.keepsOut(ap1.host)?.isUnwritten } == [true, nil])
            #expect(seen.keptOut.isEmpty, "the other one serves")
            // Neither is it brought in, nor taken from the other.
            try await traffic.admit(ap1, patience: patience)
            await traffic.noteKeptOut(at: Timestamp(milliseconds: 7))
            try await rig.restart("lb1")
            try await traffic.admit(ap1, patience: patience)
            #expect(await states("ap1", traffic) == [.maintenance, .up])
            #expect(await traffic.observe().first?.keepsOut(ap1.host)?.since == Timestamp(milliseconds: 7))
            try await traffic.letIn(ap1, patience: patience)
            #expect(traffic.pool.differences(from: await traffic.observe()).isEmpty)
        }
    }

    @Test func aWeightIsInTheFileAndRunsAlsoAfterAStart() async throws {
        try await Rig.run { rig in
            let traffic = try await serving(rig)
            let ap1 = try rig.member("ap1").host
            try await traffic.weigh(ap1, 50)
            try await rig.restart("lb2")
            _ = try await traffic.drain(ap1, patience: patience)
            try await traffic.remove(try rig.member("ap2").host)
            try await traffic.admit(rig.member("ap1"), patience: patience)
            try await traffic.admit(rig.member("ap2"), patience: patience)
            let views = await traffic.observe()
            #expect(views.map { $0.running.map(\.weight) } == [[50, 100], [50, 100]])
            #expect(traffic.pool.differences(from: views).isEmpty)
            try await rig.say("set server app/ap1 weight 7", to: "lb1")
            #expect(
                traffic.pool.differences(from: await traffic.observe()).map(\.description) == [
                    "ap1 has weight 7 in place of 50"
                ])
            try await traffic.weigh(ap1, 100)
            #expect(await traffic.observe().map(\.weights) == [[:], [:]])
        }
    }

    @Test func theFileBeforeIsKeptWhereHAProxyDoesNotReadIt() async throws {
        try await Rig.run { rig in
            let traffic = try await serving(rig)
            let before = try Data(contentsOf: rig.file("lb1"))
            try await traffic.weigh(try rig.member("ap1").host, 50)
            #expect(try Data(contentsOf: rig.file("lb1").appendingPathExtension("before")) == before)
            try await rig.restart("lb1")
            #expect(traffic.pool.differences(from: await traffic.observe()).isEmpty)
        }
    }

    // MARK: versions

    /// What 2.4 and 2.5 lack is worked around in ways that this version understands as well.
    @Test(arguments: [HAProxyVersion(2, 4), HAProxyVersion(2, 5)])
    func membersComeAndGoAsInEarlierVersions(_ version: HAProxyVersion) async throws {
        try await Rig.run { rig in
            let traffic = try await serving(rig, version: version)
            #expect(traffic.pool.differences(from: await traffic.observe()).isEmpty)
            let ap1 = try rig.member("ap1")
            _ = try await traffic.drain(ap1.host, patience: patience)
            try await traffic.remove(ap1.host)
            #expect(await states("ap1", traffic) == [nil, nil])
            #expect(await states("ap2", traffic) == [.up, .up])
            let moved = PoolMember(host: ap1.host, address: "127.0.0.1", port: try rig.member("ap3").port)
            try await traffic.admit(ap1, patience: patience)
            try await traffic.admit(moved, patience: patience)
            #expect(await traffic.observe().allSatisfy { $0.running.contains { $0.matches(moved) && $0.state == .up } })
        }
    }

    @Test func aVersionThatIsTooOldIsRefusedByName() async throws {
        try await Rig.run { rig in
            let traffic = try await serving(rig)
            // It says of itself what `show info` would.
            let old = try rig.traffic(over: traffic.pool.members, version: HAProxyVersion(2, 2))
            let error = await #expect(throws: TrafficError.self) {
                try await old.drain(rig.member("ap1").host, patience: patience)
            }
            #expect(error?.code == .refused && error?.message.contains("HAProxy 2.2 is too old") == true)
        }
    }

    // MARK: settings

    @Test func clientsWithACookieLeaveAMemberThatIsDrained() async throws {
        try await Rig.run { rig in
            let traffic = try await serving(rig, shared: PoolTraffic(cookie: "SRV"))
            #expect(traffic.pool.differences(from: await traffic.observe()).isEmpty)
            let port = try #require(rig.frontends["lb1"])
            for _ in 0..<4 { #expect(try await Client.get(port: port, cookie: "SRV=ap1").body == "ap1") }
            let asking = Task {
                var answers: [String] = []
                while !Task.isCancelled {
                    let answer = try await Client.get(port: port, cookie: "SRV=ap1")
                    answers.append(answer.status + answer.body)
                }
                return answers
            }
            let ap1 = try rig.member("ap1")
            #expect(try await traffic.drain(ap1.host, patience: patience) == 0)
            for _ in 0..<4 { #expect(try await Client.get(port: port, cookie: "SRV=ap1").body == "ap2") }
            try await traffic.admit(ap1, patience: patience)
            asking.cancel()
            let answers = Set(try await asking.value)
            #expect(answers.isSubset(of: ["200ap1", "200ap2"]), "\(answers)")
            #expect(try await Client.get(port: port, cookie: "SRV=ap1").body == "ap1")
        }
    }

    @Test func aMemberThatStartsSlowlyIsAdmittedOnceItHasItsShare() async throws {
        try await Rig.run { rig in
            let traffic = try await serving(rig, shared: PoolTraffic(slowStart: .seconds(1)))
            let ap1 = try rig.member("ap1")
            _ = try await traffic.drain(ap1.host, patience: patience)
            let clock = ContinuousClock(), begun = clock.now
            try await traffic.admit(ap1, patience: patience)
            #expect(clock.now - begun > .milliseconds(500))
            #expect(await traffic.observe().allSatisfy { $0.running.allSatisfy { $0.throttle == nil } })
        }
    }

    /// Not by what it answers: that is left to a path.
    @Test func aPoolOfTCPIsCheckedByConnecting() async throws {
        try await Rig.run(mode: .tcp) { rig in
            var check = Pool.Check(interval: .milliseconds(50), rise: 2, fall: 2)
            check.kind = .connect
            let sick = try rig.member("sick")
            let traffic = try rig.traffic(over: [sick], check: check, shared: PoolTraffic(mode: .tcp))
            try await traffic.establish()
            try await traffic.admit(sick, patience: patience)
            let views = await traffic.observe()
            #expect(traffic.pool.differences(from: views).isEmpty)
            #expect(views.first?.running.first?.check.hasPrefix("L4OK") == true)
            #expect(try await Client.get(port: try #require(rig.frontends["lb1"])).status == "503")
            #expect(try await traffic.drain(sick.host, patience: patience) == 0)

            var http = Pool.Check(interval: .milliseconds(50), rise: 2, fall: 2)
            http.path = "/healthz"
            let other = try rig.traffic(over: [sick], check: http, shared: PoolTraffic(mode: .tcp))
            try await other.establish()
            let error = await #expect(throws: TrafficError.self) {
                try await other.admit(sick, patience: .seconds(5))
            }
            #expect(error?.message.contains("L7STS 503") == true, "\(error?.message ?? "none")")
        }
    }
}
