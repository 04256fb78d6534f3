public import Fleet
import Foundation

/// Makes a lab's hosts, switches them on and off, and takes the lab away.
///
/// Every method may be repeated, and finishes what one that was killed has begun.
public struct LabControl: Sendable {
    /// Which lab.
    public let identity: LabIdentity
    private let progress: @Sendable (LabEvent) -> Void

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
        try LabMachine.check()
        let lock = try await takeLock()
        let image = try await provideImage()
        let keys = LabKeys(identity: identity)
        let login = try await keys.login()
        try await removeSurplus(plan, image: image)
        try await LabMachine(identity: identity).join(plan) { [progress] in progress(.waiting) }
        try LabRecord(name: identity.name, image: image, hosts: plan.hosts).write(identity.recordFile)
        let seeds = try await seeds(plan, login: login)
        try writeKnownHosts(seeds)
        let wanted = seeds.filter { seed in
            let host = seed.files.host
            return chosen?.contains(host.name) ?? true || HostMachine(identity: identity, host: host).leader != nil
        }
        let boots = try await start(wanted, image: image, since: began)
        _ = consume lock
        return boots
    }

    /// Takes the lab away: hosts, disks, network, keys. Found by name, so nothing needs to be remembered.
    /// - Throws: ``LabError``.
    public func down() async throws(LabError) {
        try LabMachine.check()
        let lock = try await takeLock()
        // A record that cannot be read is no reason to leave the hosts running: they are found by name.
        let known = (try? LabRecord.read(identity.recordFile))?.hosts ?? []
        try await LabRemains(identity: identity).clear()
        try await LabMachine(identity: identity).leave { [progress] in progress(.waiting) }
        try await Tool("rm", "-rf", "--one-file-system", identity.folder).run()
        // Goes when it was the last lab's.
        rmdir(URL(fileURLWithPath: identity.folder).deletingLastPathComponent().path)
        for host in known { progress(.removed(host.name)) }
        _ = consume lock
    }

    /// The lab's hosts, in the inventory's order; empty when there is no such lab.
    /// - Throws: ``LabError``.
    public func status() async throws(LabError) -> [LabHostStatus] {
        let hosts = try LabRecord.read(identity.recordFile)?.hosts ?? []
        return try await forEach(hosts) { host throws(LabError) in
            let machine = HostMachine(identity: identity, host: host)
            let leader = machine.leader
            let state: LabHostStatus.State = leader == nil ? .off : await machine.answersSSH() ? .up : .silent
            return LabHostStatus(host: host, state: state, leader: leader)
        }
    }

    /// Cuts the power of `names`. Their disks stay.
    /// - Throws: ``LabError`` `.notUp` when the lab has no such host.
    public func powerOff(_ names: [HostName]) async throws(LabError) {
        try LabMachine.check()
        let lock = try await takeLock()
        let (_, hosts) = try find(names)
        try await forEach(hosts) { host throws(LabError) in
            try await HostMachine(identity: identity, host: host).powerOff()
        }
        _ = consume lock
    }

    /// Switches `names` on again, and returns when their SSH answers.
    /// - Throws: ``LabError`` `.notUp` when the lab has no such host.
    public func powerOn(_ names: [HostName]) async throws(LabError) {
        try await restart(names, forgettingDisks: false)
    }

    /// Gives `names` a fresh disk each and boots them. Their SSH keys stay.
    /// - Throws: ``LabError`` `.notUp` when the lab has no such host.
    public func reset(_ names: [HostName]) async throws(LabError) {
        try await restart(names, forgettingDisks: true)
    }

    /// The program and arguments that log into `name` with the installed OpenSSH client.
    /// - Throws: ``LabError`` `.notUp` when the lab has no such host.
    public func sshWords(_ name: HostName) throws(LabError) -> [String] {
        let (_, hosts) = try find([name])
        return hosts.flatMap { host in
            [
                "ssh", "-F", "none", "-i", identity.identityFile, "-o", "IdentitiesOnly=yes", "-o",
                "UserKnownHostsFile=\"\(identity.knownHostsFile)\"", "-o", "StrictHostKeyChecking=yes",
                "-p", String(host.port), "\(host.user)@\(host.address)",
            ]
        }
    }

    /// The program and arguments that run `words` as root inside `name`, also when its SSH does not answer.
    /// - Throws: ``LabError`` `.notUp` when the lab has no such host, or it does not run.
    public func execWords(_ name: HostName, _ words: [String]) throws(LabError) -> [String] {
        let (_, hosts) = try find([name])
        guard let host = hosts.first, let leader = HostMachine(identity: identity, host: host).leader else {
            throw LabError(.notUp, host: name, "it is switched off", hints: ["switch it on: drover lab on \(name)"])
        }
        return [
            "nsenter", "--target", String(leader), "--all", "--wdns=/", "--", "env", "-i", "HOME=/root",
            "LANG=C.UTF-8", "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "TERM=xterm",
        ] + words
    }

    /// Runs `words` as root inside `name`, also when its SSH does not answer.
    /// - Throws: ``LabError`` `.notUp` when the lab has no such host, or it does not run.
    public func run(_ words: [String], on name: HostName) async throws(LabError) -> CommandResult {
        let began = ContinuousClock.now
        let answer = try await Tool(execWords(name, words)).finish()
        return CommandResult(
            status: answer.status, output: Array(answer.output.utf8), errors: Array(answer.errors.utf8),
            elapsed: .now - began)
    }
}

extension LabControl {
    private func takeLock() async throws(LabError) -> FileLock {
        try await FileLock.take("lab-\(identity.id)") { [progress] in progress(.waiting) }
    }

    /// The image of the lab's disks: the one they were made from, while it is there.
    private func provideImage() async throws(LabError) -> String {
        if let image = try LabRecord.read(identity.recordFile)?.image, FileManager.default.fileExists(atPath: image) {
            return image
        }
        let image = try await BaseImage.current()
        if image.exists { return image.folder }
        progress(.buildingImage)
        do {
            try FileManager.default.createDirectory(atPath: BaseImage.store, withIntermediateDirectories: true)
        } catch { throw .fileFailed(BaseImage.store, error) }
        let began = ContinuousClock.now
        try await image.build()
        progress(.imageBuilt(.now - began))
        return image.folder
    }

    /// Takes away recorded hosts that `plan` does not have in the same way, and disks of another image.
    private func removeSurplus(_ plan: LabPlan, image: String) async throws(LabError) {
        guard let record = try LabRecord.read(identity.recordFile) else { return }
        for host in record.hosts {
            let isWanted = plan.hosts.contains { $0.name == host.name }
            if plan.hosts.contains(where: { $0.name == host.name && $0.address == host.address && $0.port == host.port }
            ), image == record.image {
                continue
            }
            try await HostMachine(identity: identity, host: host).powerOff()
            if !isWanted || image != record.image { try await forgetDisk(of: host) }
            if !isWanted { progress(.removed(host.name)) }
        }
    }

    private func forgetDisk(of host: LabHost) async throws(LabError) {
        try await Tool("rm", "-rf", "--one-file-system", identity.hostFolder(host.name)).run()
    }

    private func seeds(_ plan: LabPlan, login: HostKey) async throws(LabError) -> [HostSeed] {
        let resolver = "/run/systemd/resolve/resolv.conf"
        // With systemd-resolved, resolv.conf has only this machine's own loopback; a machine may have neither file.
        let text = ["/etc/resolv.conf", resolver].compactMap { try? String(contentsOfFile: $0, encoding: .utf8) }
        let servers = text.map(HostFiles.nameServers).first { !$0.isEmpty } ?? []
        let keys = LabKeys(identity: identity)
        let publicKey = login.shown.trimmingCharacters(in: .newlines)
        return try await forEach(plan.hosts) { host throws(LabError) in
            let files = HostFiles(
                identity: identity, plan: plan, host: host, publicKey: publicKey, nameServers: servers)
            return HostSeed(files: files, key: try await keys.key(of: host.name))
        }
    }

    private func writeKnownHosts(_ seeds: [HostSeed]) throws(LabError) {
        do {
            try Data(LabKeys.knownHosts(seeds.map { ($0.files.host, $0.key) }).utf8)
                .write(to: URL(fileURLWithPath: identity.knownHostsFile), options: .atomic)
        } catch { throw .fileFailed(identity.knownHostsFile, error) }
    }

    @discardableResult
    private func start(
        _ seeds: [HostSeed], image: String, since began: ContinuousClock.Instant
    ) async throws(LabError) -> [LabBoot] {
        let running = seeds.filter { HostMachine(identity: identity, host: $0.files.host).leader != nil }
        let stopped = seeds.filter { seed in !running.contains { $0.files.host == seed.files.host } }
        for seed in running {
            try seed.files.write(to: HostDisk(root: identity.rootFolder(seed.files.host.name)), hostKey: seed.key)
        }
        try await boot(stopped, image: image)
        return try await forEach(seeds) { seed throws(LabError) in
            let host = seed.files.host
            try await HostMachine(identity: identity, host: host).awaitSSH(patience: Self.bootPatience)
            let boot = LabBoot(
                host: host, wasUp: running.contains { $0.files.host == host }, elapsed: .now - began)
            progress(.ready(boot))
            return boot
        }
    }

    /// Boots hosts that do not run, after clearing what a killed controller or a power cut left of them.
    private func boot(_ seeds: [HostSeed], image: String) async throws(LabError) {
        guard !seeds.isEmpty else { return }
        try await forEach(seeds) { seed throws(LabError) in
            try await HostMachine(identity: identity, host: seed.files.host).powerOff()
        }
        let network = LabNetwork(identity: identity, plan: seeds[0].files.plan)
        try await network.makeCables(seeds.map(\.files.host)).run()
        try await forEach(seeds) { seed throws(LabError) in
            let host = seed.files.host
            progress(.booting(host.name))
            let machine = HostMachine(identity: identity, host: host)
            try await network.makeAddress(host).run()
            try await machine.mount(image: image)
            try seed.files.write(to: HostDisk(root: identity.rootFolder(host.name)), hostKey: seed.key)
            try await machine.boot()
        }
    }

    private func restart(_ names: [HostName], forgettingDisks: Bool) async throws(LabError) {
        let began = ContinuousClock.now
        try LabMachine.check()
        let lock = try await takeLock()
        let (record, hosts) = try find(names)
        let plan = try plan(of: record)
        if forgettingDisks {
            try await forEach(hosts) { host throws(LabError) in
                try await HostMachine(identity: identity, host: host).powerOff()
                try await forgetDisk(of: host)
            }
        }
        let all = try await seeds(plan, login: LabKeys(identity: identity).login())
        try await start(all.filter { hosts.contains($0.files.host) }, image: record.image, since: began)
        _ = consume lock
    }

    private func plan(of record: LabRecord) throws(LabError) -> LabPlan {
        do {
            return try LabPlan(hosts: record.hosts)
        } catch { throw LabError(.stuck, "the lab's record is damaged: \(error.message)") }
    }

    private func find(_ names: [HostName]) throws(LabError) -> (LabRecord, [LabHost]) {
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
