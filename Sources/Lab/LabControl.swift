public import Fleet
import Foundation

/// Makes a lab's hosts, switches them on and off, and takes the lab away.
///
/// Every method may be repeated, and finishes what one that was killed has begun.
public struct LabControl: Sendable {
    /// Which lab.
    public let identity: LabIdentity
    let progress: @Sendable (LabEvent) -> Void

    /// How long a host may take to answer SSH.
    public static let bootPatience: Duration = .seconds(60)

    /// Controls the lab `identity`, telling `progress` what happens.
    public init(_ identity: LabIdentity, progress: @escaping @Sendable (LabEvent) -> Void = { _ in }) {
        self.identity = identity
        self.progress = progress
    }

    /// Makes the lab what `plan` says: missing hosts boot, changed ones boot anew, surplus ones go, the rest stays.
    ///
    /// - Parameter chosen: The hosts that may be booted; others that are off stay so. `nil` means all of them.
    /// - Returns: The hosts that are up, in the plan's order, once every one's SSH has answered.
    /// - Throws: ``LabError``; hosts that came up stay up.
    @discardableResult
    public func up(_ plan: LabPlan, booting chosen: Set<HostName>? = nil) async throws(LabError) -> [LabBoot] {
        let began = ContinuousClock.now
        return try await alone { () async throws(LabError) in
            let plan = plan.keepingLimits(of: try recordedHosts())
            let images = try await provideImages(Set(plan.hosts.map(\.release)))
            let login = try await LabKeys(identity: identity).login()
            try await removeSurplus(plan, images: images)
            try await LabMachine(identity: identity).join(plan) { [progress] in progress(.waiting) }
            try LabRecord(name: identity.name, images: images, hosts: plan.hosts).write(identity.recordFile)
            let seeds = try await seeds(plan, login: login)
            try writeKnownHosts(seeds)
            let wanted = seeds.filter { seed in
                let host = seed.files.host
                return chosen?.contains(host.name) ?? true || HostMachine(identity: identity, host: host).leader != nil
            }
            return try await start(wanted, images: images, since: began)
        }
    }

    /// Takes the lab away: hosts, disks, network, keys. Found by name, so nothing needs to be remembered.
    /// - Throws: ``LabError``.
    public func down() async throws(LabError) {
        try await alone { () async throws(LabError) in
            // A record that cannot be read is no reason to leave the hosts running: they are found by name.
            let known = (try? LabRecord.read(identity.recordFile))?.hosts ?? []
            try await LabRemains(identity: identity).clear()
            try await LabMachine(identity: identity).leave { [progress] in progress(.waiting) }
            try await Tool("rm", "-rf", "--one-file-system", identity.folder).run()
            // Goes when it was the last lab's.
            rmdir(URL(fileURLWithPath: identity.folder).deletingLastPathComponent().path)
            for host in known { progress(.removed(host.name)) }
        }
    }

    /// The lab's hosts, in the inventory's order; empty when there is no such lab.
    /// - Throws: ``LabError``.
    public func status() async throws(LabError) -> [LabHostStatus] {
        let hosts = try recordedHosts()
        return try await forEachBounded(hosts) { host async throws(LabError) in
            let machine = HostMachine(identity: identity, host: host)
            let leader = machine.leader
            let state: LabHostStatus.State = leader == nil ? .off : await machine.answersSSH() ? .up : .silent
            return LabHostStatus(host: host, state: state, leader: leader)
        }
    }

    /// The hosts that the lab was made of, whether or not they run.
    /// - Throws: ``LabError`` when the record cannot be read.
    public func recordedHosts() throws(LabError) -> [LabHost] { try LabRecord.read(identity.recordFile)?.hosts ?? [] }

    /// Cuts the power of `names`. Their disks stay, without what had not been synced to those that are real file systems.
    /// - Throws: ``LabError`` `.notUp` when the lab has no such host.
    public func powerOff(_ names: [HostName]) async throws(LabError) {
        try await alone { () async throws(LabError) in
            try await forEachBounded(try find(names).hosts) { host async throws(LabError) in
                try await HostMachine(identity: identity, host: host).powerOff()
            }
        }
    }

    /// Switches `names` on again, and returns when their SSH answers.
    /// - Throws: ``LabError`` `.notUp` when the lab has no such host.
    public func powerOn(_ names: [HostName]) async throws(LabError) {
        try await restart(names, forgettingDisks: false)
    }

    /// Gives `names` fresh disks and boots them. Their SSH keys stay.
    /// - Throws: ``LabError`` `.notUp` when the lab has no such host.
    public func reset(_ names: [HostName]) async throws(LabError) {
        try await restart(names, forgettingDisks: true)
    }
}

extension LabControl {
    /// Does `work` while no other Drover of this machine changes the lab.
    @discardableResult
    func alone<Value: Sendable>(_ work: () async throws(LabError) -> Value) async throws(LabError) -> Value {
        try LabMachine.check()
        return try await FileLock.take("lab-\(identity.id)") { [progress] in progress(.waiting) }.whileHeld(work)
    }

    private func restart(_ names: [HostName], forgettingDisks: Bool) async throws(LabError) {
        let began = ContinuousClock.now
        try await alone { () async throws(LabError) in
            let (record, hosts) = try find(names)
            let plan = try plan(of: record)
            if forgettingDisks {
                try await forEachBounded(hosts) { host async throws(LabError) in
                    try await HostMachine(identity: identity, host: host).powerOff()
                    try await forgetDisk(of: host)
                }
            }
            let all = try await seeds(plan, login: LabKeys(identity: identity).login())
            try await start(all.filter { hosts.contains($0.files.host) }, images: record.images, since: began)
        }
    }

    private func plan(of record: LabRecord) throws(LabError) -> LabPlan {
        do {
            return try LabPlan(hosts: record.hosts)
        } catch { throw LabError(.stuck, "the lab's record is damaged: \(error.message)") }
    }

    func find(_ names: [HostName]) throws(LabError) -> (record: LabRecord, hosts: [LabHost]) {
        guard let record = try LabRecord.read(identity.recordFile) else {
            throw LabError(
                .notUp, "there is no lab '\(identity.name)' under \(identity.folder)",
                hints: ["boot it: drover lab up -i INVENTORY"])
        }
        var hosts: [LabHost] = []
        for name in names {
            guard let host = record.hosts.first(where: { $0.name == name }) else {
                throw LabError(
                    .notUp, host: name, "lab '\(identity.name)' has no such host",
                    hints: ["it has: \(record.hosts.map(\.name.description).joined(separator: ", "))"])
            }
            hosts.append(host)
        }
        return (record, hosts)
    }
}
