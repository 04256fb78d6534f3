public import Fleet

/// How a host stands that a rollout had in hand when it was given up.
public struct HostInHand: Hashable, Sendable {
    /// The host.
    public var host: HostName
    /// What it runs.
    public var running: HostProgress.Running
    /// Whether balancers send it traffic; `nil` when it was just being admitted.
    public var isServing: Bool?
    /// What was begun and is not known to be done, in the order of the names.
    public var begun: [RolloutAction.Verb]
    /// Whether it goes back by itself unless it is confirmed.
    public var goesBack: Bool
}

extension RolloutState {
    /// The hosts that are neither as the rollout found them nor done with, in its order.
    public var hostsInHand: [HostInHand] {
        hosts.compactMap { host, progress in
            let begun = inFlight.filter { $0.host == host && Self.leavesTraces($0.verb) }.map(\.verb)
                .sorted { $0.rawValue < $1.rawValue }
            let isUnderWay = progress.phase < .settled
            guard !begun.isEmpty || (progress.intervention > .none && isUnderWay && !progress.isGivenUp) else {
                return nil
            }
            return HostInHand(
                host: host, running: progress.running, isServing: begun.contains(.admit) ? nil : progress.isServing,
                begun: begun, goesBack: !isGoingBack && progress.intervention == .switched && isUnderWay)
        }
    }

    private static func leavesTraces(_ verb: RolloutAction.Verb) -> Bool {
        switch verb {
        case .drain, .activate, .admit, .confirm, .restart, .stop, .start, .hook: true
        case .observe, .deliver, .check, .judge, .count: false
        }
    }
}
