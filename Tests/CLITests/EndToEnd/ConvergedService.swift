import Foundation
import TestSupport
import Testing

/// The whole fleet, provisioned and serving build 1 in both stages, for the length of one suite.
///
/// Each test leaves the fleet converged again, whatever build it runs.
struct ConvergedService: SuiteTrait, TestScoping {
    @TaskLocal static var current: ServiceLab?

    func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
    ) async throws {
        try await withTemporaryFolder { folder in
            let lab = try await ServiceLab(in: folder)
            do {
                try await Self.converge(lab)
                try await Self.$current.withValue(lab) { try await function() }
            } catch {
                try await lab.down()
                throw error
            }
            try await lab.down()
        }
    }

    private static func converge(_ lab: ServiceLab) async throws {
        for stage in ["staging", "production"] {
            try await lab.drover("lab", "up", "-i", "inventory/\(stage).yml").succeeded()
        }
        for stage in ["staging", "production"] { try await lab.drover("apply", stage).succeeded() }
        try await lab.drover("rollout", "staging", lab.build(1)).succeeded()
        try await lab.drover("promote").succeeded()
    }
}

extension SuiteTrait where Self == ConvergedService {
    /// Runs the suite on a provisioned, serving fleet.
    static var convergedService: Self { Self() }
}

extension ServiceLab {
    /// The fleet of the suite that runs.
    static var shared: ServiceLab {
        get throws { try #require(ConvergedService.current) }
    }

    /// Where production answers: both balancers.
    var balancers: [String] { [11, 12].map { "http://\(subnets.production).\($0)/" } }

    /// The builds that production's AP hosts say they run, asked of the hosts themselves.
    func runningBuilds(_ hosts: [Int] = [21, 22, 23]) async throws -> Set<String> {
        var builds: Set<String> = []
        for host in hosts {
            let url = "http://\(subnets.production).\(host):8080/healthz"
            let answer = try await DroverProgram.run(["curl", "-s", "-m", "5", url])
            let body = try JSONSerialization.jsonObject(with: Data(answer.output.utf8)) as? [String: String]
            builds.insert(body?["build"] ?? "none (\(answer.status))")
        }
        return builds
    }
}
