public import Fleet

/// How the settings of a stage's releases differ from those that the service's file has for it now.
public struct SettingsChange: Hashable, Sendable {
    /// Variables that come.
    public var added: [String] = []
    /// Variables with another value.
    public var changed: [String] = []
    /// Variables that go.
    public var removed: [String] = []
    /// The release as it would be.
    public var release: ReleaseID
}

extension StageSession {
    private static let patience = Duration.seconds(10)

    /// `build` with the settings that the service's file has for the stage now.
    /// - Throws: ``InputError`` for what is wrong with them, and for what no password opens.
    func withSettings(_ build: BuildDigest, within patience: Patience? = nil) async throws -> BuildDigest {
        build.with(try await settingsNow(within: patience)?.id)
    }

    /// The settings of now, under the salt that hosts know them by; `nil` where there are none.
    private func settingsNow(within patience: Patience? = nil) async throws -> SettingsFile? {
        try await drivers.book.now {
            let settings = try drivers.settings.read(site.file, name)
            if settings.isEmpty { return nil }
            let current = try await currentBuild()?.settings
            let known = await asking(within: patience) { host in
                // Who does not answer is no source.
                try? await releases(site, token: 0).settingsMarks(on: host)
            }
            .flatMap { $0 ?? [] }.filter { SettingsFile(settings, salt: $0.salt).id == $0.release.settings }
            let mark = known.first { $0.release.settings == current } ?? known.first
            return SettingsFile(settings, salt: mark?.salt ?? drivers.settings.newSalt())
        }
    }

    /// Settings of a release: those of now, else those that some host has.
    /// - Throws: ``StageError`` `.missingSettings`.
    func settings(_ id: SettingsID, within patience: Patience? = nil) async throws -> SettingsFile {
        try await drivers.book.file(id) {
            let answers = await asking(within: patience) { host in
                // Who does not answer is no source.
                try? await releases(site, token: 0).settings(id, on: host)
            }
            guard let file = answers.compactMap({ $0 ?? nil }).first else {
                throw StageError.missingSettings(id, for: name)
            }
            for setting in file.settings where setting.isSecret { drivers.settings.keep(setting.value.reveal()) }
            return file
        }
    }

    /// What every member says; `nil` for one that does not, which is no source.
    private func asking<Answer: Sendable>(
        within patience: Patience?, _ question: @escaping @Sendable (HostName) async -> Answer?
    ) async -> [Answer?] {
        let patience = patience ?? Patience(ContinuousClock(), least: Self.patience, most: Self.patience)
        return await forEachBounded(site.pool.members.map(\.host)) { host in
            await patience.bounded({ _ in Answer?.none }) { await question(host) }
        }
    }

    /// How the settings that `build` has on hosts differ from those of now; `nil` where they are the same.
    func settingsChange(of build: BuildDigest, within patience: Patience? = nil) async throws -> SettingsChange? {
        let wanted = try await withSettings(build, within: patience)
        guard wanted != build else { return nil }
        let new = Self.values(try await settingsNow())
        var old: [String: Secret<String>] = [:]
        // What no host has any more is told as if it had been nothing.
        if let id = build.settings { old = Self.values(try? await settings(id, within: patience)) }
        return SettingsChange(
            added: new.keys.filter { old[$0] == nil }.sorted(),
            changed: new.filter { old[$0.key] != nil && old[$0.key] != $0.value }.keys.sorted(),
            removed: old.keys.filter { new[$0] == nil }.sorted(), release: wanted.release)
    }

    private static func values(_ file: SettingsFile?) -> [String: Secret<String>] {
        Dictionary(uniqueKeysWithValues: (file?.settings ?? []).map { ($0.name, $0.value) })
    }

    /// Brings the settings that the service's file has now to hosts that have others, as a rollout of the build that they run.
    /// - Returns: Where that rollout stands; `nil` where nothing is to be done.
    func bringSettings(under lease: Lease) async throws -> RolloutState? {
        guard let current = try await currentBuild(), let change = try await settingsChange(of: current) else {
            return nil
        }
        tell(.changingSettings(change))
        return try await begin(
            RolloutPlan(
                stage: name, build: try await withSettings(current), baseline: current.release, baselineBuild: current,
                hosts: site.pool.members.map(\.host), policy: site.stage.rollout), under: lease)
    }

    /// A build with the settings it was last good with on the stage, else with those of now.
    func withGoodSettings(_ build: BuildDigest) async throws -> BuildDigest {
        let good = try await journal.runs(stage: name, limit: 500).first { run in
            run.kind.isRollout && run.outcome == .succeeded && run.build?.file == build.file
        }
        if let known = good?.build { return known }
        return try await withSettings(build)
    }
}
