/// One way in which a balancer is not as the pool wants it.
public struct PoolDifference: Hashable, Sendable, CustomStringConvertible {
    /// What differs.
    public enum Kind: Hashable, Sendable {
        /// Nothing is known of the balancer.
        case unknown(reason: String)
        /// The backend's settings are not the pool's.
        case settings
        /// The balancer does not run a member.
        case notRunning(HostName)
        /// The balancer runs a server that the pool does not have.
        case running(HostName)
        /// The balancer runs a member at another address.
        case address(HostName, running: String)
        /// The balancer gives a member no traffic.
        case notServing(HostName, RunningMember.State)
        /// The file does not name a member, or names it at another address.
        case notConfigured(HostName)
        /// The file keeps a member out of rotation that gets traffic: a restart would take it away.
        case disabledInFile(HostName)
        /// The file names a server that the pool does not have.
        case configured(HostName)
        /// Somebody took a member out at the balancer's console, and the file does not know: a start would bring it back.
        case keptOutAtConsole(HostName, RunningMember.State)
        /// A member gets traffic that somebody has taken out by hand on another balancer.
        case keptOutElsewhere(HostName)
        /// A member has another weight, as it runs or in the file, than it should.
        case weight(HostName, Int, wanted: Int)
        /// The balancer does not ask a member's agent.
        case agentNotAsked(HostName)
        /// The balancer asks the agent of a member that has a weight of its own: it would not last.
        case agentOverWeight(HostName, Int)
    }

    /// The balancer.
    public let balancer: HostName
    /// What differs.
    public let kind: Kind

    /// A difference on `balancer`.
    public init(balancer: HostName, _ kind: Kind) {
        self.balancer = balancer
        self.kind = kind
    }

    /// For people, without the balancer's name: `ap2 is not in the file`.
    public var description: String {
        switch kind {
        case .unknown(let reason): reason
        case .settings: "the backend's settings are not the pool's"
        case .notRunning(let host): "\(host) is not running"
        case .running(let host): "\(host) is running but not in the inventory"
        case .address(let host, let running): "\(host) is running at \(running)"
        case .notServing(let host, let state): "\(host) gets no traffic: \(state.rawValue)"
        case .notConfigured(let host): "\(host) is not in the file"
        case .disabledInFile(let host): "\(host) gets traffic but is out of rotation in the file"
        case .configured(let host): "\(host) is in the file but not in the inventory"
        case .keptOutAtConsole(let host, let state): "\(host) is \(state.rawValue) by hand, and not so in the file"
        case .keptOutElsewhere(let host): "\(host) gets traffic, and is kept out by hand on another balancer"
        case .weight(let host, let weight, let wanted): "\(host) has weight \(weight) in place of \(wanted)"
        case .agentNotAsked(let host): "\(host) is not asked by agent-check"
        case .agentOverWeight(let host, let weight): "\(host) is asked by agent-check, and is to have weight \(weight)"
        }
    }

    /// The member or server that it is about.
    public var host: HostName? {
        switch kind {
        case .unknown, .settings: nil
        case .notRunning(let host), .running(let host), .address(let host, _), .notServing(let host, _),
            .notConfigured(let host), .disabledInFile(let host), .configured(let host), .keptOutAtConsole(let host, _),
            .keptOutElsewhere(let host), .weight(let host, _, _), .agentNotAsked(let host),
            .agentOverWeight(let host, _):
            host
        }
    }
}

/// Which members have to be admitted and which to leave, so that every balancer has what the pool wants.
public struct PoolChanges: Hashable, Sendable {
    /// Members that some balancer does not serve, or does not name in its file; in the pool's order.
    public var joining: [PoolMember]
    /// Servers that some balancer has and the pool does not, in order of their names.
    public var leaving: [HostName]

    /// Nothing to do unless said otherwise.
    public init(joining: [PoolMember] = [], leaving: [HostName] = []) {
        self.joining = joining
        self.leaving = leaving
    }

    /// Whether there is nothing to do.
    public var isEmpty: Bool { joining.isEmpty && leaving.isEmpty }
}

extension Pool {
    /// Every difference between the pool and what the balancers answered, balancer by balancer.
    public func differences(from views: [BalancerView]) -> [PoolDifference] {
        views.flatMap { view in
            (kinds(of: view) + byHand(on: view, beside: views)).map { PoolDifference(balancer: view.balancer, $0) }
        }
    }

    /// Where balancers are not at one about what people did by hand.
    private func byHand(on view: BalancerView, beside views: [BalancerView]) -> [PoolDifference.Kind] {
        guard view.fault == nil else { return [] }
        let others = views.filter { $0.fault == nil && $0.tier == view.tier }
        return (view.wanted ?? members).flatMap { member -> [PoolDifference.Kind] in
            let host = member.host
            guard let running = view.running.first(where: { $0.host == host }) else { return [] }
            var kinds: [PoolDifference.Kind] = []
            if running.state != .up, let kept = view.keptOut[host], kept.isUnwritten {
                kinds.append(.keptOutAtConsole(host, running.state))
            }
            if running.state == .up, others.contains(where: { $0.keepsOut(host) != nil }) {
                kinds.append(.keptOutElsewhere(host))
            }
            let wanted = others.lazy.compactMap { $0.weights[host] }.first ?? traffic.weight
            // What an agent said is no difference, nor what it said before it was not asked any more, which is one by itself.
            let isAgents = running.agent != nil || traffic.agent != nil && view.weights[host] == nil
            let asRun = isAgents ? nil : running.weight
            let found = [asRun, view.weights[host] ?? (view.isEstablished ? traffic.weight : nil)]
            // Somebody else's file has their weights.
            if adoption != nil { return kinds }
            if view.isEstablished, let other = found.compactMap(\.self).first(where: { $0 != wanted }) {
                kinds.append(.weight(host, other, wanted: wanted))
            }
            return kinds + agentKinds(of: running, on: view)
        }
    }

    /// A member with a weight of its own is not asked, or it would not keep it.
    private func agentKinds(of running: RunningMember, on view: BalancerView) -> [PoolDifference.Kind] {
        guard traffic.agent != nil, view.isEstablished else { return [] }
        switch (view.weights[running.host], running.agent) {
        case (nil, nil): return [.agentNotAsked(running.host)]
        case (let weight?, .some): return [.agentOverWeight(running.host, weight)]
        default: return []
        }
    }

    /// What has to join and leave. Balancers of which nothing is known count for nothing.
    public func changes(from views: [BalancerView]) -> PoolChanges {
        let known = views.filter { $0.fault == nil }
        let wanted = Set(members.map(\.host))
        let present = Set(known.flatMap { $0.running.map(\.host) + $0.configured.map(\.host) })
        let joining = members.filter { member in
            known.contains { view in
                guard view.keepsOut(member.host) == nil else { return false }
                guard let running = view.running.first(where: { $0.host == member.host }) else { return true }
                return !running.matches(member) || running.state != .up || !view.configured.contains(member)
                    || view.disabled.contains(member.host) || !agentKinds(of: running, on: view).isEmpty
            }
        }
        return PoolChanges(joining: joining, leaving: present.subtracting(wanted).sorted())
    }

    private func kinds(of view: BalancerView) -> [PoolDifference.Kind] {
        if let fault = view.fault { return [.unknown(reason: fault)] }
        var kinds: [PoolDifference.Kind] = view.isEstablished ? [] : [.settings]
        let members = view.wanted ?? members
        for member in members {
            let running = view.running.first { $0.host == member.host }
            kinds += Self.kinds(of: member, running: running, isKeptOut: view.keepsOut(member.host) != nil)
            if !view.configured.contains(member) {
                kinds.append(.notConfigured(member.host))
            } else if running?.state == .up, view.disabled.contains(member.host) {
                kinds.append(.disabledInFile(member.host))
            }
        }
        let wanted = Set(members.map(\.host))
        kinds += view.running.map(\.host).filter { !wanted.contains($0) }.map { .running($0) }
        kinds += view.configured.map(\.host).filter { !wanted.contains($0) }.map { .configured($0) }
        return kinds
    }

    private static func kinds(
        of member: PoolMember, running: RunningMember?, isKeptOut: Bool
    ) -> [PoolDifference.Kind] {
        guard let running else { return [.notRunning(member.host)] }
        guard running.matches(member) else {
            return [.address(member.host, running: "\(running.address):\(running.port)")]
        }
        return running.state == .up || isKeptOut ? [] : [.notServing(member.host, running.state)]
    }
}

extension RunningMember {
    /// Whether this is `member`, at its address and port.
    public func matches(_ member: PoolMember) -> Bool {
        host == member.host && address == member.address && port == member.port
    }
}

extension Pool {
    /// The pool with the settings and the ports that balancers run now, where those are not the pool's own: what has to be
    /// gone by while nobody wants to change them.
    public func asRun(by views: [BalancerView]) -> Pool {
        let known = views.filter { $0.fault == nil && !$0.running.isEmpty }
        var pool = self
        if let other = known.first(where: { !$0.isEstablished }) {
            pool.check = other.check ?? check
            pool.traffic = other.traffic ?? traffic
        }
        for index in pool.members.indices {
            let member = pool.members[index]
            let running = known.compactMap { view in view.running.first { $0.host == member.host } }
            let ports = Set(running.map(\.port))
            guard let port = ports.first, ports.count == 1, running.allSatisfy({ $0.address == member.address }) else {
                continue
            }
            pool.members[index].port = port
        }
        return pool
    }
}
