import Fleet
import Testing

@Suite struct PoolDifferenceTests {
    private static func member(_ name: String, _ port: Int = 80) throws -> PoolMember {
        PoolMember(host: try HostName(name), address: "10.0.0.1", port: port)
    }

    private static func running(_ name: String, _ state: RunningMember.State, _ port: Int = 80) throws -> RunningMember
    {
        RunningMember(host: try HostName(name), address: "10.0.0.1", port: port, state: state)
    }

    private func pool() throws -> Pool {
        Pool(name: "app", members: [try Self.member("ap1"), try Self.member("ap2")], configFile: "/x.cfg")
    }

    private func view(
        _ running: [RunningMember], _ configured: [PoolMember], isEstablished: Bool = true, fault: String? = nil
    ) throws -> BalancerView {
        BalancerView(
            balancer: try HostName("lb1"), running: running, configured: configured, isEstablished: isEstablished,
            fault: fault)
    }

    @Test func nothingDiffersWhenAllIsThere() throws {
        let pool = try pool()
        let views = [try view([Self.running("ap1", .up), Self.running("ap2", .up)], pool.members)]
        #expect(pool.differences(from: views).isEmpty)
        #expect(pool.changes(from: views).isEmpty)
    }

    @Test func tellsEveryDifference() throws {
        let pool = try pool()
        let running = [try Self.running("ap1", .draining), try Self.running("ap3", .up)]
        let configured = [try Self.member("ap1", 81), try Self.member("ap2"), try Self.member("ap4")]
        let differences = pool.differences(from: [try view(running, configured, isEstablished: false)])
        #expect(
            differences.map(\.description) == [
                "the backend's settings are not the pool's", "ap1 gets no traffic: draining", "ap1 is not in the file",
                "ap2 is not running", "ap3 is running but not in the inventory",
                "ap4 is in the file but not in the inventory",
            ])
        let changes = pool.changes(from: [try view(running, configured)])
        #expect(changes.joining == pool.members)
        #expect(changes.leaving.map(\.description) == ["ap3", "ap4"])
    }

    /// What an agent says of a member's share is nobody's mistake; that it is not asked is one.
    @Test func agentsWeightsAreNoDifferenceAndTheirAbsenceIs() throws {
        var pool = try pool()
        pool.traffic.agent = .init()
        func told(_ weight: Int, _ agent: AgentReply?, own: Int? = nil) throws -> [String] {
            var ap1 = try Self.running("ap1", .up)
            (ap1.weight, ap1.agent) = (weight, agent)
            var ap2 = try Self.running("ap2", .up)
            (ap2.weight, ap2.agent) = (100, AgentReply(word: "L4CON"))
            var view = try view([ap1, ap2], pool.members)
            view.weights[ap1.host] = own
            let told = pool.differences(from: [view]).map(\.description)
            #expect(told.isEmpty == pool.changes(from: [view]).joining.isEmpty || own != nil)
            return told
        }
        #expect(try told(35, AgentReply(word: "L7OK")) == [])
        #expect(try told(100, AgentReply(word: "L4CON")) == [])
        #expect(try told(100, nil) == ["ap1 is not asked by agent-check"])
        #expect(try told(60, nil) == ["ap1 is not asked by agent-check"])
        #expect(try told(50, nil, own: 50) == [])
        #expect(try told(60, nil, own: 50) == ["ap1 has weight 60 in place of 50"])
        #expect(
            try told(50, AgentReply(word: "L7OK"), own: 50) == ["ap1 is asked by agent-check, and is to have weight 50"]
        )
    }

    @Test(arguments: [
        ("L7OK", true), ("L7STS", true), ("CHECKED", true), ("L4CON", false), ("L4TOUT", false), ("INI", false),
        ("L7TOUT", false),
    ])
    func agentsAreHeard(word: String, isHeard: Bool) { #expect(AgentReply(word: word).isHeard == isHeard) }

    @Test func tellsAnotherAddress() throws {
        let pool = try pool()
        let views = [try view([Self.running("ap1", .up, 81), Self.running("ap2", .up)], pool.members)]
        #expect(pool.differences(from: views).map(\.description) == ["ap1 is running at 10.0.0.1:81"])
        #expect(pool.changes(from: views).joining.map(\.host.description) == ["ap1"])
    }

    @Test func aSilentBalancerIsADifferenceAndDecidesNothing() throws {
        let views = [try view([], [], fault: "no answer")]
        #expect(try pool().differences(from: views).map(\.description) == ["no answer"])
        #expect(try pool().changes(from: views).isEmpty)
    }

    @Test func aMemberThatOnlyTheFileKeepsOutHasToJoin() throws {
        let pool = try pool()
        var view = try view([Self.running("ap1", .up), Self.running("ap2", .up)], pool.members)
        view.disabled = [try HostName("ap2")]
        #expect(
            pool.differences(from: [view]).map(\.description) == [
                "ap2 gets traffic but is out of rotation in the file"
            ])
        #expect(pool.changes(from: [view]).joining.map(\.host.description) == ["ap2"])
    }

    @Test func oneBalancerThatLacksAMemberIsEnoughForItToJoin() throws {
        let pool = try pool()
        let whole = try view([Self.running("ap1", .up), Self.running("ap2", .up)], pool.members)
        let lacking = try view([Self.running("ap1", .up)], pool.members)
        #expect(pool.changes(from: [whole, lacking]).joining.map(\.host.description) == ["ap2"])
        #expect(pool.changes(from: [whole]).isEmpty)
    }

    // MARK: What balancers run

    @Test func thePoolAsItRunsHasTheBalancersPortsAndCheck() throws {
        var view = try view([Self.running("ap1", .up, 81), Self.running("ap2", .down)], [], isEstablished: false)
        view.check = Pool.Check(path: "/old")
        let run = try pool().asRun(by: [view])
        #expect(run.check.path == "/old")
        #expect(run.members.map(\.port) == [81, 80])
    }

    @Test func portsThatBalancersDisagreeOnStayThePools() throws {
        let views = [try view([Self.running("ap1", .up, 81)], []), try view([Self.running("ap1", .up, 82)], [])]
        #expect(try pool().asRun(by: views) == pool())
    }

    @Test(arguments: [
        (RunningMember.State.up, [String]()), (.down, ["ap1 gets no traffic: down"]),
        (.draining, ["ap1 gets no traffic: draining"]), (.maintenance, ["ap1 gets no traffic: maintenance"]),
    ])
    func onlyAMemberThatIsUpGetsTraffic(_ state: RunningMember.State, _ told: [String]) throws {
        let pool = Pool(name: "app", members: [try Self.member("ap1")], configFile: "/x.cfg")
        #expect(
            pool.differences(from: [try view([Self.running("ap1", state)], pool.members)]).map(\.description) == told)
    }

    @Test func aBalancerThatIsLeftOutIsNotSilent() throws {
        var view = try view([], [], fault: "no answer")
        #expect(view.silence == "no answer")
        view.isLeftOut = true
        #expect(view.silence == nil)
    }
}
