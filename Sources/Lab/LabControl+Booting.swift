import Fleet
import Foundation

extension LabControl {
    /// The images of the lab's disks: the ones they were made from, while they are there.
    func provideImages(_ releases: Set<LabRelease>) async throws(LabError) -> [LabRelease: String] {
        let recorded = try LabRecord.read(identity.recordFile)?.images ?? [:]
        var images = recorded.filter { releases.contains($0.key) && FileManager.default.fileExists(atPath: $0.value) }
        for release in LabRelease.allCases where releases.contains(release) && images[release] == nil {
            images[release] = try await provideImage(release)
        }
        return images
    }

    private func provideImage(_ release: LabRelease) async throws(LabError) -> String {
        let image = try await BaseImage.current(release)
        if image.exists { return image.folder }
        progress(.buildingImage(release))
        do {
            try FileManager.default.createDirectory(atPath: BaseImage.store, withIntermediateDirectories: true)
        } catch { throw .fileFailed(BaseImage.store, error) }
        let began = ContinuousClock.now
        try await image.build()
        progress(.imageBuilt(release, .now - began))
        return image.folder
    }

    /// Takes away recorded hosts that `plan` does not have in the same way, and disks of another image.
    ///
    /// A host of another release is a host anew: its root goes, the file systems beside it stay.
    func removeSurplus(_ plan: LabPlan, images: [LabRelease: String]) async throws(LabError) {
        guard let record = try LabRecord.read(identity.recordFile) else { return }
        for host in record.hosts {
            let wanted = plan.hosts.first { $0.name == host.name }
            let hasItsImage = images[host.release] == record.images[host.release]
            if let wanted, host.isSameMachine(as: wanted), hasItsImage { continue }
            try await HostMachine(identity: identity, host: host).powerOff()
            if wanted == nil {
                try await forgetDisk(of: host)
                progress(.removed(host.name))
            } else if let release = wanted?.release, release != host.release {
                try await forgetRoot(of: host)
                progress(.reinstalling(host.name, release))
            } else if !hasItsImage {
                try await forgetDisk(of: host)
            }
        }
    }

    func forgetDisk(of host: LabHost) async throws(LabError) {
        try await Tool("rm", "-rf", "--one-file-system", identity.hostFolder(host.name)).run()
    }

    private func forgetRoot(of host: LabHost) async throws(LabError) {
        let folders = ["upper", "work", "root"].map { "\(identity.hostFolder(host.name))/\($0)" }
        try await Tool(["rm", "-rf", "--one-file-system"] + folders).run()
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
        _ seeds: [HostSeed], images: [LabRelease: String], since began: ContinuousClock.Instant
    ) async throws(LabError) -> [LabBoot] {
        let running = seeds.filter { HostMachine(identity: identity, host: $0.files.host).leader != nil }
        let stopped = seeds.filter { seed in !running.contains { $0.files.host == seed.files.host } }
        for seed in running {
            try seed.files.write(to: HostDisk(root: identity.rootFolder(seed.files.host.name)), hostKey: seed.key)
        }
        try await boot(stopped, images: images)
        return try await forEachBounded(seeds) { seed async throws(LabError) in
            let host = seed.files.host
            let machine = HostMachine(identity: identity, host: host)
            try await machine.awaitSSH(patience: Self.bootPatience)
            try machine.limit()
            let boot = LabBoot(
                host: host, wasUp: running.contains { $0.files.host == host }, elapsed: .now - began)
            progress(.ready(boot))
            return boot
        }
    }

    /// Boots hosts that do not run, after clearing what a killed controller or a power cut left of them.
    private func boot(_ seeds: [HostSeed], images: [LabRelease: String]) async throws(LabError) {
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
            guard let image = images[host.release] else {
                throw LabError(
                    .stuck, host: host.name, "the lab's record has no image of Debian \(host.release.rawValue)",
                    hints: ["make the lab what the inventory says: drover lab up -i INVENTORY"])
            }
            try await network.makeAddress(host).run()
            try await machine.mount(image: image)
            try await machine.makeDisks()
            try seed.files.write(to: HostDisk(root: identity.rootFolder(host.name)), hostKey: seed.key)
            try await machine.boot()
        }
    }
}
