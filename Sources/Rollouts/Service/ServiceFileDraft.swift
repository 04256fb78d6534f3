import Fleet

/// As much of `drover.yml` as could be read: a part is `nil`, or as if it were not there, where it is mistaken.
public struct ServiceFileDraft: Sendable {
    let path: String
    let folder: String
    let service: String?
    /// Those stages that can be worked with.
    public let stages: [ServiceFile.Stage]
    var root: String?
    var units: [String]?
    /// The pool, where it is whole.
    public var pool: ServiceFile.PoolSettings?
    /// Those tiers that can be worked with.
    public var tiers: [ServiceFile.Tier] = []
    var state: StatePlace?
    var builds: SharedBuildsAddress?
    var retention = Retention()
    var retirement = Retirement()
    var vaultPasswordFile: String?
    var signatures: SignatureRule?

    init(path: String, folder: String, service: String?, stages: [ServiceFile.Stage]) {
        (self.path, self.folder, self.service, self.stages) = (path, folder, service, stages)
    }

    /// The file, where its service and its pool, or its tiers, are known.
    public var file: ServiceFile? {
        guard let service else { return nil }
        if !tiers.isEmpty { return forStages }
        return pool.map { file(service, $0) }
    }

    /// The file for those who look at its stages alone: where service and pool are not known, stand-ins are in their place.
    public var forStages: ServiceFile {
        let pool =
            pool ?? tiers.lazy.compactMap(\.pool).first
            ?? ServiceFile.PoolSettings(
                name: "", balancers: "", members: "", port: 0, check: Pool.Check(), configFile: "", socket: "")
        return file(service ?? "", pool)
    }

    private func file(_ service: String, _ pool: ServiceFile.PoolSettings) -> ServiceFile {
        ServiceFile(
            path: path, folder: folder, service: service, root: root ?? "/srv/\(service)",
            units: units ?? (tiers.isEmpty ? ["\(service).service"] : tiers.everyUnit), pool: pool, tiers: tiers,
            stages: stages, state: state, builds: builds, retention: retention, retirement: retirement,
            vaultPasswordFile: vaultPasswordFile, signatures: signatures)
    }
}
