import Foundation
import TestSupport
import Testing

/// The service as two tiers, of which one has no balancer.
extension StageEndToEndTests {
    private static let tiers = """
        tiers:
          ap:
            hosts: "ap:!ap3"
            units: [ledger.service]
            pool:
              name: ledger
              balancers: lb
              port: 8080
              check: {path: /healthz, interval: 500ms, rise: 2, fall: 3}
              config: /etc/haproxy/pools/ledger.cfg
          worker:
            hosts: ap3
            units: [ledger.service]
            health: {command: "! grep -q ^unfit /srv/ledger/current/VERSION"}
        stages:
        """

    private static func inTiers(_ file: String) -> String {
        guard let units = file.range(of: "units:"), let stages = file.range(of: "stages:") else { return file }
        return file.replacingCharacters(in: units.lowerBound..<stages.upperBound, with: tiers)
            .replacing("bake: 2s", with: "bake: 1s")
    }

    /// Rolled out, taken back by the tier that comes last, restarted one tier alone, and one pool again.
    @Test func twoTiersAreRolledOutTakenBackAndRestartedWithoutAFailedRequest() async throws {
        let lab = try FaultLab.shared
        let process = "systemctl show --property=MainPID --value ledger"
        try await lab.withEdited("drover.yml", Self.inTiers) {
            let (apply, moving) = try await lab.counting { try await lab.drover("apply", "lab") }
            #expect(apply.status == 0, "\(apply.errors)")
            #expect(moving.failed.isEmpty, "\(moving.failed)")
            #expect(try await lab.serving(on: "lb1") == ["ap1", "ap2"])

            let (rollout, load) = try await lab.counting {
                try await lab.drover("rollout", "lab", lab.build("tiered"))
            }
            #expect(rollout.status == 0, "\(rollout.errors)")
            #expect(load.failed.isEmpty && load.sent > 100, "\(load.failed)")
            #expect(Set(try await lab.runningBuilds().values) == ["tiered"])
            #expect(rollout.errors.contains("canary of worker: ap3"), "\(rollout.errors)")

            let (unfit, going) = try await lab.counting {
                try await lab.drover("rollout", "lab", lab.build("unfit"))
            }
            #expect(unfit.status == 3, "\(unfit.errors)")
            #expect(going.failed.isEmpty, "\(going.failed)")
            #expect(unfit.errors.contains("ends with status 1"), "\(unfit.errors)")
            #expect(Set(try await lab.runningBuilds().values) == ["tiered"])

            let before = try await lab.onMembers(process)
            try await lab.drover("restart", "lab", "worker").succeeded()
            let after = try await lab.onMembers(process)
            #expect(zip(before, after).map(!=) == [false, false, true], "\(before) \(after)")

            let status = try await lab.drover("status", "lab").succeeded()
            let sum = "lab: up: ap 2 of 2 in service on lb1, lb2; worker 1 of 1 in service\n"
            #expect(status.output.hasPrefix(sum), "\(status.output)")
            try await lab.drover("pool", "verify", "lab").succeeded()

            try await lab.on("ap3", "systemctl stop ledger")
            let ill = try await lab.drover("status", "lab")
            #expect(ill.output.contains("worker 0 of 1 in service"), "\(ill.output)")
            try await lab.drover("apply", "lab").succeeded()
            #expect(try await lab.on("ap3", "systemctl is-active ledger").output == "active\n")
        }
        let (back, load) = try await lab.counting { try await lab.drover("apply", "lab") }
        #expect(back.status == 0, "\(back.errors)")
        #expect(load.failed.isEmpty, "\(load.failed)")
        try await lab.expectWhole()
    }
}
