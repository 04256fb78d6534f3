import Fleet
import Foundation

extension LabControl {
    /// The image of the lab's disks: the one they were made from, while it is there.
    func provideImage() async throws(LabError) -> String {
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
    func removeSurplus(_ plan: LabPlan, image: String) async throws(LabError) {
        guard let record = try LabRecord.read(identity.recordFile) else { return }
        for host in record.hosts {
            let isWanted = plan.hosts.contains { $0.name == host.name }
            let isAsItWas = plan.hosts.contains {
                $0.name == host.name && $0.address == host.address && $0.port == host.port && $0.disks == host.disks
            }
            if isAsItWas, image == record.image { continue }
            try await HostMachine(identity: identity, host: host).powerOff()
            if !isWanted || image != record.image { try await forgetDisk(of: host) }
            if !isWanted { progress(.removed(host.name)) }
        }
    }

    func forgetDisk(of host: LabHost) async throws(LabError) {
        try await Tool("rm", "-rf", "--one-file-system", identity.hostFolder(host.name)).run()
    }

    func seeds(_ plan: LabPlan, login: KeyPair) async throws(LabError) -> [HostSeed] {
        let resolver = "/run/systemd/resolve/resolv.conf"
        // With systemd-resolved, resolv.conf has only this machine's own loopback; a machine may have neither file.
        let text = ["/etc/resolv.conf", resolver].compactMap { try? String(contentsOfFile: $0, encoding: .utf8) }
        let servers = text.map(HostFiles.nameServers).first { !$0.isEmpty } ?? []
        let keys = LabKeys(identity: identity)
        let publicKey = login.shown.trimmingCharacters(in: .newlines)
        return try await forEachBounded(plan.hosts) { host async throws(LabError) in
            let files = HostFiles(
                identity: identity, plan: plan, host: host, publicKey: publicKey, nameServers: servers)
            return HostSeed(files: files, key: try await keys.key(of: host.name))
        }
    }

    func writeKnownHosts(_ seeds: [HostSeed]) throws(LabError) {
        do {
            try Data(LabKeys.knownHosts(seeds.map { ($0.files.host, $0.key) }).utf8)
                .write(to: URL(fileURLWithPath: identity.knownHostsFile), options: .atomic)
        } catch { throw .fileFailed(identity.knownHostsFile, error) }
    }

    @discardableResult
    func start(
        _ seeds: [HostSeed], image: String, since began: ContinuousClock.Instant
    ) async throws(LabError) -> [LabBoot] {
        let running = seeds.filter { HostMachine(identity: identity, host: $0.files.host).leader != nil }
        let stopped = seeds.filter { seed in !running.contains { $0.files.host == seed.files.host } }
        for seed in running {
            try seed.files.write(to: HostDisk(root: identity.rootFolder(seed.files.host.name)), hostKey: seed.key)
        }
        try await boot(stopped, image: image)
        return try await forEachBounded(seeds) { seed async throws(LabError) in
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
        try await forEachBounded(seeds) { seed async throws(LabError) in
            try await HostMachine(identity: identity, host: seed.files.host).powerOff()
        }
        let network = LabNetwork(identity: identity, plan: seeds[0].files.plan)
        try await network.makeCables(seeds.map(\.files.host)).run()
        try await forEachBounded(seeds) { seed async throws(LabError) in
            let host = seed.files.host
            progress(.booting(host.name))
            let machine = HostMachine(identity: identity, host: host)
            try await network.makeAddress(host).run()
            try await machine.mount(image: image)
            try await machine.makeDisks()
            try seed.files.write(to: HostDisk(root: identity.rootFolder(host.name)), hostKey: seed.key)
            try await machine.boot()
        }
    }
}
