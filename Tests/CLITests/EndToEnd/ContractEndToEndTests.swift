import Foundation
import TestSupport
import Testing

/// `drover doctor STAGE`: each thing that a stage asks of hosts and balancers, broken on real ones.
extension BalancerFaultEndToEndTests {
    private struct Seen: Decodable {
        struct Check: Decodable {
            let subject, state, says: String
            let remedies: [String]
        }
        let host: String
        let checks: [Check]
    }

    private func doctor(_ lab: FaultLab, ends status: Int32) async throws -> [String: [Seen.Check]] {
        let done = try await lab.drover("doctor", "lab", "--format", "json").ended(status)
        let seen = try JSONDecoder().decode([Seen].self, from: Data(done.output.utf8))
        return Dictionary(uniqueKeysWithValues: seen.map { ($0.host, $0.checks) })
    }

    @Test func theDoctorSaysWhatToWriteForEachThingThatIsBroken() async throws {
        let lab = try FaultLab.shared
        let whole = try await doctor(lab, ends: 0)
        #expect(
            whole["lb1"]?.map(\.subject).suffix(6) == [
                "balancer", "programs", "service", "include", "socket", "frontend",
            ])
        #expect(whole["ap1"]?.map(\.subject).suffix(4) == ["programs", "folder", "room", "units"])
        for (host, command) in Self.breaking { try await lab.on(host, command).succeeded() }
        let broken = try await doctor(lab, ends: 1)
        for (host, subject, state, says, remedy) in Self.broken {
            let check = try #require(broken[host]?.first { $0.subject == subject }, "\(host) \(subject)")
            #expect(check.state == state, "\(host) \(subject): \(check.says)")
            #expect(check.says.contains(says), "\(host) \(subject): \(check.says)")
            #expect(check.remedies.contains { $0.contains(remedy) }, "\(host) \(subject): \(check.remedies)")
        }
        for (host, command) in Self.mending { try await lab.on(host, command).succeeded() }
        _ = try await doctor(lab, ends: 0)
        try await lab.drover("apply", "lab").succeeded()
        try await lab.expectWhole()
    }

    private static let breaking = [
        (
            "lb1",
            "cp /etc/haproxy/haproxy.cfg /root/kept && systemctl disable -q haproxy && sed -i 's/level admin/level operator/; s/default_backend ledger/default_backend other/' /etc/haproxy/haproxy.cfg && printf 'backend other\\n' >>/etc/haproxy/haproxy.cfg && systemctl restart haproxy"
        ),
        (
            "lb2",
            "cp /etc/default/haproxy /root/kept && sed -i 's, -f /etc/haproxy/pools,,' /etc/default/haproxy && sed -i 's/^ *default_backend.*//' /etc/haproxy/haproxy.cfg && systemctl restart haproxy"
        ),
        (
            "ap2",
            "mkdir -p /etc/systemd/system/ledger.service.d && printf '[Service]\\nExecStart=\\nExecStart=/usr/bin/tail -f /dev/null\\n' >/etc/systemd/system/ledger.service.d/x.conf && systemctl daemon-reload"
        ),
        ("ap3", "mv /usr/bin/flock /usr/bin/flock.kept"),
    ]

    private static let broken = [
        ("lb1", "service", "doubtful", "does not start with the host", "systemctl enable haproxy"),
        ("lb1", "socket", "faulty", "level operator", "stats socket /run/haproxy/admin.sock mode 660 level admin"),
        ("lb1", "frontend", "faulty", "no frontend sends requests to ledger", "default_backend ledger"),
        (
            "lb2", "include", "faulty", "does not read /etc/haproxy/pools",
            #"EXTRAOPTS="-S /run/haproxy-master.sock -f /etc/haproxy/pools""#
        ),
        ("ap2", "units", "faulty", "starts nothing below /srv/ledger/current", "ExecStart=/srv/ledger/current/bin/"),
        ("ap3", "programs", "faulty", "missing: flock", "apt-get install"),
    ]

    private static let mending = [
        ("lb1", "cp /root/kept /etc/haproxy/haproxy.cfg && systemctl enable -q haproxy && systemctl restart haproxy"),
        (
            "lb2",
            "cp /root/kept /etc/default/haproxy && sed -i 's/^    bind :80/&\\n    default_backend ledger/' /etc/haproxy/haproxy.cfg && systemctl restart haproxy"
        ),
        ("ap2", "rm -r /etc/systemd/system/ledger.service.d && systemctl daemon-reload"),
        ("ap3", "mv /usr/bin/flock.kept /usr/bin/flock"),
    ]
}
