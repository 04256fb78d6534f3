/// That somebody took a member out of rotation by hand. It stays out until somebody lets it in again.
public struct KeptOut: Hashable, Sendable, Codable {
    /// Who did, such as `user@machine:pid`; `nil` for somebody at the balancer's own console.
    public var by: String?
    /// Since when; `nil` where nobody has written that down.
    public var since: Timestamp?
    /// Why, in one line; `nil` where nobody said.
    public var reason: String?
    /// Whether it is in maintenance; otherwise it is drained, and goes on being checked.
    public var isMaintenance: Bool

    /// A member is kept out.
    public init(by: String? = nil, since: Timestamp? = nil, reason: String? = nil, isMaintenance: Bool) {
        self.by = by
        self.since = since
        self.reason = reason
        self.isMaintenance = isMaintenance
    }

    /// For people: `in maintenance since 2026-12-01T04:00:00Z by me@here:12: new disks`.
    public var words: String {
        (isMaintenance ? "in maintenance" : "drained") + (since.map { " since \($0)" } ?? "")
            + " by \(by ?? "hand at a balancer's console")" + (reason.map { ": \($0)" } ?? "")
    }

    /// Whether it is only seen, and no balancer's file knows of it.
    public var isUnwritten: Bool { by == nil && since == nil }
}

extension BalancerView {
    /// Why the balancer sends `host` nothing by somebody's hand; `nil` where it does, or nobody's hand keeps it from it.
    public func keepsOut(_ host: HostName) -> KeptOut? {
        guard fault == nil, let kept = keptOut[host] else { return nil }
        return running.contains { $0.host == host && $0.state == .up } ? nil : kept
    }
}

extension [BalancerView] {
    /// Why `host` gets nothing from any balancer that answered, by somebody's hand; `nil` where one sends it traffic, or
    /// nobody's hand keeps it out.
    public func keptOut(_ host: HostName) -> KeptOut? {
        let answers = filter { $0.fault == nil }
        let isServed = answers.contains { view in view.running.contains { $0.host == host && $0.state == .up } }
        // What somebody has written down says more than what is only seen.
        let kept = answers.compactMap { $0.keepsOut(host) }
        return isServed ? nil : kept.first { $0.by != nil } ?? kept.first
    }

    /// Every host that no balancer sends traffic by somebody's hand.
    public var keptOut: [HostName: KeptOut] {
        Set(flatMap(\.keptOut.keys)).reduce(into: [:]) { $0[$1] = keptOut($1) }
    }
}
