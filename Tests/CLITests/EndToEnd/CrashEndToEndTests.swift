import Foundation
import TestSupport
import Testing

/// A moment of a rollout, and how an operator goes on after the controller died there.
struct Crash: Sendable, CustomTestStringConvertible {
    let event: String
    let action: String
    let remedy: [String]
    var testDescription: String { "\(event) \(action), then \(remedy.joined(separator: " "))" }

    static let all = [
        Crash(event: "intent", action: "stage", remedy: ["rollout", "resume", "production"]),
        Crash(event: "intent", action: "drain", remedy: ["rollback", "production"]),
        Crash(event: "intent", action: "activate", remedy: ["rollout", "resume", "production"]),
        Crash(event: "done", action: "activate", remedy: ["rollback", "production"]),
        Crash(event: "done", action: "admit", remedy: ["rollout", "resume", "production"]),
    ]

    func happens(in line: String) -> Bool {
        line.contains(#""event":"\#(event)""#) && line.contains(#""action":"\#(action)""#)
    }
}

/// Controllers that die, and hosts that do.
@Suite(
    .labHosts, .serialized, .convergedService,
    .timeLimit(.minutes(20)))
struct CrashEndToEndTests {
    /// The other of builds 1 and 2 than the one production runs, known and passed by staging.
    func next(_ lab: ServiceLab) async throws -> String {
        let build = try await lab.runningBuilds() == ["1"] ? 2 : 1
        let file = try await lab.build(build)
        try await lab.drover("rollout", "staging", file).succeeded()
        return file
    }

    @Test(arguments: Crash.all)
    func killedControllerIsFollowedByAnother(_ crash: Crash) async throws {
        let lab = try ServiceLab.shared
        _ = try await next(lab)
        let (_, load) = try await underLoad(lab.balancers, rate: 40) {
            let killed = try await lab.drover.run(
                ["promote", "--format", "json"], sending: SIGKILL, when: crash.happens)
            #expect(killed.status == 128 + SIGKILL, "the moment never came: \(killed.output.suffix(2000))")
            let blocked = try await lab.drover("promote")
            #expect(blocked.status != 0)
            let done = try await lab.drover.run(crash.remedy)
            // Going back is what was asked for with rollback, and so is no failure.
            #expect(done.status == 0, "\(done.errors)")
        }
        #expect(load.failed == 0, "\(load.faults)")
        #expect(try await lab.runningBuilds().count == 1)
        try await lab.drover("pool", "verify", "production").succeeded()
    }

    @Test func hostThatIsOffIsReportedAndLeftOut() async throws {
        let lab = try ServiceLab.shared
        _ = try await next(lab)
        try await lab.drover("lab", "off", "-i", "inventory/production.yml", "ap3").succeeded()
        let promotion = try await lab.drover("promote", "--budget", "1")
        #expect(promotion.status == 0, "\(promotion.errors)")
        #expect(promotion.errors.contains("ap3"))
        #expect(try await lab.runningBuilds([21, 22]).count == 1)
        try await catchUp(lab)
    }

    @Test func hostThatDiesInARolloutIsLeftOut() async throws {
        let lab = try ServiceLab.shared
        _ = try await next(lab)
        let inventory = lab.folder.appendingPathComponent("inventory/production.yml").path
        let off = OneShot()
        let promotion = try await lab.drover.run(
            ["promote", "--budget", "1", "--format", "json"], sending: 0,
            when: { line in
                guard line.contains(#""event":"done""#), line.contains(#""action":"drain""#), line.contains(#""ap2""#)
                else { return false }
                off.start { try await lab.drover("lab", "off", "-i", inventory, "ap2").succeeded() }
                return true
            })
        try await off.finish()
        #expect(promotion.status == 0, "\(promotion.output.suffix(3000))")
        #expect(try await lab.runningBuilds([21, 23]).count == 1)
        try await catchUp(lab)
    }

    /// Powers everything on again and lets `apply` bring the host that was away up to date.
    private func catchUp(_ lab: ServiceLab) async throws {
        try await lab.drover("lab", "up", "-i", "inventory/production.yml").succeeded()
        try await lab.drover("apply", "production").succeeded()
        #expect(try await lab.runningBuilds().count == 1)
        try await lab.drover("pool", "verify", "production").succeeded()
    }
}
