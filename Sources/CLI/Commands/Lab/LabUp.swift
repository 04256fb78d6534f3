import ArgumentParser
import Fleet
import Inventories
import Lab

/// `drover lab up`: makes the lab what the inventory says.
struct LabUp: FleetCommand {
    static let configuration = CommandConfiguration(
        commandName: "up", abstract: "Boot the inventory's hosts that are not up; take away those it no longer has.",
        discussion: """
            Safe to repeat, also after it was killed. With --limit, hosts that do not match stay as they are. The lab's \
            key and known_hosts are in .drover/labs/NAME/. 'lab_disk: {path: /var/lib/etcd, size: 512M}' gives a host a \
            real file system there: synced data survives a power cut, and it can be full. 'lab_release: 13' boots it \
            with Debian 13. 'lab_cpus: 0.2', 'lab_memory: 256M' and 'lab_io: {read_iops: 200}' limit it; see lab limit.
            """
    )
    .examples("drover lab up -i inventory/staging.yml", "drover lab up -i inventory/staging.yml --release 13")

    @OptionGroup var lab: LabOptions
    @Option(help: "Debian of the hosts whose lab_release says nothing: 12 or 13 (default: what each has, else 12).")
    var release: LabRelease?
    @OptionGroup var format: FormatOptions
    @OptionGroup(title: "Messages") var talk: TalkOptions

    func execute(_ seams: Seams) async throws -> ExitStatus {
        let control = try lab.control(seams)
        var connection = try ConnectionOptions.parse([])
        connection.login.vault = lab.vault
        let access = try Composition.hosts(lab.inventory, connection, seams)
        let (plan, chosen) = try plan(access, control)
        try control.review(plan)
        let boots = try await control.up(plan, booting: chosen)
        var table = Table("HOST", "ADDRESS", "USER", "DEBIAN", "SSH AFTER")
        for boot in boots {
            table.add(
                boot.host.name.description, boot.host.address.description, boot.host.user,
                boot.host.release.rawValue, boot.wasUp ? "was up" : LabTime.text(boot.elapsed))
        }
        try seams.terminal.show(table, or: boots.map(LabBootAnswer.init), as: format.format)
        try tellTheWay(access, try lab.identity(seams), seams.terminal)
        return .done
    }

    /// Says how the inventory gets at the hosts, where it names no known_hosts yet: their keys are in the lab's alone.
    private func tellTheWay(_ access: HostAccess, _ identity: LabIdentity, _ terminal: Terminal) throws {
        let strangers = try access.inventory.hosts.filter { host in
            let route = try access.route(to: host)
            return route.connection == .ssh && route.settings.knownHostsFiles == nil
                && route.settings.pinnedHostKeys == nil
        }
        guard !strangers.isEmpty else { return }
        terminal.tell("the inventory does not say yet how \(NodeSet.text(strangers)) can be reached; add to its vars:")
        terminal.tell("    ansible_ssh_private_key_file: \(identity.identityFile)")
        terminal.tell("    ansible_ssh_common_args: -o UserKnownHostsFile=\(identity.knownHostsFile)")
    }

    /// What the lab is to be, and which of its hosts may be booted. A host that the limit leaves out stays as the lab has it.
    private func plan(_ access: HostAccess, _ control: LabControl) throws -> (plan: LabPlan, chosen: Set<HostName>) {
        let all = access.inventory.hosts
        let places = all.reduce(into: [:]) { $0[$1] = access.inventory.location(of: $1) }
        let present = try control.recordedHosts()
        func host(_ name: HostName) throws -> LabHost? {
            try self.host(name, access, before: present.first { $0.name == name })
        }
        guard let limit = lab.inventory.limit else {
            return (try LabPlan(hosts: all.compactMap(host), places: places), Set(all))
        }
        let chosen = Set(try all.isEmpty ? [] : access.inventory.hosts(matching: limit))
        let hosts = try all.compactMap { name in
            chosen.contains(name) ? try host(name) : present.first { $0.name == name }
        }
        return (try LabPlan(hosts: hosts, places: places), chosen)
    }

    /// What the lab needs to know of `name`; nothing for this machine itself.
    private func host(_ name: HostName, _ access: HostAccess, before: LabHost?) throws -> LabHost? {
        let route = try access.route(to: name)
        guard route.connection == .ssh else { return nil }
        let isNamed =
            route.name == name.description && !name.description.allSatisfy { "0123456789.".contains($0) }
        let disks = try access.value(of: LabDiskVariable.name, on: name)
        let release = try access.value(of: LabReleaseVariable.name, on: name)
        let fuse = try access.value(of: LabLimitVariables.fuse, on: name)
        let limited = try [LabLimitVariables.cpus, LabLimitVariables.memory, LabLimitVariables.io].map {
            try access.value(of: $0, on: name)
        }
        do {
            return try LabHost(
                name: name, address: isNamed ? nil : route.name, port: route.settings.port ?? 22,
                user: route.settings.user ?? "root", disks: LabDiskVariable.disks(disks, of: name),
                release: LabReleaseVariable.release(release, of: name) ?? self.release ?? before?.release ?? .standard,
                hasFuse: LabLimitVariables.hasFuse(fuse, of: name),
                limits: LabLimitVariables.limits(cpus: limited[0], memory: limited[1], io: limited[2], of: name))
        } catch { throw error.located(at: access.inventory.location(of: name)) }
    }
}
