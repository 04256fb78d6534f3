import Foundation
import TestSupport
import Testing

/// Builds going through staging into production on real hosts, under load.
@Suite(
    .labHosts, .serialized, .convergedService,
    .timeLimit(.minutes(15)))
struct PipelineEndToEndTests {
    @Test func secondApplyChangesNothing() async throws {
        let lab = try ServiceLab.shared
        let apply = try await lab.drover("apply", "production", "--format", "json").succeeded()
        let last = try #require(apply.output.split(separator: "\n").last)
        let recap = try #require(try JSONSerialization.jsonObject(with: Data(last.utf8)) as? [String: Any])
        let hosts = try #require(recap["hosts"] as? [String: [String: Int]])
        #expect(hosts.count == 10)
        #expect(hosts.values.allSatisfy { $0["changed"] == 0 && $0["failed"] == 0 && $0["unreachable"] == 0 })
        #expect(try await lab.drover("plan", "production", "--detailed-exitcode").status == 0)
    }

    @Test func promotionLosesNoRequest() async throws {
        let lab = try ServiceLab.shared
        let build = try await lab.build(2)
        let (_, load) = try await underLoad(lab.balancers, rate: 60) {
            try await lab.drover("rollout", "staging", build).succeeded()
            try await lab.drover("promote").succeeded()
        }
        #expect(load.failed == 0, "\(load.faults)")
        #expect(load.sent > 200)
        #expect(try await lab.runningBuilds() == ["2"])
        try await lab.drover("pool", "verify", "production").succeeded()
    }

    @Test func stagingStopsAFaultyBuildAndProductionRefusesIt() async throws {
        let lab = try ServiceLab.shared
        let faulty = try await lab.build(3, variant: "faulty")
        let before = try await lab.runningBuilds()
        try await lab.drover("rollout", "staging", faulty).ended(3)
        let id = try #require(try await lab.drover("build", "add", faulty).output.split(separator: " ").first)
        let refused = try await lab.drover("promote", String(id))
        #expect(refused.status == 1)
        #expect(refused.errors.contains("hint:"))
        #expect(try await lab.runningBuilds() == before)
    }

    @Test func forcedFaultyBuildIsRolledBackWithoutAFailedRequest() async throws {
        let lab = try ServiceLab.shared
        let before = try await lab.runningBuilds()
        let faulty = try await lab.build(3, variant: "faulty")
        let id = try #require(try await lab.drover("build", "add", faulty).output.split(separator: " ").first)
        let (_, load) = try await underLoad(lab.balancers, rate: 60) {
            let done = try await lab.drover("promote", String(id), "--skip-evidence", "a test").ended(3)
            try Self.expectWhatTheReadmeShows(below: "drover promote", in: done)
        }
        #expect(load.failed == 0, "\(load.faults)")
        #expect(try await lab.runningBuilds() == before)
        try await lab.drover("pool", "verify", "production").succeeded()
    }

    @Test func aLineInTheInventoryAddsAHostAndItsRemovalDrainsIt() async throws {
        let lab = try ServiceLab.shared
        let inventory = lab.folder.appendingPathComponent("inventory/production.yml")
        let before = try String(contentsOf: inventory, encoding: .utf8)
        let line = "        ap3: {ansible_host: \(lab.subnets.production).23}\n"
        let added = line + "        ap4: {ansible_host: \(lab.subnets.production).24}\n"
        let (_, load) = try await underLoad(lab.balancers, rate: 60) {
            try before.replacingOccurrences(of: line, with: added)
                .write(to: inventory, atomically: true, encoding: .utf8)
            try await lab.drover("lab", "up", "-i", "inventory/production.yml").succeeded()
            let done = try await lab.drover("apply", "production").succeeded()
            try Self.expectWhatTheReadmeShows(below: "drover apply production", in: done)
            #expect(try await lab.runningBuilds([21, 22, 23, 24]).count == 1)
            try await lab.drover("pool", "verify", "production").succeeded()
            let pool = try await lab.drover("pool", "status", "production").succeeded()
            #expect(pool.output.contains("ap4"))
            try before.write(to: inventory, atomically: true, encoding: .utf8)
            try await lab.drover("apply", "production").succeeded()
            try await lab.drover("lab", "up", "-i", "inventory/production.yml").succeeded()
        }
        #expect(load.failed == 0, "\(load.faults)")
        try await lab.drover("pool", "verify", "production").succeeded()
        let pool = try await lab.drover("pool", "status", "production").succeeded()
        #expect(!pool.output.contains("ap4"))
    }

    private static func expectWhatTheReadmeShows(below command: String, in done: Transcript) throws {
        let shown = try Guide("README.md").shown(below: command)
        #expect(shown.count > 4)
        let output = done.output + "\n" + done.errors
        #expect(Guide.missing(shown, in: output) == [], "\(output.suffix(4000))")
    }
}
