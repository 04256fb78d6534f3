import Foundation
import TestSupport
import Testing

extension ProgramTests {
    /// The real journalctl, followed over a real sshd.
    @Suite struct LogsOverSSHTests {
        @Test func ctrlCEndsWhatFollowsOnTheHost() async throws {
            try await ThrowawaySSHD.with { server in
                let unit = "drover-\(Int.random(in: 1_000_000...9_999_999)).service"
                let inventory = try server.inventory(hosts: 1, "\n[ap]\nh1\n\n[lb]\nh1\n")
                try """
                service: shop
                units: [\(unit)]
                pool: {name: shop, balancers: lb, members: ap, port: 80}
                stages: {production: {inventory: \(inventory)}}

                """.write(to: server.folder.appendingPathComponent("drover.yml"), atomically: true, encoding: .utf8)
                let drover = DroverProgram(
                    in: server.folder, environment: ["DROVER_STATE": server.folder.path + "/state"])
                let follower = "^journalctl .*--unit \(unit)"
                let done = try await drover.run(
                    ["logs", "production", "-f"], interruptedOnce: "pgrep -f '\(follower)'")
                #expect(done.status == 0, "\(done.output)")
                #expect(!done.output.contains("error"), "\(done.output)")
                let left = try await DroverProgram.run(["pgrep", "-f", follower])
                #expect(left.status == 1, "\(left.output)")
            }
        }
    }
}
