import Fleet
import Testing

@testable import Balancing

/// What a balancer becomes that was away.
@Suite struct AlignmentTests {
    private let pool: Pool

    init() throws {
        let members = try (1...3).map { PoolMember(host: try HostName("ap\($0)"), address: "10.0.0.\($0)", port: 80) }
        pool = Pool(name: "app", members: members, configFile: "/etc/haproxy/pools/app.cfg")
    }

    private func model(_ statuses: String...) -> BalancerAlignment.Model {
        let file = PoolFile(pool, servers: pool.members.map { PoolFile.Server(member: $0) })
        let servers = zip(pool.members, statuses).map { member, status in
            ServerStatus(
                name: member.host.description, address: ServerAddress(address: member.address, port: member.port),
                status: status, sessions: 0, queued: 0, connections: 0, checkStatus: "L7OK", checkCode: "200",
                lastCheck: "", health: 4, rise: 2, fall: 3)
        }
        return BalancerAlignment.Model(file: file, status: BackendStatus(id: file.id, servers: servers))
    }

    @Test func whatAnyOtherKeepsOutIsDisabled() throws {
        let file = try #require(
            BalancerAlignment.file(like: [model("UP", "DRAIN", "UP"), model("MAINT", "UP", "DOWN")]))
        #expect(file.servers.map(\.isDisabled) == [true, true, false])
        #expect(BalancerAlignment.file(like: []) == nil)
    }

    @Test func whatWasTakenOutStaysOutThoughItIsDown() throws {
        var model = model("DOWN", "DOWN", "UP")
        model.file.servers[0].isDisabled = true
        model.file.servers[2].isDisabled = true
        let file = try #require(BalancerAlignment.file(like: [model]))
        #expect(file.servers.map(\.isDisabled) == [true, false, false])
    }

    @Test func whatMayGetNoTrafficIsDrainedAtOnce() throws {
        var file = model("UP", "UP", "UP").file
        file.servers[0].isDisabled = true
        file.servers[1].member.port = 81
        let running = model("UP", "UP", "UP").status
        #expect(BalancerAlignment.commands(to: file, from: running) == [.want(.drain, "ap1"), .want(.drain, "ap2")])
        file.servers.remove(at: 2)
        #expect(BalancerAlignment.commands(to: file, from: running).count == 3)
        #expect(
            BalancerAlignment.commands(to: file, from: model("MAINT", "DRAIN", "DOWN").status) == [.want(.drain, "ap3")]
        )
    }

    @Test func itIsMetWhenAllRunsAsTheFileSays() {
        var file = model("UP", "UP", "UP").file
        #expect(BalancerAlignment.isMet(file, by: model("UP", "DOWN 1/2", "UP").status))
        #expect(!BalancerAlignment.isMet(file, by: model("UP", "MAINT", "UP").status))
        #expect(!BalancerAlignment.isMet(file, by: model("UP", "UP").status))
        file.servers[1].isDisabled = true
        #expect(BalancerAlignment.isMet(file, by: model("UP", "DRAIN", "UP").status))
        #expect(!BalancerAlignment.isMet(file, by: model("UP", "UP", "UP").status))
        var other = model("UP", "MAINT", "UP").status
        other.id = 5
        #expect(!BalancerAlignment.isMet(file, by: other))
    }

    @Test(arguments: [
        ("DOWN", "L4TOUT", "", true), ("DOWN", "L4CON", "No route to host", true),
        ("DOWN", "L4CON", "Connection refused", false),
        ("DOWN", "L7STS", "", false), ("DRAIN", "L4TOUT", "", false), ("UP 1/3", "L4TOUT", "", false),
    ])
    func onlyAHostThatIsGoneFinishesNothing(_ status: String, _ check: String, _ told: String, _ isGone: Bool) throws {
        var server = try #require(model(status).status.servers.first)
        server.checkStatus = check
        server.lastCheck = told
        #expect(server.isGone == isGone)
    }

    @Test func aPoolIsTakenAsItRuns() throws {
        var view = BalancerView(
            balancer: try HostName("lb1"),
            running: pool.members.map { RunningMember(host: $0.host, address: $0.address, port: 8080, state: .up) },
            isEstablished: false)
        view.check = Pool.Check(path: "/was")
        let silent = BalancerView(balancer: try HostName("lb2"), fault: "off")
        let run = pool.asRun(by: [silent, view])
        #expect(run.members.map(\.port) == [8080, 8080, 8080])
        #expect(run.check.path == "/was")
        #expect(pool.asRun(by: [silent]) == pool)
        // A host at another address has moved; its port there says nothing of the one here.
        view.running[0].address = "10.9.9.9"
        #expect(pool.asRun(by: [view]).members.map(\.port) == [80, 8080, 8080])
    }
}
