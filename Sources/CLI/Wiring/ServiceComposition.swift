import Balancing
import Fleet
import Foundation
import Inventories
import Journaling
import Rollouts
import Web

/// What stages are worked on through.
extension Composition {
    /// Balancers, plain HTTP, and journal and builds where `state` says.
    static func drivers(
        _ dialer: Dialer, _ state: StateChoice, sharedBuilds: SharedBuilds? = nil, _ redactor: Redactor,
        settings: SettingsSource = .none
    ) throws -> StageDrivers {
        StageDrivers(
            stageConnections(dialer), web: SocketWebClient(), journal: try state.journal(), builds: state.builds,
            sharedBuilds: sharedBuilds, controller: .this, mask: { redactor($0) }, settings: settings)
    }

    /// What the service's file has for its stages, opened with the passwords that were given.
    static func settings(_ connection: ConnectionOptions, _ seams: Seams) -> SettingsSource {
        SettingsSource(
            read: { file, stage in
                try SettingsReader.settings(of: file, stage, seams.passwords.vault(connection.vault))
            }, newSalt: { Secret(UUID().uuidString) },
            keep: { [redactor = seams.terminal.redactor] in redactor.add($0) })
    }

    /// A stage's hosts over `dialer`, and what its balancers run.
    static func stageConnections(_ dialer: Dialer) -> StageConnections {
        StageConnections(dialer) { pool, balancers, fence, returning throws(InputError) in
            switch pool.driver {
            case .haproxy: try HAProxyTraffic(pool: pool, balancers: balancers, fence: fence, returning: returning)
            case .nginx: try NginxTraffic(pool: pool, balancers: balancers, fence: fence, returning: returning)
            }
        }
    }

    /// The builds of the service; those of the working folder where there is no service file.
    static func builds(
        _ service: ServiceOptions, _ connection: ConnectionOptions, _ seams: Seams
    ) throws -> BuildCatalog {
        let state = try StateChoice(service, seams)
        return builds(
            try state.journal(), state.builds, try sharedBuilds(service, connection, seams),
            try packing(service, seams), seams.terminal)
    }

    /// How folders are packed.
    static func packing(_ service: ServiceOptions, _ seams: Seams) throws -> PackingTerms {
        PackingTerms(service: try service.located(seams) == nil ? nil : service.read(seams).service, seams)
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

    /// Who may vouch for builds of the service, by all that its file says of it.
    static func signatureRules(_ service: ServiceOptions, _ seams: Seams) throws -> [SignatureRule] {
        guard try service.located(seams) != nil else { return [] }
        let file = try service.read(seams)
        return ([file.signatures] + file.stages.map(\.signatures)).compactMap(\.self)
    }

    /// How much the service wants to be kept.
    static func retention(_ service: ServiceOptions, _ seams: Seams) throws -> Retention {
        try service.located(seams) == nil ? Retention() : try service.read(seams).retention
    }
}

extension PackingTerms {
    /// What holds for the builds of `service`.
    init(service: String?, _ seams: Seams) {
        self.init(sourceDate: seams.environment["SOURCE_DATE_EPOCH"], name: service)
    }
}
