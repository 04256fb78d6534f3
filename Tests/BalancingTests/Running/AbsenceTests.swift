import Balancing
import Fleet
import Foundation
import TestSupport
import Testing

/// Balancers that are away, come back, start anew or know of another controller.
@Suite(.haproxy, .serialized, .timeLimit(.minutes(2))) struct AbsenceTests {
    private let patience: Duration = .seconds(40)
    private let lb2: HostName

    init() throws { lb2 = try HostName("lb2") }

    private func serving(_ rig: Rig, _ names: String...) async throws -> HAProxyTraffic {
        let traffic = try rig.traffic(over: try names.map(rig.member))
        try await traffic.establish()
        for name in names { try await traffic.admit(rig.member(name), patience: patience) }
        return traffic
    }

    private func states(_ traffic: HAProxyTraffic, _ host: String) async -> [RunningMember.State?] {
        await traffic.observe().map { view in view.running.first { $0.host.description == host }?.state }
    }

    // MARK: left out

    @Test func changesGoOnWithoutABalancerThatIsLeftOutButNotWithoutTheLast() async throws {
        try await Rig.run { rig in
            let traffic = try await serving(rig, "ap1", "ap2")
            let lb1 = try HostName("lb1")
            #expect(await traffic.leaveOut(try HostName("ap1"), reason: "none of ours") == .impossible)
            #expect(await traffic.leaveOut(lb2, reason: "silent") == .done)
            #expect(await traffic.leaveOut(lb2, reason: "silent") == .already)
            #expect(await traffic.leaveOut(lb1, reason: "silent") == .impossible)
            _ = try await traffic.drain(rig.member("ap1").host, patience: patience)
            let views = await traffic.observe()
            #expect(views.map(\.isLeftOut) == [false, true])
            #expect(views.map(\.silence) == [nil, nil])
            #expect(await states(try rig.traffic("ap1", "ap2"), "ap1") == [.draining, .up])
        }
    }

    @Test func noBalancerIsLeftOutWhileNoOtherAnswers() async throws {
        try await Rig.run { rig in
            let traffic = try rig.traffic("ap1", lb1: .unreachable(reason: "no route"))
            #expect(await traffic.leaveOut(lb2, reason: "silent") == .impossible)
            #expect(await traffic.leaveOut(try HostName("lb1"), reason: "no route") == .done)
        }
    }

    @Test func aBalancerThatReturnsIsMadeWhatTheOthersAreBeforeAnythingElse() async throws {
        try await Rig.run { rig in
            let traffic = try await serving(rig, "ap1", "ap2", "ap3")
            #expect(await traffic.leaveOut(lb2, reason: "off") == .done)
            // Without lb2: ap1 leaves, ap2 is worked on, and the check becomes another.
            let other = try rig.traffic(
                "ap2", "ap3", check: Pool.Check(path: "/other", interval: .milliseconds(60), rise: 2, fall: 2),
                lb2: .excluded(reason: "off"))
            try await other.establish()
            _ = try await other.drain(rig.member("ap1").host, patience: patience)
            try await other.remove(rig.member("ap1").host)
            _ = try await other.drain(rig.member("ap2").host, patience: patience)
            try await rig.restart("lb2")

            let returned = try rig.traffic("ap2", "ap3", check: other.pool.check, returning: [lb2: "off"])
            #expect(await states(returned, "ap2") == [.draining, nil])
            #expect(await returned.observe().map { $0.silence == nil } == [true, false])
            let error = await #expect(throws: TrafficError.self) {
                try await returned.drain(rig.member("ap3").host, patience: patience)
            }
            #expect(error?.code == .unreachable && error?.hints.contains { $0.contains("--without lb2") } == true)

            try await returned.align(lb2)
            let views = await returned.observe()
            #expect(views.map(\.isEstablished) == [true, true])
            #expect(views.map { Set($0.configured) } == Array(repeating: Set(returned.pool.members), count: 2))
            #expect(views.map(\.disabled) == Array(repeating: [try rig.member("ap2").host], count: 2))
            #expect(await states(returned, "ap1") == [nil, nil])
            #expect(await states(returned, "ap2") == [.draining, .maintenance])
            try await returned.admit(rig.member("ap2"), patience: patience)
            #expect(returned.pool.differences(from: await returned.observe()).isEmpty)
        }
    }

    @Test func aBalancerThatStillDoesNotAnswerIsNotAligned() async throws {
        try await Rig.run { rig in
            _ = try await serving(rig, "ap1")
            let traffic = try rig.traffic("ap1", lb2: .unreachable(reason: "no route"), returning: [lb2: "off"])
            let error = await #expect(throws: TrafficError.self) { try await traffic.align(lb2) }
            #expect(error?.code == .unreachable)
            await #expect(throws: TrafficError.self) {
                try await traffic.drain(rig.member("ap1").host, patience: patience)
            }
            #expect(await traffic.leaveOut(lb2, reason: "still off") == .done)
            #expect(try await traffic.drain(rig.member("ap1").host, patience: patience) == 0)
        }
    }

    // MARK: started anew

    @Test func whatIsDrainedStaysOutWhenABalancerStartsAnew() async throws {
        try await Rig.run { rig in
            let traffic = try await serving(rig, "ap1", "ap2")
            _ = try await traffic.drain(rig.member("ap1").host, patience: patience)
            try await rig.crash("lb1")
            #expect(await states(traffic, "ap1") == [.maintenance, .draining])
            #expect(await states(traffic, "ap2") == [.up, .up])
            try await traffic.admit(rig.member("ap1"), patience: patience)
            try await rig.crash("lb1")
            #expect(traffic.pool.differences(from: await traffic.observe()).isEmpty)
        }
    }

    @Test func aBalancerThatIsStartingIsWaitedFor() async throws {
        try await Rig.run { rig in
            let traffic = try await serving(rig, "ap1", "ap2")
            let (ap1, patience) = (try rig.member("ap1").host, patience)
            let (asking, asked) = AsyncStream<Void>.makeStream()
            async let drained = {
                for await _ in asking { break }
                return try await traffic.drain(ap1, patience: patience)
            }()
            // The drain begins while nobody listens.
            try await rig.crash("lb2") { asked.yield() }
            #expect(try await drained == 0)
            #expect(await states(traffic, "ap1").allSatisfy { $0 == .draining || $0 == .maintenance })
        }
    }

    // MARK: another controller

    @Test func aBalancerRefusesAControllerThatAnotherHasOvertaken() async throws {
        try await Rig.run { rig in
            _ = try await serving(rig, "ap1", "ap2")
            let newer = try rig.traffic("ap1", "ap2", token: 8)
            let older = try rig.traffic("ap1", "ap2", check: Pool.Check(interval: .milliseconds(90)), token: 7)
            let ap1 = try rig.member("ap1")
            _ = try await newer.drain(ap1.host, patience: patience)
            let before = try Data(contentsOf: rig.file("lb1"))
            for change in [
                { _ = try await older.drain(rig.member("ap2").host, patience: patience) },
                { try await older.remove(ap1.host) }, { try await older.admit(ap1, patience: patience) },
                { try await older.establish() },
            ] {
                let error = await #expect(throws: TrafficError.self) { try await change() }
                #expect(error?.code == .fenced, "\(error?.message ?? "")")
                #expect(error?.message.contains("token 8") == true)
            }
            #expect(try Data(contentsOf: rig.file("lb1")) == before)
            #expect(await states(newer, "ap2") == [.up, .up])
            try await newer.admit(ap1, patience: patience)
            let fence = try String(contentsOf: rig.state("lb2").appendingPathComponent("fence"), encoding: .utf8)
            #expect(fence == "8\n")
        }
    }

    @Test(arguments: ["", "eight\n", "99999999999999999999\n"])
    func aDamagedFenceStopsChanges(_ text: String) async throws {
        try await Rig.run { rig in
            _ = try await serving(rig, "ap1")
            try FileManager.default.createDirectory(at: rig.state("lb1"), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: rig.state("lb1").appendingPathComponent("fence"))
            let traffic = try rig.traffic("ap1", token: 3)
            let error = await #expect(throws: TrafficError.self) {
                try await traffic.drain(rig.member("ap1").host, patience: patience)
            }
            #expect(error?.code == .refused && error?.message.contains("damaged") == true)
            #expect(await states(traffic, "ap1").first == .up)
        }
    }

    // MARK: two at once

    @Test func twoWritersOfOneFileKeepEachOthersChanges() async throws {
        try await Rig.run { rig in
            _ = try await serving(rig, "ap1", "ap2", "ap3")
            let names = ["ap1", "ap2", "ap3"]
            let everyone = try names.map(rig.member)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for member in everyone {
                    // Each has consoles of its own, as two commands of one program have.
                    let traffic = try rig.traffic(over: everyone)
                    let patience = patience
                    group.addTask {
                        for _ in 0..<3 {
                            _ = try await traffic.drain(member.host, patience: patience)
                            try await traffic.admit(member, patience: patience)
                        }
                        _ = try await traffic.drain(member.host, patience: patience)
                    }
                }
                try await group.waitForAll()
            }
            let views = await (try rig.traffic(over: everyone)).observe()
            #expect(views.map(\.disabled) == Array(repeating: Set(everyone.map(\.host)), count: 2))
        }
    }
}
