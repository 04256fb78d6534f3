import Foundation
import TestSupport
import Testing

/// Persons' word in a rollout, on real hosts.
extension RolloutEngineEndToEndTests {
    private static let careful = "rollout: {approval: canary, progress_deadline: 5m, max_unavailable: 1, "

    @Test func aRolloutWaitsForApprovalIsForeseenAndGoneOnWithFromElsewhere() async throws {
        let lab = try FaultLab.shared
        let running = try #require(try await lab.runningBuilds()["ap1"])
        let next = "\((Int(running) ?? 0) + 1)"
        let build = try await lab.build(next)
        let hooks = """
                hooks:
                  once: {command: 'id -un >>/var/tmp/migrated; test -x bin/ledger', compatible: true}
                  before: {command: 'test "$DROVER_HOST" = "$(hostname)"', run_on: hosts}

            """
        let edit = { (text: String) in
            text.replacing("rollout: {", with: Self.careful).replacing("    gates:", with: hooks + "    gates:")
        }
        try await lab.withEdited("drover.yml", edit) {
            let foreseen = try await lab.drover("rollout", "lab", build, "--dry-run", "--detailed-exitcode").ended(2)
            #expect(
                foreseen.output.contains("1 canary: ap1; at the least 2 of 3 stay in service"), "\(foreseen.output)")
            #expect(foreseen.output.contains("waits for approval") && foreseen.output.contains("hook once on ap1"))
            #expect(try await lab.runningBuilds().values.allSatisfy { $0 == running })
            let (held, load) = try await lab.counting { try await lab.drover("rollout", "lab", build) }
            #expect(held.status == 6, "\(held.errors)")
            #expect(load.failed.isEmpty, "\(load.failed)")
            #expect(try await lab.runningBuilds() == ["ap1": next, "ap2": running, "ap3": running])
            try await withTemporaryFolder { state in
                // A clone that knows nothing but what hosts tell.
                let clone = DroverProgram(in: lab.folder, environment: ["DROVER_STATE": state.path])
                let standing = try await clone("rollout", "status", "lab").succeeded()
                #expect(standing.output.contains("waits for approval"), "\(standing.output)")
                #expect(standing.output.contains("untouched: ap2, ap3"), "\(standing.output)")
                let refused = try await clone("restart", "lab").ended(1)
                #expect(refused.errors.contains("waits for approval"), "\(refused.errors)")
                let approved = try await clone("rollout", "approve", "lab", "--reason", "seen")
                #expect(approved.status == 0, "\(approved.errors)")
            }
            let migrated = try await lab.on("ap1", "cat /var/tmp/migrated; rm /var/tmp/migrated").succeeded()
            #expect(migrated.output.split(separator: "\n").count == 1, "once, whoever goes on: \(migrated.output)")
            let over = try await lab.drover("rollout", "status", "lab").succeeded()
            #expect(over.output.contains("succeeded"), "\(over.output)")
        }
        try await lab.expectWhole(build: next)
    }

    /// The pause reaches a process that drives, through what stands on hosts.
    @Test func aRunningRolloutIsPausedFromElsewhereAndAborted() async throws {
        let lab = try FaultLab.shared
        let running = try #require(try await lab.runningBuilds()["ap1"])
        let next = "\((Int(running) ?? 0) + 1)"
        let build = try await lab.build(next)
        let edit = { (text: String) in text.replacing("bake: 2s", with: "bake: 12s") }
        try await lab.withEdited("drover.yml", edit) {
            try await withTemporaryFolder { state in
                let clone = DroverProgram(in: lab.folder, environment: ["DROVER_STATE": state.path])
                async let driven = lab.drover("rollout", "lab", build)
                var asked = try await clone("rollout", "pause", "lab", "--reason", "a test")
                while asked.status != 0, !asked.errors.contains("paused already") {
                    asked = try await clone("rollout", "pause", "lab", "--reason", "a test")
                }
                let held = try await driven
                #expect(held.status == 6, "\(held.errors)")
                #expect(held.errors.contains("paused by") && held.errors.contains("a test"), "\(held.errors)")
                #expect(try await lab.runningBuilds().values.count { $0 == next } == 1)
                let back = try await clone("rollout", "abort", "lab")
                #expect(back.status == 0, "\(back.errors)")
            }
        }
        try await lab.expectWhole(build: running)
    }
}
