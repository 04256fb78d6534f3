import Foundation
import TestSupport
import Testing

/// A provisioned ``FaultLab`` serving build 1, for the length of one suite.
struct ServingLedger: SuiteTrait, TestScoping {
    @TaskLocal static var current: FaultLab?

    func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
    ) async throws {
        try await withTemporaryFolder { folder in
            let lab = try await FaultLab(in: folder)
            do {
                try await lab.up()
                try await Self.$current.withValue(lab) { try await function() }
            } catch {
                try await lab.down()
                throw error
            }
            try await lab.down()
        }
    }
}

extension SuiteTrait where Self == ServingLedger {
    /// Runs the suite on a small serving fleet of its own.
    static var servingLedger: Self { Self() }
}

extension FaultLab {
    /// The fleet of the suite that runs.
    static var shared: FaultLab {
        get throws { try #require(ServingLedger.current) }
    }

    /// Expects one build on every AP host, in service on both balancers, and desired, file and running state alike.
    func expectWhole(build: String? = nil, sourceLocation: SourceLocation = #_sourceLocation) async throws {
        let builds = try await runningBuilds()
        #expect(Set(builds.values).count == 1, "\(builds)", sourceLocation: sourceLocation)
        if let build { #expect(builds["ap1"] == build, sourceLocation: sourceLocation) }
        for balancer in Self.balancers {
            let serving = try await serving(on: balancer)
            #expect(serving == Set(Self.members), "on \(balancer)", sourceLocation: sourceLocation)
        }
        let verify = try await drover("pool", "verify", "lab")
        #expect(verify.status == 0, "\(verify.output)\(verify.errors)", sourceLocation: sourceLocation)
    }

    /// One line at the end of `.build/rollouts.log`.
    func note(_ line: String) throws { try BuildLog("rollouts.log").append(line) }

    /// Brings everything back to one good build in service everywhere, whatever a test has left: hosts on, services
    /// running, no rollout unfinished.
    func mend() async throws {
        try await powerOn()
        for host in Self.balancers + Self.members { try await on(host, "pkill -CONT sshd; true") }
        let rollback = try await drover("rollback", "lab")
        let apply = try await drover("apply", "lab")
        guard apply.status == 0 else {
            throw UnexpectedEnd(description: "\(rollback.errors)\n\(apply.errors)")
        }
    }
}

/// Faults in the middle of rollouts and inventories, on real hosts, under counted requests.
///
/// Each test leaves the fleet whole again, whatever build it runs.
@Suite(
    .labHosts, .serialized, .servingLedger,
    .timeLimit(.minutes(20)))
struct FaultEndToEndTests {
    /// Builds in turn, as often as the form asks for; `.build/rollouts.log` has a line for each.
    @Test(arguments: 1...(LongForm.isAsked ? 30 : 1))
    func goodBuildReachesEveryHostWithoutAFailedRequest(_ number: Int) async throws {
        let lab = try FaultLab.shared
        let version = number.isMultiple(of: 2) ? "3" : "2"
        let build = try await lab.build(version)
        let (rollout, load) = try await lab.counting(rate: 300) {
            try await lab.drover("rollout", "lab", build, "--format", "json")
        }
        #expect(rollout.status == 0, "\(rollout.errors)")
        #expect(load.failed.isEmpty, "\(load.failed)")
        #expect(load.sent > 900)
        let overheads = try BatchTimes(rollout.output).batches.map { $0.overhead(bake: 2) }
        #expect(overheads.count == 3)
        try lab.note("rollout \(number): \(load.sent) requests, \(load.failed.count) failed, overheads \(overheads)")
        try await lab.expectWhole(build: version)
    }
}
