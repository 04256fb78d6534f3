import Fleet

/// What runs on one host, by the tiers it is in.
extension StageSite {
    /// Where releases lie on a host, with its units; those of all tiers without one, and for a host of none.
    func layout(of host: HostName?) -> ReleaseLayout {
        var layout = layout
        guard let host, case let own = tiers(of: host), !own.isEmpty else { return layout }
        layout.units = own.reduce(into: []) { units, tier in units += tier.units.filter { !units.contains($0) } }
        return layout
    }

    /// How a host is found well; `nil` leaves it to the pool's check.
    func questions(for host: HostName?) -> [HostQuestion]? {
        guard let host, case let own = tiers(of: host), !own.isEmpty else { return nil }
        let all = own.map { tier -> HostQuestion in
            switch tier.health {
            case .page(let check, let port): .page(port: port, path: check.path, expect: check.expect)
            case .command(let line): .command(line)
            case nil where tier.isBalanced:
                .page(
                    port: tier.pool.members.first { $0.host == host }?.port ?? 0, path: tier.pool.check.path,
                    expect: tier.pool.check.expect)
            case nil: .units
            }
        }
        return all.reduce(into: []) { all, question in if !all.contains(question) { all.append(question) } }
    }
}
