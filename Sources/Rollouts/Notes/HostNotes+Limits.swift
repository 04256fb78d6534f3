import Fleet

extension HostNotes {
    /// Tokens that a controller may come to: what a host says beyond these would shut everybody out for good.
    static let tokens: ClosedRange<Int64> = 0...999_999_999_999_999_000

    /// Refuses numbers that no Drover writes, before anything is reckoned with them.
    /// - Throws: ``RolloutError`` `.command`.
    func checkLimits(of host: HostName) throws(RolloutError) {
        let said = [token, lease?.lease.token, record?.token, rollout?.token].compactMap(\.self)
        guard said.allSatisfy(Self.tokens.contains), rollout?.plan.isWithinLimits ?? true else {
            throw RolloutError(
                .command, host: host, "what stands there about the stage has numbers that no Drover writes",
                hints: ["was it changed by hand? see /var/lib/drover there; the other hosts have it too"])
        }
    }
}

extension RolloutPlan {
    /// Whether it can be reckoned with: more hosts than these no stage has, and nobody waits longer than a year.
    fileprivate var isWithinLimits: Bool {
        Self.isWithinLimits(policy, members)
            && (tiers ?? []).allSatisfy { Self.isWithinLimits($0.policy, $0.hosts.count) }
    }

    private static func isWithinLimits(_ policy: RolloutPolicy, _ members: Int?) -> Bool {
        let counts = [policy.budget, policy.minimumInService, members].compactMap(\.self)
        let times =
            [policy.drain, policy.health, policy.bake, policy.confirm] + [policy.progressDeadline].compactMap(\.self)
        let sizes = policy.batches + [policy.maxUnavailable].compactMap(\.self)
        let isCanarySound = policy.canary == 0 || isSound(policy.canary)
        return isCanarySound && sizes.allSatisfy(isSound) && counts.allSatisfy((0...mostHosts).contains)
            && times.allSatisfy { $0 >= .zero && $0 <= .seconds(366 * 86_400) }
    }

    private static func isSound(_ size: BatchSize) -> Bool {
        switch size {
        case .hosts(let count): (1...mostHosts).contains(count)
        case .percent(let percent): (1...100).contains(percent)
        }
    }

    private static let mostHosts = 1_000_000
}
