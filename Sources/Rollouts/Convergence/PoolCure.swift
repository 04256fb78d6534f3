public import Fleet

/// What mends a balancer that is not as the pool wants it. Reads no clock, does no I/O.
public struct PoolCure: Sendable {
    private let stage: String
    /// Whether there is a build that members could be brought.
    private let hasBuild: Bool
    /// Whether a rollout of the stage is unfinished, so that nothing is applied.
    private let isUnfinished: Bool

    /// The cures of `stage`.
    public init(_ stage: String, hasBuild: Bool, isUnfinished: Bool) {
        (self.stage, self.hasBuild, self.isUnfinished) = (stage, hasBuild, isUnfinished)
    }

    /// The command that mends `difference`.
    /// - Parameter views: What all balancers answered.
    public func command(for difference: PoolDifference, _ views: [BalancerView]) -> String {
        switch difference.kind {
        case .unknown:
            let view = views.first { $0.balancer == difference.balancer }
            return view?.isLeftOut == true
                ? apply : "drover run \(difference.balancer) --stage \(stage) -b -- systemctl restart haproxy"
        case .notServing(let host, .down): return "drover restart \(stage) \(host)"
        case .keptOutAtConsole(let host, _): return letIn(host)
        case .keptOutElsewhere(let host): return letIn(host)
        case .weight(let host, _, let wanted): return "drover weight \(host) \(wanted) --stage \(stage)"
        case .disabledInFile(let host) where views.contains { $0.keptOut[host] != nil }: return letIn(host)
        case .address(let host, _) where views.keptOut(host) != nil: return letIn(host)
        case .notRunning(let host) where views.keptOut(host) != nil: return letIn(host)
        case .agentOverWeight(let host, let weight): return "drover weight \(host) \(weight) --stage \(stage)"
        case .settings, .running, .configured, .agentNotAsked: return apply
        case .notServing, .notRunning, .address, .notConfigured, .disabledInFile:
            return hasBuild || isUnfinished ? apply : "drover rollout \(stage) BUILD"
        }
    }

    private var apply: String { isUnfinished ? "drover rollout resume \(stage)" : "drover apply \(stage)" }

    private func letIn(_ host: HostName) -> String {
        isUnfinished ? "drover rollout resume \(stage)" : "drover undrain \(host) --stage \(stage)"
    }
}
