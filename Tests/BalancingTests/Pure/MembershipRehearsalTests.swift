import Fleet
import Testing

@testable import Balancing

/// What a balancer would be told, without telling it.
@Suite struct MembershipRehearsalTests {
    private static func member(_ name: String, _ number: Int) throws -> PoolMember {
        PoolMember(host: try HostName(name), address: "10.0.0.\(number)", port: 8080)
    }

    private static func server(_ member: PoolMember, _ status: String = "UP") -> ServerStatus {
        ServerStatus(
            name: member.host.description, address: ServerAddress(address: member.address, port: member.port),
            status: status, sessions: 0, queued: 0, connections: 0, checkStatus: "L7OK", checkCode: "200",
            lastCheck: "",
            health: 4, rise: 2, fall: 3)
    }

    private static func rehearse(_ steps: [PoolStep], from members: [PoolMember]) -> MembershipRehearsal {
        let pool = Pool(name: "shop", members: members, configFile: "/pools/shop.cfg")
        var rehearsal = MembershipRehearsal(
            pool, from: BackendStatus(id: 1, servers: members.map { server($0) }),
            PoolFile(pool, servers: members.map { PoolFile.Server(member: $0) }))
        for step in steps { rehearsal.take(step) }
        return rehearsal
    }

    @Test func aHostThatLeavesIsDrainedAndTakenOut() throws {
        let members = try (1...3).map { try Self.member("ap\($0)", $0) }
        let rehearsal = Self.rehearse([.remove(members[2].host)], from: members)
        let part = try #require(rehearsal.parts.first)
        #expect(
            part.commands == [
                "set server shop/ap3 state drain", "set server shop/ap3 state maint", "del server shop/ap3",
            ])
        #expect((part.least, part.after) == (2, 2))
        #expect(rehearsal.file.members == Array(members.prefix(2)))
    }

    @Test func aHostThatJoinsIsHeldDownUntilItsChecksPass() throws {
        let members = try (1...2).map { try Self.member("ap\($0)", $0) }
        let rehearsal = Self.rehearse([.admit(try Self.member("ap3", 3))], from: members)
        let part = try #require(rehearsal.parts.first)
        #expect(part.commands.first?.hasPrefix("add server shop/ap3 10.0.0.3:8080 check") == true)
        #expect(part.commands.last == "set server shop/ap3 state ready")
        #expect(part.commands.contains("set server shop/ap3 health down"))
        #expect((part.least, part.after) == (2, 3))
    }

    @Test func aHostAtAnotherAddressLeavesTheOneItHad() throws {
        let members = try (1...2).map { try Self.member("ap\($0)", $0) }
        let rehearsal = Self.rehearse([.admit(try Self.member("ap2", 9))], from: members)
        let part = try #require(rehearsal.parts.first)
        #expect(part.commands.first == "set server shop/ap2 state drain")
        #expect(part.commands.contains("del server shop/ap2"))
        #expect(part.commands.contains { $0.hasPrefix("add server shop/ap2 10.0.0.9:8080") })
        #expect((part.least, part.after) == (1, 2))
        #expect(rehearsal.file.members.map(\.address) == ["10.0.0.1", "10.0.0.9"])
    }

    @Test func aRenamedMachineServesThroughout() throws {
        let members = try (1...2).map { try Self.member("ap\($0)", $0) }
        let rehearsal = Self.rehearse([.rename(members[1].host, to: try Self.member("web2", 2))], from: members)
        let part = try #require(rehearsal.parts.first)
        #expect((part.least, part.after) == (2, 2))
        #expect(Array(part.commands.suffix(3)).last == "del server shop/ap2")
        #expect(rehearsal.file.members.map(\.host.description) == ["ap1", "web2"])
    }

    @Test func anUpdateCostsOneMeanwhile() throws {
        let members = try (1...3).map { try Self.member("ap\($0)", $0) }
        let part = try #require(Self.rehearse([.update(members[0])], from: members).parts.first)
        #expect(part.commands.first == "set server shop/ap1 state drain")
        #expect(part.commands.last == "set server shop/ap1 state ready")
        #expect((part.least, part.after) == (2, 3))
    }

    /// Steps are gone through one after the other: each finds what the one before it left.
    @Test func nothingIsToldThatIsSo() throws {
        let members = try (1...2).map { try Self.member("ap\($0)", $0) }
        let steps: [PoolStep] = [.admit(members[0]), .remove(members[1].host), .remove(members[1].host)]
        #expect(Self.rehearse(steps, from: members).parts.map(\.after) == [1])
    }
}
