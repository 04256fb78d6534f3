import Balancing
import Fleet
import Foundation
import Testing

// One at a time: each has five processes, and what they check is timed.
@Suite(.haproxy, .serialized, .timeLimit(.minutes(2))) struct HAProxyTrafficTests {
    private let patience: Duration = .seconds(40)

    /// Asks the balancers until `isSo` holds of what they answer; the suite's time limit ends a wait in vain.
    private func observe(
        _ traffic: HAProxyTraffic, until isSo: ([BalancerView]) -> Bool
    ) async throws -> [BalancerView] {
        while true {
            let views = await traffic.observe()
            if isSo(views) { return views }
            try Task.checkCancellation()
            await Task.yield()
        }
    }

    private func state(_ host: String, _ views: [BalancerView]) -> [RunningMember.State?] {
        views.map { view in view.running.first { $0.host.description == host }?.state }
    }

    private func admitted(_ rig: Rig, _ names: [String]) async throws -> HAProxyTraffic {
        let traffic = try rig.traffic("ap1", "ap2")
        try await traffic.establish()
        for name in names { try await traffic.admit(rig.member(name), patience: patience) }
        return traffic
    }

    @Test func establishesOnceAndReloadsOnlyForSettings() async throws {
        try await Rig.run { rig in
            let traffic = try rig.traffic("ap1")
            #expect(await traffic.observe().map(\.isEstablished) == [false, false])
            try await traffic.establish()
            #expect(await traffic.observe().map(\.isEstablished) == [true, true])
            let before = try Data(contentsOf: rig.file("lb1"))
            try await traffic.admit(rig.member("ap1"), patience: patience)
            try await traffic.establish()
            #expect(await traffic.observe().map(\.running.count) == [1, 1])
            #expect(try Data(contentsOf: rig.file("lb1")) != before)

            let other = try rig.traffic("ap1", check: Pool.Check(interval: .milliseconds(60)))
            #expect(await other.observe().map(\.isEstablished) == [false, false])
            try await other.establish()
            let views = await other.observe()
            #expect(views.map(\.isEstablished) == [true, true])
            #expect(views.map(\.configured) == [[try rig.member("ap1")], [try rig.member("ap1")]])
        }
    }

    @Test func settingsThatWereWrittenButNeverLoadedAreLoaded() async throws {
        try await Rig.run { rig in
            let traffic = try rig.traffic("ap1")
            try await traffic.establish()
            let file = try Data(contentsOf: rig.file("lb1"))
            try "backend app\n".write(to: rig.file("lb1"), atomically: true, encoding: .utf8)
            try await rig.restart("lb1")
            try file.write(to: rig.file("lb1"))
            #expect(await traffic.observe().map(\.isEstablished) == [false, true])
            try await traffic.establish()
            #expect(await traffic.observe().map(\.isEstablished) == [true, true])
        }
    }

    @Test func admitsAtRunTimeAndInTheFile() async throws {
        try await Rig.run { rig in
            let traffic = try await admitted(rig, ["ap1", "ap2"])
            let views = await traffic.observe()
            #expect(traffic.pool.differences(from: views).isEmpty)
            for port in rig.frontends.values {
                var bodies: Set<String> = []
                for _ in 0..<4 { bodies.insert(try await Client.get(port: port).body) }
                #expect(bodies == ["ap1", "ap2"])
            }
            try await traffic.admit(rig.member("ap1"), patience: patience)
            let again = await traffic.observe()
            #expect(traffic.pool.differences(from: again).isEmpty)
            #expect(again.map(\.configured) == views.map(\.configured))

            try await rig.restart("lb1")
            let restarted = try await observe(traffic) { traffic.pool.differences(from: $0).isEmpty }
            #expect(restarted.map(\.configured) == views.map(\.configured))
        }
    }

    @Test func admitsSeveralAtOnce() async throws {
        try await Rig.run { rig in
            let traffic = try rig.traffic("ap1", "ap2", "ap3")
            try await traffic.establish()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for member in traffic.pool.members {
                    group.addTask { try await traffic.admit(member, patience: patience) }
                }
                try await group.waitForAll()
            }
            #expect(traffic.pool.differences(from: await traffic.observe()).isEmpty)
        }
    }

    @Test func aSickMemberIsKeptOutAndGetsNoRequest() async throws {
        try await Rig.run { rig in
            let traffic = try await admitted(rig, ["ap1"])
            let sick = try rig.member("sick")
            let asking = Task {
                var statuses: Set<String> = []
                while !Task.isCancelled {
                    for port in rig.frontends.values { statuses.insert(try await Client.get(port: port).status) }
                }
                return statuses
            }
            let error = await #expect(throws: TrafficError.self) {
                try await traffic.admit(sick, patience: .seconds(4))
            }
            asking.cancel()
            #expect(error?.code == .unhealthy)
            #expect(error?.message.contains("L7STS 503") == true)
            #expect(try await asking.value == ["200"])
            let views = await traffic.observe()
            #expect(state("sick", views) == [.maintenance, .maintenance])
            #expect(views.allSatisfy { !$0.configured.contains(sick) })
            try await traffic.remove(sick.host)
            #expect(state("sick", await traffic.observe()) == [nil, nil])
        }
    }

    @Test func aMemberThatFailsAfterItsDrainStaysOutAcrossARestart() async throws {
        try await Rig.run { rig in
            let traffic = try await admitted(rig, ["ap1", "ap2"])
            let ap2 = try rig.member("ap2")
            _ = try await traffic.drain(ap2.host, patience: patience)
            try await rig.stopAnswering("ap2")
            let error = await #expect(throws: TrafficError.self) {
                try await traffic.admit(ap2, patience: .seconds(1))
            }
            #expect(error?.code == .unhealthy)
            for balancer in rig.frontends.keys { try await rig.restart(balancer) }
            let views = await traffic.observe()
            #expect(state("ap2", views) == [.maintenance, .maintenance])
            #expect(views.allSatisfy { $0.configured.contains(ap2) })
        }
    }

    @Test func aBalancerThatCannotSeeAMemberDoesNotTakeItFromTheOthers() async throws {
        try await Rig.run { rig in
            // lb1 cannot see it: taken as both balancers', it fails there and goes on serving behind lb2.
            let shy = try rig.member("shy")
            let onlyOther = try rig.traffic("shy", lb1: .excluded(reason: "later"))
            try await onlyOther.establish()
            try await onlyOther.admit(shy, patience: patience)

            let traffic = try rig.traffic("shy")
            try await traffic.establish()
            let error = await #expect(throws: TrafficError.self) {
                try await traffic.admit(shy, patience: .seconds(1))
            }
            #expect(error?.code == .unhealthy && error?.balancer.description == "lb1")
            #expect(state("shy", await traffic.observe()) == [.maintenance, .up])
            #expect(try await Client.get(port: try #require(rig.frontends["lb2"])).body == "shy")
        }
    }

    /// Clients with a cookie leave a member in maintenance alone, which cuts no request in progress either.
    @Test(arguments: [nil, "SRV"] as [String?])
    func drainsUntilTheLastRequestHasEnded(cookie: String?) async throws {
        try await Rig.run { rig in
            let traffic = try rig.traffic(over: [rig.member("ap1")], shared: PoolTraffic(cookie: cookie))
            try await traffic.establish()
            try await traffic.admit(rig.member("ap1"), patience: patience)
            let out = cookie == nil ? RunningMember.State.draining : .maintenance
            let client = try Client(port: try #require(rig.frontends["lb2"]))
            client.send("POST / HTTP/1.1\r\nHost: test\r\nConnection: close\r\nContent-Length: 1\r\n\r\n")
            _ = try await observe(traffic) { $0.last?.running.first?.sessions == 1 }
            let ap1 = try rig.member("ap1").host

            async let left = traffic.drain(ap1, patience: .seconds(60))
            let views = try await observe(traffic) { state("ap1", $0) == [out, out] }
            #expect(views.map { $0.running.first?.sessions } == [0, 1])
            client.send("x")
            #expect(try await left == 0)
            #expect(await client.answer().hasPrefix("HTTP/1.1 200"))
            #expect(try await traffic.drain(ap1, patience: .zero) == 0)
        }
    }

    @Test func drainTellsWhatIsLeftWhenPatienceEnds() async throws {
        try await Rig.run { rig in
            let traffic = try await admitted(rig, ["ap1"])
            let client = try Client(port: try #require(rig.frontends["lb1"]))
            client.send("POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 1\r\n\r\n")
            _ = try await observe(traffic) { $0.first?.running.first?.sessions == 1 }
            let ap1 = try rig.member("ap1").host
            #expect(try await traffic.drain(ap1, patience: .milliseconds(50)) == 1)
            try await traffic.remove(ap1)
            #expect(await traffic.observe().map(\.running) == [[], []])
            withExtendedLifetime(client) {}
        }
    }

    @Test func aDrainedMemberComesBackAfterFreshChecks() async throws {
        try await Rig.run { rig in
            let traffic = try await admitted(rig, ["ap1", "ap2"])
            let ap1 = try rig.member("ap1")
            #expect(try await traffic.drain(ap1.host, patience: patience) == 0)
            let out = await traffic.observe()
            #expect(state("ap1", out) == [.draining, .draining])
            #expect(state("ap2", out) == [.up, .up])
            for port in rig.frontends.values {
                for _ in 0..<4 { #expect(try await Client.get(port: port).body == "ap2") }
            }
            try await traffic.admit(ap1, patience: patience)
            #expect(traffic.pool.differences(from: await traffic.observe()).isEmpty)
        }
    }

    @Test func noRequestIsLostWhileMembersComeAndGo() async throws {
        try await Rig.run { rig in
            let traffic = try await admitted(rig, ["ap1", "ap2"])
            let asking = Task {
                var counts: [String: Int] = [:]
                while !Task.isCancelled {
                    for port in rig.frontends.values {
                        counts[try await Client.get(port: port).status, default: 0] += 1
                    }
                }
                return counts
            }
            for name in ["ap1", "ap2"] {
                let member = try rig.member(name)
                _ = try await traffic.drain(member.host, patience: patience)
                try await traffic.remove(member.host)
                try await traffic.admit(member, patience: patience)
            }
            asking.cancel()
            let counts = try await asking.value
            #expect(Array(counts.keys) == ["200"])
        }
    }

    @Test func removesForGood() async throws {
        try await Rig.run { rig in
            let traffic = try await admitted(rig, ["ap1", "ap2"])
            let ap2 = try rig.member("ap2")
            // Leaves an idle connection to the server behind, which has to be gone before HAProxy lets it go.
            for _ in 0..<2 { _ = try await Client.get(port: try #require(rig.frontends["lb1"])) }
            _ = try await traffic.drain(ap2.host, patience: patience)
            try await traffic.remove(ap2.host)
            try await traffic.remove(ap2.host)
            #expect(try await traffic.drain(ap2.host, patience: patience) == 0)
            let views = await traffic.observe()
            #expect(state("ap2", views) == [nil, nil])
            #expect(views.map(\.configured) == [[try rig.member("ap1")], [try rig.member("ap1")]])
            try await rig.restart("lb2")
            #expect(state("ap2", await traffic.observe()) == [nil, nil])
        }
    }

    @Test func movesAMemberToAnotherAddress() async throws {
        try await Rig.run { rig in
            let traffic = try await admitted(rig, ["ap1", "ap2"])
            let moved = PoolMember(
                host: try rig.member("ap1").host, address: "127.0.0.1", port: try rig.member("ap3").port)
            try await traffic.admit(moved, patience: patience)
            let views = await traffic.observe()
            #expect(views.allSatisfy { $0.configured.contains(moved) })
            #expect(views.allSatisfy { $0.running.contains { $0.matches(moved) && $0.state == .up } })
            _ = try await traffic.drain(HostName("ap2"), patience: patience)
            #expect(try await Client.get(port: try #require(rig.frontends["lb1"])).body == "ap3")
        }
    }

    @Test func aReloadLeavesOutWhatIsOut() async throws {
        try await Rig.run { rig in
            let traffic = try await admitted(rig, ["ap1", "ap2"])
            let ap1 = try rig.member("ap1")
            _ = try await traffic.drain(ap1.host, patience: patience)
            let other = try rig.traffic("ap1", "ap2", check: Pool.Check(interval: .milliseconds(60)))
            try await other.establish()
            #expect(state("ap1", await other.observe()) == [.maintenance, .maintenance])
            try await other.admit(ap1, patience: patience)
            _ = try await observe(other) { other.pool.differences(from: $0).isEmpty }
            try await rig.restart("lb1")
            _ = try await observe(other) { other.pool.differences(from: $0).isEmpty }
        }
    }

    @Test func anUnreachableBalancerStopsEveryChange() async throws {
        try await Rig.run { rig in
            let traffic = try await admitted(rig, ["ap1"])
            let views = await traffic.observe()
            let cut = try rig.traffic("ap1", lb2: .unreachable(reason: "no route"))
            let ap1 = try rig.member("ap1")
            for change in [
                { _ = try await cut.drain(ap1.host, patience: patience) }, { try await cut.remove(ap1.host) },
                { try await cut.admit(ap1, patience: patience) }, { try await cut.establish() },
            ] {
                let error = await #expect(throws: TrafficError.self) { try await change() }
                #expect(error?.code == .unreachable && error?.balancer.description == "lb2")
            }
            #expect(await cut.observe().map(\.fault) == [nil, "no route"])
            #expect(await traffic.observe().map(\.configured) == views.map(\.configured))

            let excluded = try rig.traffic("ap1", lb2: .excluded(reason: "out of service"))
            #expect(try await excluded.drain(ap1.host, patience: patience) == 0)
            #expect(state("ap1", await traffic.observe()) == [.draining, .up])
        }
    }

    @Test func aSilentHAProxyIsUnreachable() async throws {
        try await Rig.run { rig in
            let traffic = try await admitted(rig, ["ap1"])
            try FileManager.default.removeItem(at: rig.folder.appendingPathComponent("lb2.sock"))
            let ap1 = try rig.member("ap1").host
            let error = await #expect(throws: TrafficError.self) { try await traffic.drain(ap1, patience: patience) }
            #expect(error?.code == .unreachable && error?.balancer.description == "lb2")
            #expect(error?.hints.contains("out of rotation on lb1") == true)
            #expect(await traffic.observe().map { $0.fault == nil } == [true, false])
        }
    }

    @Test func aRefusedConfigurationLeavesTheFile() async throws {
        try await Rig.run { rig in
            let before = try Data(contentsOf: rig.file("lb1"))
            let other = rig.pools("lb1").appendingPathComponent("other.cfg")
            try "backend other\n    no-such-keyword\n".write(to: other, atomically: true, encoding: .utf8)
            let traffic = try rig.traffic("ap1")
            let error = await #expect(throws: TrafficError.self) { try await traffic.establish() }
            #expect(error?.code == .refused)
            #expect(error?.message.contains("no-such-keyword") == true)
            #expect(try Data(contentsOf: rig.file("lb1")) == before)
        }
    }

    @Test func cancellingAnAdmissionLeavesTheMemberOut() async throws {
        try await Rig.run { rig in
            let traffic = try await admitted(rig, ["ap1"])
            let sick = try rig.member("sick")
            let admission = Task { try await traffic.admit(sick, patience: .seconds(60)) }
            _ = try await observe(traffic) { state("sick", $0).allSatisfy { $0 != nil } }
            admission.cancel()
            let error = await #expect(throws: TrafficError.self) { try await admission.value }
            #expect(error?.code == .cancelled)
            #expect(state("sick", await traffic.observe()).allSatisfy { $0 == .down || $0 == .maintenance })
        }
    }
}
