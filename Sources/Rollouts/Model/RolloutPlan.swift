public import Fleet

/// What a rollout is to bring about, fixed when it starts.
public struct RolloutPlan: Hashable, Sendable, Codable {
    /// Why the build goes to the stage.
    public enum Kind: String, Hashable, Sendable, Codable, CaseIterable {
        /// Somebody named the build.
        case rollout
        /// The build passed the stage before.
        case promotion
        /// The build was the last one known to be good. No canary, no gates, and nothing to go back to.
        case rollback
        /// The build is the stage's own, and these hosts lack it or get no traffic. As ``rollback``.
        case convergence

        /// Whether the hosts go straight to the build, gated by their health alone.
        public var isDirect: Bool { self == .rollback || self == .convergence }
    }

    /// The stage it goes to.
    public var stage: String
    /// Why it goes there.
    public var kind: Kind
    /// The build.
    public var build: BuildDigest
    /// What people call the build; `nil` where nobody knows, and in plans of earlier versions.
    public var buildName: String?
    /// What every changed host goes back to; `nil` means what each of them ran before.
    public var baseline: ReleaseID?
    /// The build of ``baseline``; `nil` also in plans of earlier versions.
    public var baselineBuild: BuildDigest?
    /// The hosts, in the order in which they are changed.
    public var hosts: [HostName]
    /// How carefully.
    public var policy: RolloutPolicy
    /// How many members the pool has, where the rollout is not about all of them.
    public var members: Int?
    /// A release that hosts may still run and that must not be kept in service for capacity's sake.
    public var distrusted: ReleaseID?
    /// Why evidence from the stage before was not asked for, when somebody said so.
    public var skippedEvidence: String?
    /// Why somebody approved it, where they did.
    public var approval: String?
    /// Hosts that somebody had taken out of rotation by hand when it began: they get the build, and stay out; `nil` as none.
    public var keptOut: [HostName]?
    /// What is run besides, when it begins and when it is over; `nil` as nothing.
    public var hooks: RolloutHooks?
    /// Whether it was found on hosts by a controller that did not begin it; `nil` as false. What a host ran before is then
    /// what the host says that was.
    public var isTakenUp: Bool?
    /// The service's tiers, in the order in which the build goes to them; `nil` where it has but one.
    public var tiers: [TierPlan]?

    /// A plan for `hosts`.
    public init(
        stage: String, kind: Kind = .rollout, build: BuildDigest, baseline: ReleaseID? = nil,
        baselineBuild: BuildDigest? = nil, hosts: [HostName], policy: RolloutPolicy = RolloutPolicy(),
        members: Int? = nil, distrusted: ReleaseID? = nil, skippedEvidence: String? = nil
    ) {
        self.stage = stage
        self.kind = kind
        self.build = build
        self.baseline = baseline
        self.baselineBuild = baselineBuild
        self.hosts = hosts
        self.policy = policy
        self.members = members
        self.distrusted = distrusted
        self.skippedEvidence = skippedEvidence
    }

    /// The build for people.
    public var label: BuildLabel { BuildLabel(build, buildName) }

    /// The plan, found on hosts.
    var takenUp: Self {
        var plan = self
        plan.isTakenUp = true
        return plan
    }

    /// The plan with `mask` applied to what a person wrote.
    func masked(_ mask: (String) -> String) -> Self {
        var plan = self
        plan.skippedEvidence = skippedEvidence.map(mask)
        plan.approval = approval.map(mask)
        return plan
    }

    /// How many hosts must stay in service throughout.
    public var floor: Int { policy.floor(of: total) }

    /// How many members the pool has.
    public var total: Int { max(members ?? 0, hosts.count) }
}
