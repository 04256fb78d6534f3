import Fleet
import Testing

@testable import Balancing

/// nginx's file of a pool, and what is asked of it.
@Suite struct UpstreamFileTests {
    private let ap1: PoolMember
    private let ap2: PoolMember

    init() throws {
        ap1 = PoolMember(host: try HostName("ap1"), address: "10.0.0.1", port: 8080)
        ap2 = PoolMember(host: try HostName("ap2"), address: "fe80::2", port: 8080)
    }

    private var pool: Pool {
        Pool(name: "shop", members: [ap1, ap2], configFile: "/etc/nginx/conf.d/drover-shop.conf")
    }

    @Test func rendersTheWholeFile() {
        let file = UpstreamFile(pool, servers: [.init(member: ap1), .init(member: ap2, isDown: true)])
        #expect(
            file.text == """
                # Written by Drover: edits are overwritten.
                upstream shop {
                    least_conn;
                    server 10.0.0.1:8080; # ap1
                    server [fe80::2]:8080 down; # ap2
                }
                server {
                    listen 127.0.0.1:8408;
                    server_name drover-shop;
                    access_log off;
                    location / {
                        default_type text/plain;
                        return 200 "drover \(file.fingerprint)\\nap1 10.0.0.1:8080 up\\nap2 [fe80::2]:8080 down\\n";
                    }
                }

                """)
    }

    @Test func readsBackWhatItRenders() {
        let cases: [[UpstreamFile.Server]] = [
            [], [.init(member: ap1)], [.init(member: ap1, isDown: true), .init(member: ap2)],
        ]
        for servers in cases {
            let file = UpstreamFile(pool, servers: servers)
            let again = UpstreamFile(parsing: file.text)
            #expect(again == file)
            #expect(again.text == file.text)
        }
    }

    /// An upstream without a server is no upstream to nginx.
    @Test func anEmptyPoolHasSomebodyWhoServesNobody() {
        let file = UpstreamFile(pool, servers: [])
        #expect(file.text.contains("    server 127.0.0.1:9 down; # nobody yet\n"))
        #expect(UpstreamFile(parsing: file.text).members.isEmpty)
    }

    @Test(arguments: [
        "server 10.0.0.9:80 weight=5; # ap9", "server shop.example:80;", "keepalive 16;", "server 10.0.0.9:80; # a b",
        "ip_hash;",
    ])
    func aForeignLineMakesADifference(_ line: String) {
        let file = UpstreamFile(pool, servers: [.init(member: ap1)])
        let foreign = UpstreamFile(
            parsing: file.text.replacing("    least_conn;\n", with: "    least_conn;\n    \(line)\n"))
        #expect(foreign.settings != file.settings)
        #expect(foreign.fingerprint != file.fingerprint)
    }

    @Test func whatRunsIsWhatTheFileTells() {
        let file = UpstreamFile(pool, servers: [.init(member: ap1), .init(member: ap2, isDown: true)])
        let told = file.told.replacing("\\n", with: "\n").split(separator: "\n").map { "told \($0)\n" }.joined()
        let status = UpstreamStatus(parsing: told + "open 10.0.0.1:8080 3\nopen [fe80::2]:8080 0\n")
        #expect(status.fingerprint == file.fingerprint)
        #expect(status.servers == file.servers)
        #expect((status.sessions(ap1), status.sessions(ap2)) == (3, 0))
    }

    @Test(arguments: [
        "", "told", "told drover", "told drover x y z", "told ap1 nowhere up", "open a b", "open a -1", "\u{0}",
    ])
    func whatIsNoAnswerIsNone(_ text: String) {
        let status = UpstreamStatus(parsing: text)
        #expect(status.fingerprint == nil && status.servers.isEmpty)
        #expect(status.sessions(ap1) == 0)
    }

    @Test func namesChangeWithoutAnAddress() throws {
        let web = PoolMember(host: try HostName("web1"), address: ap1.address, port: ap1.port)
        let file = UpstreamFile(pool, servers: [.init(member: ap1), .init(member: ap2)]).renaming(ap1.host, to: web)
        #expect(file.members == [web, ap2])
        // One that was cut short between has both.
        #expect(file.adding(ap1).renaming(ap1.host, to: web).members == [ap2, web])
    }

    @Test func poolsThatNginxCouldNotHaveAreRefused() throws {
        for change in [{ $0.name = "a:b" }, { $0.name = "" }, { $0.configFile = "/etc/nginx/x.cfg" }]
            as [(inout Pool) -> Void]
        {
            var pool = pool
            change(&pool)
            #expect(throws: InputError.self) { try NginxTraffic(pool: pool, balancers: []) }
        }
        _ = try NginxTraffic(pool: pool, balancers: [])
    }

    @Test func whatWouldBeDoneIsSaidBeforehand() throws {
        let file = UpstreamFile(pool, servers: [.init(member: ap1), .init(member: ap2)])
        var rehearsal = UpstreamRehearsal(file, check: Pool.Check(), unit: "nginx")
        rehearsal.take(.remove(ap2.host))
        rehearsal.take(.update(ap1))
        #expect(rehearsal.parts.map(\.after) == [1, 1])
        #expect(rehearsal.parts.map(\.least) == [1, 0])
        #expect(rehearsal.parts[0].commands.first == "ap2: down; systemctl reload nginx")
    }
}
