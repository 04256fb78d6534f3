import Balancing
import Fleet
import Foundation
import TestSupport
import Testing

/// Settings that would take members down, on real balancers.
@Suite(.haproxy, .serialized, .timeLimit(.minutes(2))) struct SettingsTests {
    private let patience: Duration = .seconds(40)

    private func serving(_ rig: Rig, _ names: String...) async throws -> HAProxyTraffic {
        let traffic = try rig.traffic(over: try names.map(rig.member))
        try await traffic.establish()
        for name in names { try await traffic.admit(rig.member(name), patience: patience) }
        return traffic
    }

    private func bytes(_ rig: Rig) throws -> [Data] { try ["lb1", "lb2"].map { try Data(contentsOf: rig.file($0)) } }

    private func states(_ traffic: HAProxyTraffic) async -> [[RunningMember.State]] {
        await traffic.observe().map { $0.running.map(\.state) }
    }

    @Test func aCheckThatMembersFailReachesNoBalancer() async throws {
        try await Rig.run { rig in
            let traffic = try await serving(rig, "ap1", "ap2")
            let before = try bytes(rig)
            let other = try rig.traffic(
                "ap1", "ap2", check: Pool.Check(path: "/missing", interval: .milliseconds(50), rise: 2, fall: 2))
            let error = await #expect(throws: TrafficError.self) { try await other.establish() }
            #expect(error?.code == .unhealthy)
            #expect(
                error?.message.contains("GET /missing") == true && error?.message.contains("ap1 answers 404") == true)
            #expect(try bytes(rig) == before)
            #expect(await states(traffic) == [[.up, .up], [.up, .up]])
            #expect(await traffic.observe().map(\.isEstablished) == [true, true])
        }
    }

    @Test func aCheckThatFailsOnceABalancerHasItIsPutBackThere() async throws {
        try await Rig.run { rig in
            let traffic = try await serving(rig, "ap1", "ap2")
            let before = try bytes(rig)
            // Both balancers ask each member once, as a trial; whatever lb1 asks then is refused.
            let other = try rig.traffic(
                "ap1", "ap2", check: Pool.Check(path: "/fading", interval: .milliseconds(50), rise: 2, fall: 2))
            let error = await #expect(throws: TrafficError.self) { try await other.establish() }
            #expect(error?.code == .unhealthy && error?.balancer.description == "lb1")
            #expect(error?.hints.contains { $0.contains("former settings") } == true, "\(error?.hints ?? [])")
            #expect(try bytes(rig) == before)
            #expect(await traffic.observe().map(\.isEstablished) == [true, true])
            #expect(await states(traffic) == [[.up, .up], [.up, .up]])
        }
    }

    @Test func settingsThatHAProxyCannotLoadArePutBack() async throws {
        try await Rig.run { rig in
            _ = try await serving(rig, "ap1")
            let before = try bytes(rig)
            let other = try rig.traffic("ap1", check: Pool.Check(interval: .milliseconds(60)), reload: ["false"])
            let error = await #expect(throws: TrafficError.self) { try await other.establish() }
            #expect(error?.code == .refused)
            #expect(try bytes(rig) == before)
        }
    }

    @Test func onlyWhatIsInServiceIsAsked() async throws {
        try await Rig.run { rig in
            let traffic = try await serving(rig, "ap1", "ap2")
            _ = try await traffic.drain(rig.member("ap2").host, patience: patience)
            try await rig.stopAnswering("ap2")
            let other = try rig.traffic(
                "ap1", "ap2", check: Pool.Check(path: "/other", interval: .milliseconds(50), rise: 2, fall: 2))
            try await other.establish()
            #expect(await other.observe().map(\.isEstablished) == [true, true])
            #expect(await states(other) == [[.up, .maintenance], [.up, .maintenance]])
        }
    }

    @Test func aPoolWithoutMembersIsEstablished() async throws {
        try await Rig.run { rig in
            let traffic = try rig.traffic("ap1", check: Pool.Check(path: "/missing"))
            try await traffic.establishWhereEmpty()
            #expect(await traffic.observe().map(\.isEstablished) == [true, true])
        }
    }

    @Test func aServingPoolIsNotEstablishedByThoseWhoMayNotChangeIt() async throws {
        try await Rig.run { rig in
            let traffic = try await serving(rig, "ap1")
            let before = try bytes(rig)
            let other = try rig.traffic("ap1", check: Pool.Check(path: "/missing", interval: .milliseconds(70)))
            try await other.establishWhereEmpty()
            #expect(try bytes(rig) == before)
            let views = await other.observe()
            #expect(views.map(\.isEstablished) == [false, false])
            #expect(other.pool.asRun(by: views).check == traffic.pool.check)
            let change = try #require(views.first?.fileChange)
            #expect(change.before.contains("uri /healthz ver") && change.after.contains("uri /missing"))
        }
    }

    @Test func aMemberStaysWhereItAnswersWhenNothingAnswersAtItsNewPort() async throws {
        try await Rig.run { rig in
            let traffic = try await serving(rig, "ap1", "ap2")
            let before = try bytes(rig)
            var wrong = try rig.member("ap1")
            wrong.port = try #require(FreePorts.take(1).first)
            let error = await #expect(throws: TrafficError.self) {
                try await traffic.admit(wrong, patience: .milliseconds(300))
            }
            #expect(error?.code == .unhealthy)
            #expect(error?.message.contains("left as it is") == true, "\(error?.message ?? "")")
            #expect(await states(traffic) == [[.up, .up], [.up, .up]])
            #expect(try bytes(rig) == before)
            await #expect(throws: TrafficError.self) { try await traffic.probe(wrong) }
            try await traffic.probe(rig.member("ap3"))
        }
    }
}
