import Foundation
import TestSupport
import Testing

/// Two balancers under an address that moves between them, as the `vip` role has it.
extension BalancerFaultEndToEndTests {
    /// The active balancer's power is cut while a host is drained: the address moves, and the rollout goes on over the other.
    @Test(.enabled(if: LongForm.isAsked, "make test-long"))
    func aRolloutSurvivesTheLossOfTheBalancerThatHasTheAddress() async throws {
        let lab = try FaultLab.shared
        let address = try await lab.shareAddress()
        let (name, file) = try await other(lab)
        try await lab.withEdited(
            "drover.yml", { $0.replacing("  port: 8080", with: "  port: 8080\n  address: \(address)") }
        ) {
            let active = try await lab.holder(of: address)
            let (run, load) = try await lab.counting(at: ["http://\(address)/"]) {
                try await rollOut(["rollout", "lab", file], lab, once: "activate", on: "ap2") {
                    try await lab.powerOff(active)
                }
            }
            #expect(run.status == 0, "\(run.errors)")
            #expect(run.output.contains(#""event":"balancerLeftOut""#), "\(run.output)")
            // Those in flight, and those sent while nobody had the address.
            let lost = load.failed.map(\.at)
            #expect((lost.max() ?? 0) - (lost.min() ?? 0) < 5000, "\(load.failed)")
            print("the active balancer lost in mid-batch: \(load.failed.count) of \(load.sent) requests failed")
            #expect(try await lab.holder(of: address) != active)
            // It comes back, is made what the other is, and leaves the address where it is.
            try await lab.powerOn()
            let (apply, after) = try await lab.counting(at: ["http://\(address)/"]) {
                try await lab.drover("apply", "lab")
            }
            #expect(apply.status == 0 && apply.errors.contains("now serves what the others do"), "\(apply.errors)")
            #expect(after.failed.isEmpty, "\(after.failed)")
        }
        for balancer in FaultLab.balancers {
            try await lab.on(balancer, "systemctl disable --now keepalived").succeeded()
        }
        try await lab.expectWhole(build: name)
    }
}

extension FaultLab {
    /// Has keepalived share an address between the balancers, by the repository's role.
    fileprivate func shareAddress() async throws -> String {
        let role = DroverProgram.repository.appendingPathComponent("playbooks/roles/vip")
        let roles = folder.appendingPathComponent("playbooks/roles")
        try FileManager.default.createDirectory(at: roles, withIntermediateDirectories: true)
        try FileManager.default.copyItem(at: role, to: roles.appendingPathComponent("vip"))
        let address = "\(network).9"
        try """
        - hosts: lb
          become: true
          gather_facts: false
          vars: {vip_address: \(address)/24, vip_backend: ledger}
          roles: [vip]
        """.write(to: folder.appendingPathComponent("playbooks/vip.yml"), atomically: true, encoding: .utf8)
        try await drover("apply", "playbooks/vip.yml", "-i", "inventory/lab.yml").succeeded()
        _ = try await holder(of: address)
        return address
    }

    /// The balancer that has the address; waits until one does.
    fileprivate func holder(of address: String) async throws -> String {
        while true {
            for balancer in Self.balancers {
                // One that is off has nothing.
                let found = try await on(balancer, "ip -o address show | grep -qwF \(address)")
                if found.status == 0 { return balancer }
            }
            try Task.checkCancellation()
        }
    }
}
