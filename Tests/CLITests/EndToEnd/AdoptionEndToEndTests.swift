import Foundation
import TestSupport
import Testing

/// A backend in the user's own `haproxy.cfg`, with HAProxy 2.6 and 3.0.
extension BalancerFaultEndToEndTests {
    private static let backend = """

        # Kept by hand; ask Ada before you touch it.
        frontend own
        \tbind :8090
        \tdefault_backend  own
        backend own
          option httpchk GET /healthz
            default-server  inter 500ms rise 2 fall 3   # quick
          server old 127.0.0.1:9 check
        \tserver ap1   AP1:8080 check   # the first one
          retries 3
        # the end

        """

    @Test func aBackendInAFileOfOnesOwnIsAdopted() async throws {
        let lab = try FaultLab.shared
        let running = try #require(try await lab.runningBuilds()["ap1"])
        let text = Self.backend.replacing("AP1", with: lab.address(of: "ap1"))
        let service = try String(contentsOf: lab.folder.appendingPathComponent("drover.yml"), encoding: .utf8)
            .replacing("  name: ledger\n", with: "  name: own\n  adopt: true\n")
            .replacing(#/  check: .*/#, with: "  check: {path: /healthz}")
            .replacing("/etc/haproxy/pools/ledger.cfg", with: "/etc/haproxy/haproxy.cfg")
            .replacing("    playbook: playbooks/site.yml\n", with: "")
            .replacing("expect: 200}", with: "expect: 200, port: 8090}")
        try service.write(to: lab.folder.appendingPathComponent("own.yml"), atomically: true, encoding: .utf8)
        for balancer in FaultLab.balancers {
            let add = "cp -p /etc/haproxy/haproxy.cfg /root/before && printf %s '\(text)' >>/etc/haproxy/haproxy.cfg"
            try await lab.on(balancer, add + " && systemctl reload haproxy").succeeded()
        }
        let own = ["--service", "own.yml"]
        let adopted = try await lab.drover.run(["pool", "adopt", "lab"] + own)
        #expect(adopted.status == 0, "\(adopted.output)\(adopted.errors)")
        #expect(adopted.output.contains("-  server old 127.0.0.1:9 check\n"), "\(adopted.output)")
        for balancer in FaultLab.balancers { try await expectLinesChangedAlone(text, on: balancer, lab) }
        for question in [["pool", "verify", "lab"], ["doctor", "lab"]] {
            let answer = try await lab.drover.run(question + own)
            #expect(answer.status == 0, "\(answer.output)\(answer.errors)")
        }
        let urls = FaultLab.balancers.map { "http://\(lab.address(of: $0)):8090/" }
        let build = try await lab.build("\((Int(running) ?? 0) + 1)")
        let (rollout, load) = try await lab.counting(at: urls) {
            try await lab.drover.run(["rollout", "lab", build] + own)
        }
        #expect(rollout.status == 0, "\(rollout.errors)")
        #expect(load.failed.isEmpty && load.sent > 100, "\(load.failed)")
        for balancer in FaultLab.balancers {
            try await expectLinesChangedAlone(text, on: balancer, lab)
            try await lab.on(balancer, "mv /root/before /etc/haproxy/haproxy.cfg && systemctl reload haproxy")
                .succeeded()
        }
        try await lab.drover("apply", "lab").succeeded()
        try await lab.expectWhole(build: "\((Int(running) ?? 0) + 1)")
    }

    /// Whether the file is as it was but for the backend's `server` lines, of which there is one for each member.
    private func expectLinesChangedAlone(_ text: String, on balancer: String, _ lab: FaultLab) async throws {
        let before = try await lab.on(balancer, "cat /root/before").output + text
        let after = try await lab.on(balancer, "cat /etc/haproxy/haproxy.cfg").output
        func isServer(_ line: Substring) -> Bool { line.contains(#/^\s*server /#) }
        let (old, new) = (before.split(separator: "\n"), after.split(separator: "\n"))
        #expect(new.filter { !isServer($0) } == old.filter { !isServer($0) }, "\(after)")
        let servers = new.filter(isServer).compactMap { $0.split(whereSeparator: \.isWhitespace).dropFirst().first }
        #expect(servers.sorted() == ["ap1", "ap2", "ap3"], "\(after)")
        #expect(new.contains("\tserver ap1   \(lab.address(of: "ap1")):8080 check   # the first one"), "\(after)")
    }
}
