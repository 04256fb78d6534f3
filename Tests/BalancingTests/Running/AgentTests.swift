import Fleet
import Foundation
import TestSupport
import Testing

@testable import Balancing

/// Members' agents, asked by real balancers.
@Suite(.haproxy, .serialized, .timeLimit(.minutes(2))) struct AgentTests {
    private let patience: Duration = .seconds(10)

    private func serving(
        _ rig: Rig, agentAt port: Int, slowStart: Duration? = nil, version: HAProxyVersion? = nil
    ) async throws -> HAProxyTraffic {
        let agent = PoolTraffic.Agent(port: port, interval: .milliseconds(50))
        let traffic = try rig.traffic(
            over: ["ap1", "ap2"].map { try rig.member($0) }, shared: PoolTraffic(slowStart: slowStart, agent: agent),
            version: version)
        try await traffic.establish()
        for member in traffic.pool.members { try await traffic.admit(member, patience: patience) }
        return traffic
    }

    /// Waits until every balancer shows the same of `host`; the test's time limit ends a wait in vain.
    private func until(
        _ host: HostName, _ traffic: HAProxyTraffic, _ isSo: (RunningMember) -> Bool
    ) async throws {
        while await !traffic.observe().allSatisfy({ $0.running.first { $0.host == host }.map(isSo) ?? false }) {
            try Task.checkCancellation()
        }
    }

    private func differences(_ traffic: HAProxyTraffic) async -> [String] {
        traffic.pool.differences(from: await traffic.observe()).map { "\($0.balancer): \($0)" }
    }

    @Test func membersGetWhatTheirAgentsSayAddedAtRunTimeOrFromTheFile() async throws {
        try await Rig.run { rig in
            let agent = try AgentStandIn(saying: "up 60%")
            let traffic = try await serving(rig, agentAt: agent.port)
            let (ap1, ap2) = (try rig.member("ap1"), try rig.member("ap2"))
            for host in [ap1.host, ap2.host] { try await until(host, traffic) { $0.weight == 60 && $0.state == .up } }
            #expect(await differences(traffic) == [])
            try await rig.restart("lb1")
            try await until(ap1.host, traffic) { $0.weight == 60 && $0.state == .up }
            agent.say("up 25%")
            try await until(ap1.host, traffic) { $0.weight == 25 }
            // Applied again, nothing is said to those that serve.
            try await traffic.admit(ap1, patience: patience)
            #expect(await traffic.observe().allSatisfy { $0.running.allSatisfy { ($0.weight ?? 0) <= 60 } })
            #expect(await differences(traffic) == [])
        }
    }

    @Test(arguments: [nil, HAProxyVersion(2, 4)])
    func membersWithoutAnAgentServeAllTheSame(_ version: HAProxyVersion?) async throws {
        try await Rig.run { rig in
            let traffic = try await serving(rig, agentAt: AnsweringListener.quietPort(), version: version)
            let ap1 = try rig.member("ap1")
            try await until(ap1.host, traffic) { $0.state == .up && $0.agent?.word == "L4CON" && $0.weight == 100 }
            #expect(await differences(traffic) == [])
            let port = try #require(rig.frontends["lb1"])
            var answers: Set<String> = []
            for _ in 0..<8 { answers.insert(try await Client.get(port: port).body) }
            #expect(answers == ["ap1", "ap2"])
            _ = try await traffic.drain(ap1.host, patience: patience)
            try await traffic.remove(ap1.host)
            try await traffic.admit(ap1, patience: patience)
            #expect(await differences(traffic) == [])
        }
    }

    @Test func whoIsDrainedStaysDrainedWhateverItsAgentSays() async throws {
        try await Rig.run { rig in
            let agent = try AgentStandIn(saying: "up 60%")
            let traffic = try await serving(rig, agentAt: agent.port)
            let ap1 = try rig.member("ap1")
            _ = try await traffic.drain(ap1.host, patience: patience)
            agent.say("up 80%")
            try await until(ap1.host, traffic) { $0.weight == 80 }
            #expect(await traffic.observe().allSatisfy { $0.running.first?.state == .draining })
            try await traffic.admit(ap1, patience: patience)
            try await until(ap1.host, traffic) { $0.weight == 80 && $0.state == .up }
            try await traffic.remove(ap1.host)
            #expect(await traffic.observe().allSatisfy { $0.running.map(\.host) == [traffic.pool.members[1].host] })
        }
    }

    @Test func aWeightByHandLastsUntilItIsGivenBackToTheAgent() async throws {
        try await Rig.run { rig in
            let agent = try AgentStandIn(saying: "up 60%")
            let traffic = try await serving(rig, agentAt: agent.port)
            let (ap1, ap2) = (try rig.member("ap1").host, try rig.member("ap2").host)
            try await until(ap1, traffic) { $0.weight == 60 }
            try await traffic.weigh(ap1, 30)
            agent.say("up 90%")
            try await until(ap2, traffic) { $0.weight == 90 }
            #expect(await traffic.observe().allSatisfy { $0.running.first { $0.host == ap1 }?.weight == 30 })
            #expect(await differences(traffic) == [])
            // One started while the file leaves the agent alone, the other did not.
            try await rig.restart("lb2")
            try await until(ap1, traffic) { $0.weight == 30 && $0.agent == nil }
            #expect(await differences(traffic) == [])
            try await rig.say("enable agent app/ap1", to: "lb1")
            #expect(await differences(traffic) == ["lb1: ap1 is asked by agent-check, and is to have weight 30"])
            try await traffic.weigh(ap1, 100)
            try await until(ap1, traffic) { $0.weight == 90 }
            #expect(await differences(traffic) == [])
        }
    }

    @Test func anAgentThatIsNotAskedIsSeenAndAskedAgain() async throws {
        try await Rig.run { rig in
            let agent = try AgentStandIn(saying: "up 60%")
            let traffic = try await serving(rig, agentAt: agent.port)
            let ap1 = try rig.member("ap1")
            try await rig.say("disable agent app/ap1", to: "lb1")
            #expect(await differences(traffic) == ["lb1: ap1 is not asked by agent-check"])
            #expect(traffic.pool.changes(from: await traffic.observe()).joining == [ap1])
            try await traffic.admit(ap1, patience: patience)
            try await until(ap1.host, traffic) { $0.weight == 60 && $0.agent?.isHeard == true }
            #expect(await differences(traffic) == [])
        }
    }

    @Test func slowStartsEndAtWhatTheAgentSays() async throws {
        try await Rig.run { rig in
            let agent = try AgentStandIn(saying: "up 60%")
            let traffic = try await serving(rig, agentAt: agent.port, slowStart: .seconds(1))
            let ap1 = try rig.member("ap1")
            _ = try await traffic.drain(ap1.host, patience: patience)
            try await traffic.admit(ap1, patience: patience)
            try await until(ap1.host, traffic) { $0.throttle == nil && $0.weight == 60 && $0.state == .up }
        }
    }

    /// A pool that has had none gets agents with one reload, and loses them with another; no request is lost by it.
    @Test func agentsComeToAPoolThatServes() async throws {
        try await Rig.run { rig in
            let agent = try AgentStandIn(saying: "up 60%")
            let before = try rig.traffic("ap1", "ap2")
            try await before.establish()
            for member in before.pool.members { try await before.admit(member, patience: patience) }
            let traffic = try await serving(rig, agentAt: agent.port)
            let ap1 = try rig.member("ap1").host
            try await until(ap1, traffic) { $0.weight == 60 }
            #expect(await before.observe().map(\.isEstablished) == [false, false])
            try await before.establish()
            try await until(ap1, before) { $0.weight == 100 && $0.agent == nil }
            #expect(await differences(before) == [])
        }
    }
}
