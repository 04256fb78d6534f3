import Fleet
import Rollouts

/// What `drover.yml` says: the service, its pool, and the stages a build passes.
struct ServiceFile: Sendable, Equatable {
    /// The balancers' pool, in the words of inventory groups.
    struct PoolSettings: Sendable, Equatable {
        /// The backend on every balancer.
        var name: String
        /// Group of the balancers.
        var balancers: String
        /// Group of the members.
        var members: String
        /// Port that members serve on.
        var port: Int
        /// How members are checked.
        var check: Pool.Check
        /// File on every balancer that holds the backend.
        var configFile: String
        /// Admin socket on every balancer.
        var socket: String
    }

    /// A question that a build must pass in a stage.
    enum Gate: Sendable, Equatable {
        /// GET through every balancer, each with `timeout` from connecting to the answer's head.
        case http(path: String, expect: Int, port: Int, timeout: Duration)
        /// GET on each host of the batch itself, at `port` or the pool's.
        case host(path: String, expect: Int, port: Int?)
        /// A command on this machine: 0 passes, 75 had too little to judge by, anything else fails.
        case command(String, timeout: Duration)

        /// For people.
        var name: String {
            switch self {
            case .http(let path, let expect, _, _): "GET \(path) is \(expect)"
            case .host(let path, let expect, _): "GET \(path) on each host is \(expect)"
            case .command(let line, _): line
            }
        }
    }

    /// An environment that a build passes.
    struct Stage: Sendable, Equatable {
        var name: String
        /// Inventory sources, relative to the file's folder.
        var inventory: [String]
        /// Playbooks, relative to the file's folder.
        var playbooks: [String]
        /// The stage a build must have passed.
        var after: String?
        /// How long ago it must have passed there.
        var bake: Duration
        var rollout: RolloutPolicy
        var gates: [Gate]
        /// Where the stage stands in the file.
        var location: SourceLocation
        /// Where its `minimum:` stands.
        var minimumLocation: SourceLocation?

        /// - Parameter hosts: How many members the stage's pool has.
        /// - Throws: ``InputError`` when more hosts have to stay in service than there are.
        func checkMinimum(hosts: Int) throws(InputError) {
            guard let minimum = rollout.minimumInService, minimum > hosts else { return }
            let members = hosts == 1 ? "1 host" : "\(hosts) hosts"
            let hint = hosts > 1 ? "minimum: \(hosts - 1) lets one host after the other be changed" : "minimum: 0"
            throw InputError(
                "minimum is \(minimum), but stage \(name) has \(members): \(minimum) of \(hosts) cannot stay in service",
                at: minimumLocation ?? location, hints: [hint])
        }
    }

    /// Path of the file, as the user gave it.
    var path: String
    /// Folder that relative paths begin at.
    var folder: String
    var service: String
    /// Folder on the hosts with `releases/`, `current` and `shared/`.
    var root: String
    var units: [String]
    var pool: PoolSettings
    /// In the order of the file.
    var stages: [Stage]
    /// Folder for journal and builds; `nil` leaves it to `$DROVER_STATE` or `.drover`.
    var state: String?
    /// File with the vault's password, or a program that prints it, where the command line names none.
    var vaultPasswordFile: String?

    /// Where releases lie on the hosts.
    var layout: ReleaseLayout { ReleaseLayout(service: service, root: root, units: units) }

    /// `path` as seen from the file's folder.
    func resolve(_ path: String) -> String { path.hasPrefix("/") ? path : "\(folder)/\(path)" }

    /// The stage of that name.
    /// - Throws: ``InputError`` that lists those there are.
    func stage(_ name: String) throws(InputError) -> Stage {
        guard let stage = stages.first(where: { $0.name == name }) else {
            throw InputError(
                "there is no stage '\(name)'", at: SourceLocation(file: path),
                hints: ["stages: \(stages.map(\.name).joined(separator: ", "))"])
        }
        return stage
    }
}
