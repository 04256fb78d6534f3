public import Fleet

/// Something that is done to the fleet by a rollout, or to its units by hand. Each may be done again after a crash and comes to the same.
public enum RolloutAction: Hashable, Sendable {
    /// Ask the host what it runs and the balancers whether it serves.
    case observe(HostName)
    /// Bring the release to the host, verified and unpacked, without using it.
    case deliver(HostName, ReleaseID)
    /// Take the host out of rotation on every balancer.
    case drain(HostName)
    /// Make the release the current one and restart its units; forward under a timer that goes back. `nil` leaves the
    /// host without a release, as it was before its first one.
    case activate(HostName, ReleaseID?)
    /// Wait until the service answers on the host itself.
    case check(HostName, ReleaseID)
    /// Put the host back into rotation on every balancer.
    case admit(HostName)
    /// Ask the balancers who serves, and those hosts how they are: before one is taken out, and before the end.
    case count
    /// Ask the gates about the batch, and watch its hosts.
    case judge(batch: Int)
    /// Tell the host that its release stays.
    case confirm(HostName, ReleaseID)
    /// Run what the stage has to be run at that point, on this machine or on the host.
    case hook(RolloutHooks.Point, HostName?)
    /// Do something to the service's units on the host, by hand: no rollout does.
    case units(UnitAction, HostName)

    /// The host it is about; `nil` for ``judge(batch:)``, ``count`` and hooks on this machine.
    public var host: HostName? {
        switch self {
        case .observe(let host), .deliver(let host, _), .drain(let host), .activate(let host, _),
            .check(let host, _), .admit(let host), .confirm(let host, _), .units(_, let host):
            host
        case .hook(_, let host): host
        case .judge, .count: nil
        }
    }

    /// The release it is about.
    public var release: ReleaseID? {
        switch self {
        case .deliver(_, let release), .check(_, let release), .confirm(_, let release): release
        case .activate(_, let release): release
        case .observe, .drain, .admit, .judge, .count, .hook, .units: nil
        }
    }

    /// What it is called in the journal and in events.
    public var verb: Verb {
        switch self {
        case .observe: .observe
        case .deliver: .deliver
        case .drain: .drain
        case .activate: .activate
        case .check: .check
        case .admit: .admit
        case .count: .count
        case .judge: .judge
        case .confirm: .confirm
        case .hook: .hook
        case .units(.restart, _): .restart
        case .units(.stop, _): .stop
        case .units(.start, _): .start
        }
    }

    /// The names of the actions.
    public enum Verb: String, Hashable, Sendable, Codable, CaseIterable {
        /// ``RolloutAction/observe(_:)``
        case observe
        /// ``RolloutAction/deliver(_:_:)``, by the name that journals have always had.
        case deliver = "stage"
        /// ``RolloutAction/drain(_:)``
        case drain
        /// ``RolloutAction/activate(_:_:)``
        case activate
        /// ``RolloutAction/check(_:_:)``
        case check
        /// ``RolloutAction/admit(_:)``
        case admit
        /// ``RolloutAction/count``
        case count
        /// ``RolloutAction/judge(batch:)``
        case judge
        /// ``RolloutAction/confirm(_:_:)``
        case confirm
        /// ``RolloutAction/hook(_:_:)``
        case hook
        /// ``RolloutAction/units(_:_:)``
        case restart
        /// ``RolloutAction/units(_:_:)``
        case stop
        /// ``RolloutAction/units(_:_:)``
        case start
    }
}

extension RolloutAction {
    /// The action that the journal's fields name; `nil` when a field it needs is missing.
    init?(_ verb: Verb, host: HostName?, release: ReleaseID?, batch: Int?, hook: RolloutHooks.Point? = nil) {
        if let hook, verb == .hook {
            self = .hook(hook, host)
            return
        }
        switch (verb, host, release, batch) {
        case (.observe, let host?, _, _): self = .observe(host)
        case (.deliver, let host?, let release?, _): self = .deliver(host, release)
        case (.drain, let host?, _, _): self = .drain(host)
        case (.activate, let host?, let release, _): self = .activate(host, release)
        case (.check, let host?, let release?, _): self = .check(host, release)
        case (.admit, let host?, _, _): self = .admit(host)
        case (.count, _, _, _): self = .count
        case (.judge, _, _, let batch?): self = .judge(batch: batch)
        case (.confirm, let host?, let release?, _): self = .confirm(host, release)
        case (.restart, let host?, _, _): self = .units(.restart, host)
        case (.stop, let host?, _, _): self = .units(.stop, host)
        case (.start, let host?, _, _): self = .units(.start, host)
        default: return nil
        }
    }
}
