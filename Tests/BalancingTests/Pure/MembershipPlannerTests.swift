import Fleet
import Testing

@testable import Balancing

struct AdmissionCase: Sendable, CustomTestStringConvertible {
    let server: String
    let file: String
    var isPrepared = false
    var port: Int?
    let comesTo: @Sendable (MembershipPlanner.Admission) -> Bool
    var testDescription: String { "\(server) in \(file)\(isPrepared ? ", prepared" : "")" }
}

@Suite struct MembershipPlannerTests {
    private static let ports = ["ap1": 18081, "ap2": 18082, "ap3": 18083, "ap4": 1, "ap9": 18089]

    private func backend(_ file: String) throws -> BackendStatus {
        try ShowStatParser.backend(SocketAnswer(Recorded.text(file)).table)
    }

    private func member(_ name: String, port: Int? = nil) throws -> PoolMember {
        let port = try port ?? #require(Self.ports[name])
        return PoolMember(host: try HostName(name), address: "127.0.0.1", port: port)
    }

    @Test(arguments: [
        AdmissionCase(server: "ap1", file: "two-up-one-in-maintenance.csv") { $0 == .serving },
        AdmissionCase(server: "ap1", file: "two-up-one-in-maintenance.csv", isPrepared: true) { $0 == .serving },
        AdmissionCase(server: "ap1", file: "two-up-one-in-maintenance.csv", port: 9) { $0 == .elsewhere },
        // It gets traffic though no check has passed yet, as all do after a reload: it is waited for, never drained.
        AdmissionCase(server: "ap3", file: "just-added.txt") { $0 == .waiting },
        AdmissionCase(server: "ap2", file: "just-added.txt", isPrepared: true) { $0 == .waiting },
        // Drained earlier: the checks that passed were those of what ran there before.
        AdmissionCase(server: "ap2", file: "late.csv") {
            $0 == .prepare([.want(.drain, "ap2"), .healthDown("ap2"), .enableHealth("ap2")])
        },
        AdmissionCase(server: "ap2", file: "late.csv", isPrepared: true) { $0 == .passed },
        AdmissionCase(server: "ap3", file: "late.csv", isPrepared: true) { $0 == .waiting },
        // Another took it out meanwhile, or a reload brought the file's "disabled" back.
        AdmissionCase(server: "ap3", file: "two-up-one-in-maintenance.csv", isPrepared: true) {
            $0 == .prepare([.want(.drain, "ap3"), .healthDown("ap3"), .enableHealth("ap3")])
        },
    ])
    func admits(_ example: AdmissionCase) throws {
        let admission = MembershipPlanner.admission(
            try member(example.server, port: example.port), keywords: "check", in: try backend(example.file),
            isPrepared: example.isPrepared)
        #expect(example.comesTo(admission), "\(admission)")
    }

    @Test func registersWithAllItsCheckSettings() throws {
        let check = Pool.Check(interval: .milliseconds(1500), rise: 4, fall: 5)
        var pool = Pool(name: "app", members: [], check: check, configFile: "/x.cfg")
        pool.traffic.slowStart = .seconds(3)
        let keywords = ServerKeywords.added(try member("ap9"), to: pool, weight: 50)
        let admission = MembershipPlanner.admission(
            try member("ap9"), keywords: keywords, in: try backend("late.csv"), isPrepared: true)
        guard case .prepare(let commands) = admission else {
            Issue.record("\(admission)")
            return
        }
        #expect(
            commands.map { $0.line(backend: "app") } == [
                "add server app/ap9 127.0.0.1:18089 check inter 1500ms rise 4 fall 5 "
                    + "on-marked-down shutdown-sessions weight 50 slowstart 3000ms",
                "set server app/ap9 state drain", "set server app/ap9 health down", "enable health app/ap9",
            ])
    }

    /// Without the third it would be down until its agent says something, and for ever where none runs.
    @Test func aMemberIsUpWhetherOrNotItsAgentRuns() throws {
        var pool = Pool(name: "app", members: [], configFile: "/x.cfg")
        pool.traffic.agent = .init(interval: .milliseconds(500))
        let keywords = ServerKeywords.added(try member("ap9"), to: pool, weight: nil)
        let admission = MembershipPlanner.admission(
            try member("ap9"), keywords: keywords, asksAgent: true, in: try backend("late.csv"), isPrepared: false)
        guard case .prepare(let commands) = admission else {
            Issue.record("\(admission)")
            return
        }
        #expect(
            commands.map { $0.line(backend: "app") } == [
                "add server app/ap9 127.0.0.1:18089 check inter 1000ms rise 2 fall 3 on-marked-down shutdown-sessions "
                    + "weight 100 agent-check agent-port 9102 agent-inter 500ms",
                "set server app/ap9 state drain", "enable agent app/ap9", "set server app/ap9 agent up",
                "set server app/ap9 health down", "enable health app/ap9",
            ])
    }

    private func opening(_ agent: AgentReply?, _ status: String, weight: Int, asks: Bool) throws -> [String] {
        var backend = try backend("late.csv")
        let place = try #require(backend.servers.firstIndex { $0.name == "ap1" })
        (backend.servers[place].agent, backend.servers[place].status) = (agent, status)
        backend.servers[place].weight = weight
        return MembershipPlanner.opening("ap1", weight: 100, asksAgent: asks, in: backend)
            .map { $0.line(backend: "app").replacing("app/ap1", with: "it") }
    }

    @Test func anAgentsWeightIsLeftAloneOnceItsMemberServes() throws {
        let heard = AgentReply(word: "L7OK")
        #expect(try opening(heard, "UP", weight: 60, asks: true) == ["set server it state ready"])
        #expect(
            try opening(heard, "DRAIN (agent)", weight: 60, asks: true) == [
                "set server it state ready", "set server it weight 100",
            ])
        #expect(
            try opening(nil, "UP", weight: 100, asks: true) == [
                "set server it state ready", "enable agent it", "set server it agent up",
            ])
        #expect(
            try opening(heard, "UP", weight: 60, asks: false) == [
                "set server it state ready", "disable agent it", "set server it weight 100",
            ])
        #expect(try opening(nil, "UP", weight: 100, asks: false) == ["set server it state ready"])
    }

    @Test func nothingIsTakenForAHandsWorkThatAnAgentSaid() throws {
        let member = try member("ap1", port: 18081)
        let file = PoolFile(parsing: "server ap1 \(member.address):\(member.port) check\n")
        var backend = try backend("late.csv")
        let place = try #require(backend.servers.firstIndex { $0.name == "ap1" })
        (backend.servers[place].weight, backend.servers[place].status) = (0, "UP")
        #expect(MembershipPlanner.isOutByHand("ap1", file: file, running: backend))
        backend.servers[place].agent = AgentReply(word: "CHECKED")
        #expect(backend["ap1"]?.state == .up)
        #expect(!MembershipPlanner.isOutByHand("ap1", file: file, running: backend))
    }

    @Test func anAgentIsLeftAloneBeforeItsServerGoes() throws {
        var backend = try backend("late.csv")
        let place = try #require(backend.servers.firstIndex { $0.name == "ap1" })
        backend.servers[place].agent = AgentReply(word: "L4CON")
        #expect(MembershipPlanner.removal("ap1", in: backend).first == .disableAgent("ap1"))
    }

    @Test(arguments: [("ap2", ["set server app/ap2 state drain"]), ("ap9", [])])
    func drainsWhatRuns(_ server: String, _ lines: [String]) throws {
        let commands = MembershipPlanner.draining(server, in: try backend("late.csv"))
        #expect(commands.map { $0.line(backend: "app") } == lines)
    }

    @Test func leavesMaintenanceAlone() throws {
        #expect(MembershipPlanner.draining("ap3", in: try backend("two-up-one-in-maintenance.csv")).isEmpty)
    }

    @Test(arguments: [
        ("ap1", 0, ["set server app/ap1 state maint", "del server app/ap1"]),
        ("ap1", 2, ["set server app/ap1 state maint", "shutdown sessions server app/ap1", "del server app/ap1"]),
        ("ap9", 0, []),
    ])
    func removes(_ server: String, _ sessions: Int, _ lines: [String]) throws {
        var backend = try backend("late.csv")
        if let place = backend.servers.firstIndex(where: { $0.name == server }) {
            backend.servers[place].sessions = sessions
        }
        let commands = MembershipPlanner.removal(server, in: backend)
        #expect(commands.map { $0.line(backend: "app") } == lines)
    }

    @Test func aReloadChangesNobodysTraffic() throws {
        let file = PoolFile(parsing: "server ap1 127.0.0.1:18081 check\nserver ap8 127.0.0.1:8 check\n")
        let servers = MembershipPlanner.servers(file: file, running: try backend("late.csv"))
        #expect(servers.map(\.member.host.description) == ["ap1", "ap8", "ap3", "ap4", "ap2"])
        #expect(servers.map(\.isDisabled) == [true, false, false, false, true])
    }
}
