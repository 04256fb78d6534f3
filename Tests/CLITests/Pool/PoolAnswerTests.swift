import Fleet
import Testing

@testable import CLI

/// What `drover pool` shows of what balancers answered.
@Suite struct PoolAnswerTests {
    private func reading() throws -> PoolReading {
        let ap1 = PoolMember(host: try HostName("ap1"), address: "10.0.0.1", port: 8080)
        let ap2 = PoolMember(host: try HostName("ap2"), address: "fe80::2", port: 8080)
        let old = PoolMember(host: try HostName("old"), address: "10.0.0.9", port: 8080)
        let pool = Pool(name: "app", members: [ap1, ap2], configFile: "/etc/haproxy/pools/app.cfg")
        let running = [
            RunningMember(
                host: ap1.host, address: ap1.address, port: 8080, state: .draining, sessions: 3, check: "L7OK 200"),
            RunningMember(host: old.host, address: old.address, port: 8080, state: .up, check: "L7OK 200"),
        ]
        return PoolReading(
            pool: pool,
            views: [
                BalancerView(balancer: try HostName("lb1"), running: running, configured: [ap1, ap2, old]),
                BalancerView(balancer: try HostName("lb2"), fault: "no route"),
            ])
    }

    @Test func showsDesiredFileAndRunningSideBySide() throws {
        let table = Drover.PoolCommand.Status.table(PoolAnswer(try reading()))
        #expect(
            table.rows == [
                [
                    "lb1", "ap1", "10.0.0.1:8080", "10.0.0.1:8080", "10.0.0.1:8080", "draining", "-", "3", "L7OK 200",
                    "-",
                ],
                ["lb1", "ap2", "[fe80::2]:8080", "[fe80::2]:8080", "-", "-", "-", "-", "-", "-"],
                ["lb1", "old", "-", "10.0.0.9:8080", "10.0.0.9:8080", "up", "-", "0", "L7OK 200", "-"],
            ])
    }

    @Test func saysWhatDiffersOnEachBalancer() throws {
        let answer = PoolAnswer(try reading())
        #expect(
            answer.balancers.map(\.differences) == [
                [
                    "ap1 gets no traffic: draining", "ap2 is not running", "old is running but not in the inventory",
                    "old is in the file but not in the inventory",
                ],
                ["no route"],
            ])
        #expect(answer.balancers.map(\.isEstablished) == [true, false])
        #expect(answer.balancers.map(\.fault) == [nil, "no route"])
    }
}
