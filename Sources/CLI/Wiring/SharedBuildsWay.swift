import Fleet
import Foundation
import Inventories
import Rollouts
import Synchronization

/// The way to the machine that has the builds which a service's machines share.
///
/// A host that an inventory of the service names is reached as that says, the first stage's that names it; any other as its name
/// says. What stands in the address itself comes first.
final class SharedBuildsWay: Sendable {
    private let file: ServiceFile
    private let address: SharedBuildsAddress
    private let options: ConnectionOptions
    private let seams: Seams
    private let lock = AsyncLock()
    private let opened = Mutex<Way?>(nil)
    private let failed = Mutex<(error: TransportError, at: ContinuousClock.Instant)?>(nil)
    /// Who was out of reach is not tried again for so long: several things are asked at the end of a command.
    private static let patience = Duration.seconds(30)

    /// The machine's route, and whether an inventory names it.
    private typealias Way = (connections: Connections, route: Route, isNamed: Bool)

    init(_ file: ServiceFile, _ address: SharedBuildsAddress, _ options: ConnectionOptions, _ seams: Seams) {
        (self.file, self.address, self.options, self.seams) = (file, address, options, seams)
    }

    /// The transport, connected when first asked for.
    func transport() async throws -> any Transport {
        try await lock.withLock(cancelled: CancellationError() as any Error) {
            if let (error, at) = failed.withLock({ $0 }), at.duration(to: .now) < Self.patience { throw error }
            let (connections, route, isNamed) = try await way()
            do throws(TransportError) {
                return try await connections.transport(to: route)
            } catch {
                let error = error.code == .hostKeyUnknown && !isNamed ? trusting(error) : error
                failed.withLock { $0 = (error, .now) }
                throw error
            }
        }
    }

    private func way() async throws -> Way {
        if let way = opened.withLock({ $0 }) { return way }
        let way = try found()
        try await way.connections.unlockKeys(for: [way.route], seams.terminal)
        opened.withLock { $0 = way }
        return way
    }

    private func found() throws -> Way {
        switch address {
        case .folder:
            var settings = ConnectionSettings()
            settings.connection = .local
            let route = Route(host: try HostName("localhost"), name: "localhost", settings: settings)
            return (Composition.connections(options, seams), route, true)
        case .host(let host, let user, let port, _):
            let flags = try options.settings(seams)
            var way = try named(host, flags) ?? unnamed(host, flags)
            way.route.settings.user = user ?? way.route.settings.user
            way.route.settings.port = port ?? way.route.settings.port
            return way
        }
    }

    /// As the first stage's inventory says that names the host.
    private func named(_ host: HostName, _ flags: ConnectionSettings) throws -> Way? {
        for stage in file.stages {
            let own = StageInventory(file, stage, seams)
            // Whoever works on that stage is told what is wrong with its inventory.
            guard let inventory = try? own.load(seams.passwords.vault(options.vault)), inventory.contains(host) else {
                continue
            }
            let connections = Composition.connections(options, seams, origin: own.origin)
            let access = HostAccess(inventory: inventory, connections: connections, flags: flags)
            return (connections, try access.route(to: host), true)
        }
        return nil
    }

    /// As its name says. Passwords are those of the stages' hosts, and not told to others.
    private func unnamed(_ host: HostName, _ flags: ConnectionSettings) -> Way {
        var settings = flags
        (settings.password, settings.becomePassword) = (nil, nil)
        let route = Route(host: host, name: host.description, settings: settings)
        return (Composition.connections(options, seams), route, false)
    }

    /// `drover trust` knows hosts of inventories only.
    private func trusting(_ error: TransportError) -> TransportError {
        guard case .host(let host, let user, let port, _) = address else { return error }
        let words =
            ["ssh"] + (port.map { ["-p", String($0)] } ?? []) + [(user.map { $0 + "@" } ?? "") + host.description]
        return TransportError(
            error.code, host: error.host, error.message,
            hints: ["check its fingerprint and trust it by logging in once: \(words.joined(separator: " "))"])
    }
}

extension Composition {
    /// The builds that the service's machines share; `nil` where they share none.
    /// - Throws: ``InputError`` for an address that is none, and where no service file says whose builds they are.
    static func sharedBuilds(
        _ service: ServiceOptions, _ connection: ConnectionOptions, _ seams: Seams
    ) throws -> SharedBuilds? {
        if try service.located(seams) != nil { return try sharedBuilds(try service.read(seams), connection, seams) }
        guard seams.environment["DROVER_BUILDS"]?.isEmpty ?? true else {
            throw InputError(
                "$DROVER_BUILDS is set, and no service file says whose builds these are",
                hints: ["run drover in the folder of \(ServiceFileReader.defaultName), or unset DROVER_BUILDS"])
        }
        return nil
    }

    /// The builds that the machines of `file`'s service share; `nil` where they share none.
    static func sharedBuilds(
        _ file: ServiceFile, _ connection: ConnectionOptions, _ seams: Seams
    ) throws(InputError) -> SharedBuilds? {
        guard let address = try file.sharedBuilds(seams) else { return nil }
        let way = SharedBuildsWay(file, address, connection, seams)
        return SharedBuilds(address, service: file.service) { try await way.transport() }
    }

    /// What lets go of builds; the hosts of stages of which nothing else is known are asked what they need.
    static func pruning(
        _ journal: any RunJournal, _ store: BuildStore, _ shared: SharedBuilds?, of file: ServiceFile?,
        _ connection: ConnectionOptions, _ seams: Seams
    ) -> BuildPruning {
        BuildPruning(journal: journal, store: store, shared: shared, stages: file?.stages.map(\.name) ?? []) { stage in
            guard let file else { throw InputError("there is no stage '\(stage)'") }
            return try await StageWork(file, stage: stage, connection, .table, seams).session.use()
        }
    }
}
