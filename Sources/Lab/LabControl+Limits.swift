public import Fleet
import Foundation

extension LabControl {
    /// Changes what `names` may take of this machine, at once where they run, and for good.
    ///
    /// - Returns: The hosts as they are then.
    /// - Throws: ``InputError`` when the limits cannot be, and none has changed; ``LabError`` `.notUp` when the lab has no such
    ///   host, `.stuck` when the kernel does not take a limit: that host keeps what it had.
    public func limit(_ names: [HostName], by change: LabLimitChange) async throws -> [LabHost] {
        let (_, hosts) = try find(names)
        for host in hosts { try check(host.limited(by: change)) }
        return try await alone { () async throws(LabError) in
            var changed: [LabHost] = []
            for name in names { changed.append(try limit(name, by: change)) }
            return changed
        }
    }

    private func check(_ host: LabHost) throws(InputError) {
        guard let controller = ControlGroup.missing(for: host.limitsInForce).first else { return }
        throw InputError("the control groups of this machine have no '\(controller.rawValue)' for host '\(host.name)'")
    }

    /// Written down before it is done: a host that boots meanwhile boots with it.
    private func limit(_ name: HostName, by change: LabLimitChange) throws(LabError) -> LabHost {
        guard let before = try find([name]).hosts.first else { throw LabError(.notUp, host: name, "it is not there") }
        let after: LabHost
        do {
            after = try before.limited(by: change)
        } catch { throw LabError(.stuck, host: name, error.message, hints: error.hints) }
        try record(after)
        let machine = HostMachine(identity: identity, host: after)
        guard machine.leader != nil else { return after }
        do {
            try machine.limit()
        } catch {
            try record(before)
            try HostMachine(identity: identity, host: before).limit()
            throw error
        }
        return after
    }

    private func record(_ host: LabHost) throws(LabError) {
        guard var record = try LabRecord.read(identity.recordFile),
            let index = record.hosts.firstIndex(where: { $0.name == host.name })
        else { return }
        record.hosts[index] = host
        try record.write(identity.recordFile)
    }
}

extension LabHost {
    /// The host after `change`.
    /// - Throws: ``InputError`` when it would not come up with its limits, or there is nothing that they bound.
    func limited(by change: LabLimitChange) throws(InputError) -> LabHost {
        var host = self
        if change.followsInventory { host.limitsByHand = nil }
        let limits = try change.applied(to: host.limitsInForce, of: name)
        try limits.check(of: name, disks: disks)
        host.limitsByHand = limits == self.limits ? nil : limits
        return host
    }
}
