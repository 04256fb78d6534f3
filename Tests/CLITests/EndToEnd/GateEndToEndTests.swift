import Foundation
import TestSupport
import Testing

/// Builds that are bad behind a good health check, and builds that are not, under 200 counted requests a second.
extension RolloutEngineEndToEndTests {
    /// Seconds from the admission of the canary until the rollout turned back.
    private func secondsInService(_ output: String) throws -> Double {
        var admitted: Double?
        for line in output.split(separator: "\n") {
            guard let event = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any],
                let at = (event["at"] as? String).flatMap({ try? Date($0, strategy: Self.moment) })
            else { continue }
            let name = event["event"] as? String
            if name == "done", event["action"] as? String == "admit", admitted == nil {
                admitted = at.timeIntervalSince1970
            }
            if name == "turnedBack", let admitted { return at.timeIntervalSince1970 - admitted }
        }
        throw UnexpectedEnd(description: "it did not turn back after a canary was admitted:\n\(output.suffix(3000))")
    }

    private static let moment = Date.ISO8601FormatStyle(includingFractionalSeconds: true)

    private func goesBack(_ behaviour: FaultLab.Behaviour, because gate: String) async throws {
        let lab = try FaultLab.shared
        let running = try #require(try await lab.runningBuilds()["ap1"])
        let build = try await lab.build("\((Int(running) ?? 0) + 1)", behaviour)
        let (rollout, _) = try await lab.counting(rate: 200) {
            try await lab.drover("rollout", "lab", build, "--format", "json")
        }
        #expect(rollout.status == 3, "\(rollout.errors)")
        #expect(rollout.errors.contains("gate \(gate) failed"), "\(rollout.errors)")
        let seconds = try secondsInService(rollout.output)
        print("\(behaviour): stopped \(seconds) s after its admission")
        #expect(seconds < 20)
        #expect(rollout.output.contains(#""figures":{"#))
        let switched = rollout.output.split(separator: "\n").filter { $0.contains(#""action":"activate""#) }
        #expect(switched.allSatisfy { $0.contains(#""host":"ap1""#) }, "\(switched)")
        try await lab.expectWhole(build: running)
    }

    @Test func aCanaryThatFailsOneRequestInTwentyGoesBack() async throws {
        try await goesBack(.failing, because: "errors against the rest")
    }

    @Test func aCanaryThatIsSlowerGoesBack() async throws {
        try await goesBack(.slow, because: "latency against the rest")
    }

    @Test(.enabled(if: LongForm.isAsked, "make test-long"))
    func thirtyBuildsThatAreNoWorseAllGoOut() async throws {
        let lab = try FaultLab.shared
        let running = Int(try #require(try await lab.runningBuilds()["ap1"])) ?? 0
        let (alarms, load) = try await lab.counting(rate: 200) {
            var alarms: [String] = []
            for version in 1...30 {
                let rollout = try await lab.drover("rollout", "lab", lab.build("\(running + version)"))
                if rollout.status != 0 { alarms.append("\(version): \(rollout.errors)") }
            }
            return alarms
        }
        #expect(alarms == [])
        #expect(load.failed.isEmpty, "\(load.failed)")
        try await lab.expectWhole(build: "\(running + 30)")
    }
}
