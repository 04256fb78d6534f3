import Balancing
import Fleet
import Inventories
import Journaling
import Rollouts
import Web

/// What stages are worked on through.
extension Composition {
    /// HAProxy, plain HTTP, and journal and builds where `state` says.
    static func drivers(
        _ dialer: Dialer, _ state: StateChoice, sharedBuilds: SharedBuilds? = nil, _ redactor: Redactor
    ) throws -> StageDrivers {
        StageDrivers(
            stageConnections(dialer), web: SocketWebClient(), journal: try state.journal(), builds: state.builds,
            sharedBuilds: sharedBuilds, controller: .this, mask: { redactor($0) })
    }

    /// A stage's hosts over `dialer`, and HAProxy on its balancers.
    static func stageConnections(_ dialer: Dialer) -> StageConnections {
        StageConnections(dialer) { pool, balancers, fence, returning throws(InputError) in
            try HAProxyTraffic(pool: pool, balancers: balancers, fence: fence, returning: returning)
        }
    }

    /// The builds of the service; those of the working folder where there is no service file.
    static func builds(
        _ service: ServiceOptions, _ connection: ConnectionOptions, _ seams: Seams
    ) throws -> BuildCatalog {
        let state = try StateChoice(service, seams)
        return builds(
            try state.journal(), state.builds, try sharedBuilds(service, connection, seams),
            seams.terminal)
    }

    /// What lets go of builds of the service.
    static func pruning(
        _ service: ServiceOptions, _ connection: ConnectionOptions, _ seams: Seams
    ) throws -> BuildPruning {
        let state = try StateChoice(service, seams)
        return try pruning(
            try state.journal(), state.builds, try sharedBuilds(service, connection, seams),
            of: service.located(seams) == nil ? nil : service.read(seams), connection, seams)
    }

    /// How much the service wants to be kept.
    static func retention(_ service: ServiceOptions, _ seams: Seams) throws -> Retention {
        try service.located(seams) == nil ? Retention() : try service.read(seams).retention
    }

    /// The builds of a journal and its stores; tells what is odd about one that is added.
    static func builds(
        _ journal: any RunJournal, _ store: BuildStore, _ shared: SharedBuilds?, _ terminal: Terminal
    ) -> BuildCatalog {
        BuildCatalog(journal: journal, store: store, shared: shared, controller: .this) { oddity in
            switch oddity {
            case .unshared(let build, let error):
                terminal.warn("build \(build.digest.release) was not put into \(error.place): \(error.message)")
                for hint in error.hints { terminal.tell(hint: "\(hint)") }
            case .soleFolder(let file, let folder):
                terminal.warn("\(file): everything in it lies in the folder \(folder)/")
                terminal.tell(hint: "if that is not meant: tar -C \(folder) -czf build.tar.gz .")
            }
        }
    }
}
