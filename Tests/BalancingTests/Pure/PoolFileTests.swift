import Fleet
import Foundation
import Testing

@testable import Balancing

@Suite struct PoolFileTests {
    private let ap1: PoolMember
    private let ap2: PoolMember

    init() throws {
        ap1 = PoolMember(host: try HostName("ap1"), address: "10.0.0.1", port: 8080)
        ap2 = PoolMember(host: try HostName("ap2"), address: "fe80::2", port: 8080)
    }

    private func pool(_ check: Pool.Check = Pool.Check()) -> Pool {
        Pool(name: "bookmark", members: [ap1, ap2], check: check, configFile: "/etc/haproxy/pools/bookmark.cfg")
    }

    @Test func rendersTheWholeBackend() {
        let file = PoolFile(pool(), servers: [.init(member: ap1), .init(member: ap2, isDisabled: true)])
        #expect(
            file.text == """
                # Written by Drover: edits are overwritten. The id is a fingerprint of the settings.
                backend bookmark
                    id \(file.id ?? 0)
                    mode http
                    balance leastconn
                    option httpchk
                    http-check send meth GET uri /healthz ver HTTP/1.1 hdr Host bookmark
                    http-check expect status 200-299
                    option redispatch
                    retries 3
                    default-server inter 1000ms rise 2 fall 3 on-marked-down shutdown-sessions weight 100
                    server ap1 10.0.0.1:8080 check
                    server ap2 [fe80::2]:8080 check disabled

                """)
    }

    @Test func readsBackWhatItRenders() {
        let file = PoolFile(pool(), servers: [.init(member: ap1), .init(member: ap2, isDisabled: true)])
        #expect(PoolFile(parsing: file.text) == file)
    }

    @Test(arguments: [
        Pool.Check(path: "/other"), Pool.Check(expect: 200...399), Pool.Check(interval: .milliseconds(1001)),
        Pool.Check(rise: 3), Pool.Check(fall: 4),
    ])
    func theIdFollowsTheSettings(_ check: Pool.Check) {
        let usual = PoolFile(pool(), servers: [])
        let other = PoolFile(pool(check), servers: [])
        #expect(usual.id != other.id)
        #expect(usual.settings != other.settings)
        #expect(PoolFile(pool(), servers: [.init(member: ap1)]).id == usual.id)
        #expect((1_000_000...2_147_483_647).contains(usual.id ?? 0))
    }

    @Test(arguments: [
        "server ap9 10.0.0.9:80 check maxconn 5", "server ap9 10.0.0.9:80 check weight 500",
        "server ap9 10.0.0.9:80 check # mine", "server ap9 10.0.0.9 check", "server a/b 1.2.3.4:80 check",
    ])
    func aForeignServerLineIsADifference(_ line: String) {
        let file = PoolFile(parsing: PoolFile(pool(), servers: []).text + line + "\n")
        #expect(file.servers.isEmpty)
        #expect(file.settings != PoolFile(pool(), servers: []).settings)
    }

    @Test func addingKeepsPlacesAndEnables() {
        let file = PoolFile(pool(), servers: [.init(member: ap1, isDisabled: true), .init(member: ap2)])
        #expect(file.adding(ap1).servers == [.init(member: ap1), .init(member: ap2)])
        #expect(file.adding(ap1).removing(ap1.host).members == [ap2])
        var moved = ap1
        moved.port = 9090
        #expect(file.adding(moved).members == [moved, ap2])
    }

    @Test(arguments: [
        Pool.Check(), Pool.Check(path: "/other", expect: 204...399, interval: .milliseconds(1500), rise: 4, fall: 5),
    ])
    func theCheckIsReadBack(_ check: Pool.Check) {
        let file = PoolFile(pool(check), servers: [.init(member: ap1)])
        #expect(PoolFile(parsing: file.text).check == check)
        #expect(PoolFile(parsing: file.text.replacingOccurrences(of: "rise", with: "fastinter")).check == nil)
    }

    @Test(arguments: [
        PoolTraffic(), PoolTraffic(mode: .tcp), PoolTraffic(balance: .source), PoolTraffic(cookie: "SRV"),
        PoolTraffic(balance: .roundrobin, cookie: "SRV", slowStart: .seconds(30)),
        // As earlier versions wrote it.
        PoolTraffic(weight: 1),
        PoolTraffic(agent: .init()),
        PoolTraffic(slowStart: .seconds(30), agent: .init(port: 9200, interval: .milliseconds(500))),
    ])
    func theTrafficIsReadBackAndHasAnIdOfItsOwn(_ traffic: PoolTraffic) {
        var pool = pool()
        pool.traffic = traffic
        let file = PoolFile(pool, servers: [.init(member: ap1, weight: 50), .init(member: ap2, isDisabled: true)])
        let read = PoolFile(parsing: file.text)
        #expect(read == file && read.traffic == traffic && read.check == pool.check)
        #expect((file.id == PoolFile(self.pool(), servers: []).id) == (traffic == PoolTraffic()))
        #expect(file.servers.map(\.cookie) == (traffic.cookie == nil ? [nil, nil] : ["ap1", "ap2"]))
    }

    @Test func aPoolOfTCPIsCheckedByAConnectionWhereNoPathIsGiven() {
        var pool = pool()
        pool.traffic.mode = .tcp
        pool.check.kind = .connect
        let file = PoolFile(pool, servers: [])
        #expect(!file.text.contains("http") && file.text.contains("mode tcp"))
        #expect(PoolFile(parsing: file.text).check == pool.check)
    }

    @Test func weightsAndHandsAreKeptThroughEveryChange() throws {
        let note = KeptOut(
            by: "me@here:12", since: Timestamp(milliseconds: 1_764_560_000_000), reason: "disks: two, #3",
            isMaintenance: true)
        var file = PoolFile(pool(), servers: [.init(member: ap1), .init(member: ap2)])
        file = file.weighing(ap1.host, 50).keepingOut(ap1.host, note)
        #expect(
            file.text.contains(
                "server ap1 10.0.0.1:8080 check weight 50 disabled "
                    + "# maintenance since 1764560000000 by me@here:12: disks: two, #3"))
        file = PoolFile(parsing: file.disabling(ap1.host).placing(ap1).text)
        #expect(file[ap1.host]?.keptOut == note && file[ap1.host]?.weight == 50)
        let back = file.adding(ap1)
        #expect(back[ap1.host] == .init(member: ap1, weight: 50))
        #expect(back.weighing(ap1.host, 100)[ap1.host] == .init(member: ap1))
    }

    @Test func agentsAreAskedOfMembersWithoutAWeightOfTheirOwn() throws {
        var pool = pool()
        pool.traffic.agent = .init()
        var file = PoolFile(pool, servers: [.init(member: ap1, weight: 50), .init(member: ap2)])
        #expect(file.text.contains("shutdown-sessions weight 100 agent-check agent-port 9102 agent-inter 1000ms\n"))
        #expect(file.text.contains("server ap1 10.0.0.1:8080 check weight 50 no-agent-check\n"))
        #expect([ap1, ap2].map(file.asksAgent) == [false, true])
        file = file.weighing(ap1.host, 100).weighing(ap2.host, 7)
        #expect([ap1, ap2].map(file.asksAgent) == [true, false])
        #expect(PoolFile(parsing: file.text) == file)
        #expect(PoolFile(self.pool(), servers: file.servers).text.contains("agent") == false)
    }

    @Test func anAbsentFileHasNothing() {
        let file = PoolFile(parsing: "")
        #expect(file.settings.isEmpty && file.servers.isEmpty && file.id == nil)
    }
}

@Suite struct PoolRulesTests {
    private func pool(_ change: (inout Pool) throws -> Void) throws -> Pool {
        var pool = Pool(
            name: "app", members: [PoolMember(host: try HostName("ap1"), address: "10.0.0.1", port: 80)],
            configFile: "/etc/haproxy/pools/app.cfg")
        try change(&pool)
        return pool
    }

    @Test func acceptsAProperPool() throws {
        _ = try HAProxyTraffic(pool: pool { _ in }, balancers: [])
    }

    @Test(arguments: [
        WrongPool("pool name") { $0.name = "a b" }, WrongPool("pool name") { $0.name = "" },
        WrongPool("absolute") { $0.configFile = "pools/app.cfg" },
        WrongPool(".cfg") { $0.configFile = "/etc/app.conf" },
        WrongPool("absolute") { $0.socket = "admin.sock" }, WrongPool("begin with '/'") { $0.check.path = "healthz" },
        WrongPool("spaces") { $0.check.path = "/a b" }, WrongPool("quotes") { $0.check.path = "/a;shutdown" },
        WrongPool("between checks") { $0.check.interval = .zero }, WrongPool("rise") { $0.check.rise = 0 },
        WrongPool("IP address") { $0.members[0].address = "ap1.example.org" },
        WrongPool("port 0") { $0.members[0].port = 0 }, WrongPool("twice") { $0.members.append($0.members[0]) },
    ])
    func refuses(_ wrong: WrongPool) throws {
        let pool = try pool(wrong.change)
        let error = #expect(throws: InputError.self) { try HAProxyTraffic(pool: pool, balancers: []) }
        #expect(error?.message.contains(wrong.part) == true)
    }
}

struct WrongPool: Sendable {
    let part: String
    let change: @Sendable (inout Pool) -> Void

    init(_ part: String, _ change: @escaping @Sendable (inout Pool) -> Void) {
        self.part = part
        self.change = change
    }
}
