public import Fleet

/// What `drover.yml` says: the service, its pool, and the stages a build passes.
public struct ServiceFile: Sendable, Equatable {
    /// The balancers' pool, in the words of inventory groups.
    public struct PoolSettings: Sendable, Equatable {
        /// The backend on every balancer.
        public var name: String
        /// Group of the balancers.
        public var balancers: String
        /// Group of the members.
        public var members: String
        /// Port that members serve on.
        public var port: Int
        /// How members are checked.
        public var check: Pool.Check
        /// File on every balancer that holds the backend.
        public var configFile: String
        /// Admin socket on every balancer.
        public var socket: String
        /// How requests are shared out among members.
        public var traffic = PoolTraffic()
        /// Which program the balancers run.
        public var driver = Pool.Driver.haproxy
        /// The address that clients ask, where it moves between balancers.
        public var address: String?
        /// That the file is somebody else's; `nil` where it is Drover's.
        public var adoption: Pool.Adoption?
    }

    /// A question that a build must pass in a stage.
    public enum Gate: Sendable, Equatable {
        /// A page that has to be as it should.
        case page(PageGate)
        /// A command on this machine: 0 passes, 75 had too little to judge by, anything else fails.
        case command(String, timeout: Duration)
        /// Failed requests of the batch against the rest's, as balancers count them; `nil` for not at all.
        case errors(ErrorLimits?)
        /// Times of the batch's answers against the rest's, as balancers keep them; `nil` for not at all.
        case latency(LatencyLimits?)
        /// Times of requests of our own.
        case requests(RequestGate)
        /// What the stage's pages are to be like.
        case objectives(ObjectiveGate)
        /// What is used of the batch's hosts.
        case resources(ResourceGate)
        /// Units of the batch's hosts.
        case units(UnitGate)
        /// Lines of units' journals on the batch's hosts.
        case log(LogGate)
    }

    /// An environment that a build passes.
    public struct Stage: Sendable, Equatable {
        /// Its name.
        public var name: String
        /// Inventory sources, relative to the file's folder.
        public var inventory: [String]
        /// Playbooks, relative to the file's folder.
        public var playbooks: [String]
        /// The stage a build must have passed.
        public var after: String?
        /// How long ago it must have passed there.
        public var bake: Duration
        /// How carefully a build goes to it.
        public var rollout: RolloutPolicy
        /// What a build must pass there, in the order of the file.
        public var gates: [Gate]
        /// Where the stage stands in the file.
        public var location: SourceLocation
        /// Where each of its inventories and playbooks is named.
        public var places: [String: SourceLocation]
        /// Where its `minimum:` stands.
        public var minimumLocation: SourceLocation?
        /// Who has to vouch for builds of this stage; `nil` leaves it to the whole file.
        public var signatures: SignatureRule?
        /// What a rollout has to be run besides; `nil` as nothing.
        public var hooks: RolloutHooks?
        /// Whether somebody at a terminal is asked before a build goes to it that comes from another stage.
        public var asks = true
        /// What a build has to bring along from the stage before, beside having passed there.
        public var requires = PromotionTerms()
        /// Whether each rollout that succeeds goes back and comes again, to show that this works.
        public var rehearses = false
        /// What its pages are to be like.
        public var objectives: [ServiceObjective] = []
        /// How carefully a build goes to each tier, where the file has tiers.
        public var tiers: [String: RolloutPolicy] = [:]

        /// - Parameter hosts: How many members the stage's pool has.
        /// - Throws: ``InputError`` when more hosts have to stay in service than there are.
        public func checkMinimum(hosts: Int) throws(InputError) {
            guard let minimum = rollout.minimumInService, minimum > hosts else { return }
            let hint = hosts > 1 ? "minimum: \(hosts - 1) lets one host after the other be changed" : "minimum: 0"
            throw InputError(
                "minimum is \(minimum), but stage \(name) has \(hosts.of("host")): \(minimum) of \(hosts) cannot stay in service",
                at: minimumLocation ?? location, hints: [hint])
        }
    }

    /// Path of the file, as the user gave it.
    public var path: String
    /// Folder that relative paths begin at.
    public var folder: String
    /// The service's name, which is part of paths on the hosts.
    public var service: String
    /// Folder on the hosts with `releases/`, `current` and `shared/`.
    public var root: String
    /// The systemd units that releases are run by, on whatever hosts.
    public var units: [String]
    /// The balancers' pool; the first of them where the file has tiers.
    public var pool: PoolSettings
    /// The tiers, in the order in which builds go to them; none where the file has one pool.
    public var tiers: [Tier] = []
    /// In the order of the file.
    public var stages: [Stage]
    /// Where the journal is kept; `nil` leaves it to `$DROVER_STATE` or `.drover`.
    public var state: StatePlace?
    /// Where the builds lie that the service's machines share; `nil` leaves it to `$DROVER_BUILDS`, or to nobody.
    public var builds: SharedBuildsAddress?
    /// How many runs and builds are kept.
    public var retention = Retention()
    /// What a host runs before it leaves for good.
    public var retirement = Retirement()
    /// File with the vault's password, or a program that prints it, where the command line names none.
    public var vaultPasswordFile: String?
    /// Who has to vouch for builds of stages that say nothing of it; `nil` for nobody.
    public var signatures: SignatureRule?

    /// Where releases lie on a stage's hosts.
    public func layout(of stage: String) -> ReleaseLayout {
        ReleaseLayout(service: service, stage: stage, root: root, units: units, keeps: retention.releases)
    }

    /// `path` as seen from the file's folder.
    public func resolve(_ path: String) -> String { path.hasPrefix("/") ? path : "\(folder)/\(path)" }

    /// The stage that a build is promoted to, and the one that it comes from.
    /// - Parameter name: `nil` means the one that comes after another.
    /// - Throws: ``InputError`` when that is none, or leaves a choice.
    public func promotion(to name: String?) throws(InputError) -> (stage: Stage, before: String) {
        let later = stages.filter { $0.after != nil }
        let chosen = name.map { name in later.first { $0.name == name } } ?? (later.count == 1 ? later.first : nil)
        if let chosen, let before = chosen.after { return (chosen, before) }
        if let name { _ = try stage(name) }
        throw InputError(
            name.map { "stage '\($0)' comes after no other" } ?? "there are \(later.count) stages to promote to",
            at: SourceLocation(file: path),
            hints: later.isEmpty ? ["a stage names the one before it: after: STAGE"] : later.map { "--to \($0.name)" })
    }

    /// The stage of that name.
    /// - Throws: ``InputError`` that lists those there are.
    public func stage(_ name: String) throws(InputError) -> Stage {
        guard let stage = stages.first(where: { $0.name == name }) else {
            throw InputError(
                "there is no stage '\(name)'", at: SourceLocation(file: path),
                hints: NearestNames.hints(for: name, among: stages.map(\.name))
                    + ["stages: \(stages.map(\.name).joined(separator: ", "))"])
        }
        return stage
    }
}
