import AdHoc
import Fleet
import Rollouts

/// `drover doctor STAGE`: what a stage asks of its hosts and balancers, beside the way to them.
struct StageDoctor {
    let stage: String
    let service: ServiceOptions
    let connection: ConnectionOptions

    /// What was found, added to what is known of the way to each host.
    /// - Throws: ``InputError`` for what is wrong in the service's file, the inventory or the pool.
    func callAsFunction(_ checkups: [HostCheckup], _ seams: Seams) async throws -> [HostCheckup] {
        let loading = StageLoading(file: try service.read(seams), connection: connection, seams: seams)
        let (site, access) = try await loading.load(stage)
        let connections = Composition.stageConnections(access.connections.dialer)
        seams.terminal.show(progress: "looking at what stage \(stage) asks of its hosts and balancers")
        let reachable = Set(checkups.filter { $0.isHealthy && $0.behind.isEmpty }.map(\.host))
        let findings = try await connections.examine(site, reachable)
        await connections.close()
        return checkups.map { checkup in
            var checkup = checkup
            guard checkup.behind.isEmpty else { return checkup }
            for finding in findings where finding.host == checkup.host { checkup.add(finding) }
            return checkup
        }
    }
}
