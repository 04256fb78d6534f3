public import Fleet

/// What has to be done, and what cannot be.
public struct FleetPlan: Hashable, Sendable {
    /// Hosts that leave before anything else is done.
    public var departures: [FleetChange]
    /// What is done after the playbooks: hosts that join, then those whose place they take.
    public var rest: [FleetChange]
    /// Hosts that did not answer and are left alone, with the reason.
    public var unreachable: [RolloutError]
    /// Balancers that did not answer, with the reason. Nothing is changed while there are any.
    public var silentBalancers: [HostName: String]
    /// How the pool's file changes on balancers that lack its settings.
    public var fileChanges: [HostName: PoolFileChange] = [:]
    /// Members that somebody took out of rotation by hand: they get the build, and stay out.
    public var keptOut: [HostName: KeptOut] = [:]
    /// Who serves, who would, and who must; `nil` where nobody leaves or joins.
    public var balance: FleetBalance?
    /// What each balancer would be told, where somebody wants to know it beforehand.
    public var rehearsals: [PoolRehearsal] = []
    /// Why hosts may not leave; nothing is changed then.
    public var shortage: FleetShortage?
    /// How many machines must be in service after each host that leaves.
    public var floor: Int
    /// The same by tier, where there are several.
    public var floors: [String: Int] = [:]
    /// How the files of other tiers' pools change, tier by tier.
    public var fileChangesOfTiers: [[HostName: PoolFileChange]] = []

    /// The changes, in the order in which they are made.
    public var changes: [FleetChange] { departures + rest }

    /// Whether the stage is as it should be.
    public var isConverged: Bool { changes.isEmpty && unreachable.isEmpty && silentBalancers.isEmpty }

    /// Only the hosts that leave before anything else; nothing while some balancer cannot be asked.
    public var retirement: FleetPlan {
        var plan = FleetPlan(departures: silentBalancers.isEmpty ? departures : [], floor: floor)
        plan.floors = floors
        return plan
    }

    /// A plan.
    public init(
        departures: [FleetChange] = [], rest: [FleetChange] = [], unreachable: [RolloutError] = [],
        silentBalancers: [HostName: String] = [:], shortage: FleetShortage? = nil, floor: Int = 0
    ) {
        self.departures = departures
        self.rest = rest
        self.unreachable = unreachable
        self.silentBalancers = silentBalancers
        self.shortage = shortage
        self.floor = floor
    }
}

/// Too many hosts would leave a stage's pool at once.
public struct FleetShortage: ExplainedError, Hashable {
    /// The stage's pool.
    public var pool: String
    /// Machines in service now.
    public var inService: Int
    /// Those of them that the inventory no longer has.
    public var leaving: [HostName]
    /// Members that could take their place.
    public var joining: Int
    /// How many must stay in service.
    public var floor: Int
    /// What those that stay would have to do, where that is why.
    public var strain: CapacityStrain?

    /// The pool's name.
    public var place: ErrorPlace { ErrorPlace(name: "pool \(pool)") }
    /// The arithmetic.
    public var message: String {
        if let strain { return "\(strain.message) (leaving: \(leaving.map(\.description).joined(separator: ", ")))" }
        let leave = leaving.count == 1 ? "1 leaves" : "\(leaving.count) leave"
        let join = joining == 0 ? "none joins" : joining == 1 ? "1 joins" : "\(joining) join"
        let names = leaving.map(\.description).joined(separator: ", ")
        return "\(inService) in service, \(leave) (\(names)), \(join): \(max(0, inService - leaving.count + joining)) "
            + "would be left, and at least \(floor) must stay"
    }
    /// The ways on.
    public let hints = [
        "nothing was changed; if these hosts are to stay, put their lines back into the inventory",
        "if they are to leave all the same: --allow-below",
    ]

    /// A shortage in `pool`.
    public init(
        pool: String, inService: Int, leaving: [HostName], joining: Int, floor: Int, strain: CapacityStrain? = nil
    ) {
        self.strain = strain
        self.pool = pool
        self.inService = inService
        self.leaving = leaving
        self.joining = joining
        self.floor = floor
    }
}

/// What is known of hosts that leave a stage's pool, and what must hold meanwhile.
public struct FleetTerms: Hashable, Sendable {
    /// How many must stay in service, among other things.
    public var policy: RolloutPolicy
    /// Whether more hosts may leave than the floor allows.
    public var allowsBelow: Bool
    /// The service's units.
    public var units: [String]
    /// Hosts that the inventory names, in whatever group: their units are left alone.
    public var named: Set<HostName>
    /// Addresses of the members of every stage's pool: what runs there is not stopped.
    public var machines: Set<String>
    /// Members that are remembered, with their addresses.
    public var remembered: [HostName: String]
    /// What a host runs before its units stop.
    public var retirement = Retirement()
    /// The service's tiers, in the order in which builds go to them; none where it has one pool.
    public var tiers: [TierSite] = []
    /// What people call the build that hosts are brought to.
    public var buildName: String?

    /// Terms, of which only the policy has no default.
    public init(
        policy: RolloutPolicy = RolloutPolicy(), allowsBelow: Bool = false, units: [String] = [],
        named: Set<HostName> = [], machines: Set<String> = [], remembered: [HostName: String] = [:]
    ) {
        self.policy = policy
        self.allowsBelow = allowsBelow
        self.units = units
        self.named = named
        self.machines = machines
        self.remembered = remembered
    }

    /// Whether the units of a host that left the pool are to be stopped.
    public func retires(_ host: HostName, at address: String) -> Bool {
        !units.isEmpty && !named.contains(host) && !machines.contains(address)
    }
}

extension RolloutPolicy {
    /// How many machines must stay in service when some of `present` leave for good: what rollouts keep, and never less
    /// than half.
    public func floorForLeaving(of present: Int) -> Int { max(floor(of: present), present - present / 2) }
}
