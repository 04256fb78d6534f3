public import Fleet

/// A release on a host that has settings, and the salt of its file.
public struct SettingsMark: Sendable, Hashable {
    /// The release.
    public var release: ReleaseID
    /// What its settings are hashed with.
    public var salt: Secret<String>

    /// A release whose settings are hashed with `salt`.
    public init(release: ReleaseID, salt: Secret<String>) { (self.release, self.salt) = (release, salt) }
}

/// Has settings back that hosts hold. Changes nothing on them.
public protocol SettingsControl: Sendable {
    /// The releases with settings that the host has.
    func settingsMarks(on host: HostName) async throws(RolloutError) -> [SettingsMark]

    /// Settings that some release on the host has; `nil` where none does.
    func settings(_ id: SettingsID, on host: HostName) async throws(RolloutError) -> SettingsFile?
}

extension ShellReleases: SettingsControl {
    /// The releases with settings that the host has.
    public func settingsMarks(on host: HostName) async throws(RolloutError) -> [SettingsMark] {
        let result = try await run(
            script.settingsMarks, on: host, deadline: .seconds(30), isConfidential: true)
        try expectSuccess(result, host, doing: "asking for settings")
        return result.text.lines.compactMap { line in
            let words = line.split(separator: " ")
            guard words.count == 2, words[0].hasPrefix("settings="), let release = ReleaseID(words[0].dropFirst(9)),
                release.settings != nil
            else { return nil }
            return SettingsMark(release: release, salt: Secret(String(words[1])))
        }
    }

    /// Settings that some release on the host has.
    public func settings(_ id: SettingsID, on host: HostName) async throws(RolloutError) -> SettingsFile? {
        let result = try await run(
            script.settingsText(id), on: host, deadline: .seconds(30), isConfidential: true)
        if result.status == ReleaseScript.Status.missing { return nil }
        guard result.succeeded else {
            // What it wrote may be half of a secret.
            throw RolloutError(.command, host: host, "settings \(id) cannot be read there")
        }
        return SettingsFile(parsing: result.text, id: id)
    }
}
