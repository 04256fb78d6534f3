import Foundation
import TestSupport
import Testing

extension CrashEndToEndTests {
    /// One runner is killed in mid-rollout, and a member of etcd as well; the next runner, a fresh clone elsewhere, knows
    /// every event and ends it.
    @Test func theNextRunnerEndsWhatAKilledOneBeganFromEtcd() async throws {
        let lab = try ServiceLab.shared
        _ = try await next(lab)
        try await ThrowawayEtcd.with(members: 3) { cluster in
            let first = DroverProgram(in: lab.folder, environment: ["DROVER_STATE": cluster.text()])
            try await withTemporaryFolder { folder in
                let second = try Colleague(of: lab, in: folder, state: cluster.text())
                let (_, load) = try await underLoad(lab.balancers, rate: 40) {
                    try await killInMidRollout(first, cluster)
                    try await second("rollout", "resume", "production", "--lock-wait", "60s").succeeded()
                }
                #expect(load.failed == 0, "\(load.faults)")
                #expect(try await lab.runningBuilds().count == 1)
                let told = try await second("history", "production", "--format", "json").succeeded()
                #expect(!told.errors.contains("this is what hosts tell"), "\(told.errors)")
                #expect(try await hasEveryEvent(second, of: told.output), "\(told.output)")
                try await expectNothingWithoutAQuorum(second, cluster, lab)
            }
        }
    }

    /// Whether one of the runs that `history` told has what the killed runner began and what the next one did.
    private func hasEveryEvent(_ drover: Colleague, of history: String) async throws -> Bool {
        let runs = try #require(try JSONSerialization.jsonObject(with: Data(history.utf8)) as? [[String: Any]])
        for run in runs.compactMap({ $0["run"] as? Int }) {
            let events = try await drover("history", "--run", "\(run)", "--format", "json").succeeded().output
            if events.contains(#""event":"resumed""#), events.contains(#""action":"admit""#) { return true }
        }
        return false
    }

    private func killInMidRollout(_ drover: DroverProgram, _ cluster: ThrowawayEtcd) async throws {
        let drained = Crash(event: "done", action: "drain", remedy: [])
        let admitted = Crash(event: "done", action: "admit", remedy: [])
        let killed = try await drover.run(
            ["promote", "--format", "json"], sending: SIGKILL,
            when: { line in
                if drained.happens(in: line) { cluster.signal(SIGKILL, to: 0) }
                return admitted.happens(in: line)
            })
        #expect(killed.status == 128 + SIGKILL, "the moment never came: \(killed.output.suffix(2000))")
    }

    private func expectNothingWithoutAQuorum(
        _ drover: Colleague, _ cluster: ThrowawayEtcd, _ lab: ServiceLab
    ) async throws {
        let running = try await lab.runningBuilds()
        cluster.signal(SIGKILL, to: 1)
        let start = ContinuousClock.now
        let refused = try await drover("rollback", "production")
        #expect(refused.status == 1 && refused.errors.contains("no quorum"), "\(refused.errors)")
        #expect(ContinuousClock.now - start < .seconds(20))
        #expect(try await lab.runningBuilds() == running)
        try await cluster.start(1)
        try await cluster.waitUntilHealthy(1)
        try await drover("rollback", "production").succeeded()
        #expect(try await lab.runningBuilds() != running)
        try await lab.drover("pool", "verify", "production").succeeded()
    }
}
