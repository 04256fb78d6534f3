import ArgumentParser
import Fleet
import Rollouts

extension Drover {
    /// `drover pool`: what the balancers serve, beside what they should.
    struct PoolCommand: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "pool", abstract: "A pool's members as the inventory, the files and the balancers have them.",
            subcommands: [Status.self, Verify.self, Adopt.self])
    }
}

/// A stage's pool and what its balancers answered.
struct PoolReading: Sendable {
    let pool: Pool
    let views: [BalancerView]
    /// What mends a difference.
    var cure = PoolCure("STAGE", hasBuild: true, isUnfinished: false)

    /// Asks every balancer of the stage. Changes nothing.
    static func take(
        _ service: ServiceOptions, stage: String, _ connection: ConnectionOptions, _ seams: Seams
    ) async throws -> Self {
        let file = try service.read(seams)
        let (site, access) = try await StageLoading(file: file, connection: connection, seams: seams).load(stage)
        let connections = Composition.stageConnections(access.connections.dialer)
        var reading = Self(pool: site.pool, views: try await connections.observePool(of: site))
        await connections.close()
        let journal: any RunJournal = try StateChoice(file, seams).journal()
        reading.cure = PoolCure(
            stage, hasBuild: try await journal.stage(stage)?.current != nil,
            isUnfinished: try await journal.runs(stage: stage, limit: 50).contains { $0.isOpen && $0.kind.isRollout })
        return reading
    }

    /// Who is kept out by hand, as it is written down.
    var keptOut: [HostName: KeptOut] {
        views.keptOut.filter { host, _ in pool.members.contains { $0.host == host } }
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
