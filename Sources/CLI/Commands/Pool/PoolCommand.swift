import ArgumentParser
import Fleet
import Rollouts

extension Drover {
    /// `drover pool`: what the balancers serve, beside what they should.
    struct PoolCommand: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "pool", abstract: "A pool's members as the inventory, the files and the balancers have them.",
            subcommands: [Status.self, Verify.self])
    }
}

/// A stage's pool and what its balancers answered.
struct PoolReading: Sendable {
    let pool: Pool
    let views: [BalancerView]

    /// Asks every balancer of the stage. Changes nothing.
    static func take(
        _ service: ServiceOptions, stage: String, _ connection: ConnectionOptions, _ seams: Seams
    ) async throws -> Self {
        let (site, access) = try await StageLoading(
            file: try service.read(seams), connection: connection, seams: seams
        ).load(stage)
        let connections = Composition.stageConnections(access.connections.dialer)
        let reading = Self(pool: site.pool, views: try await connections.observePool(of: site))
        await connections.close()
        return reading
    }

    /// Every member of every pool.
    var members: Set<HostName> {
        Set(views.flatMap { $0.wanted ?? pool.members }.map(\.host))
    }

    /// Every balancer, once.
    var balancers: Set<HostName> { Set(views.map(\.balancer)) }

    /// What differs, balancer by balancer.
    var differences: [PoolDifference] { pool.differences(from: views) }
}
