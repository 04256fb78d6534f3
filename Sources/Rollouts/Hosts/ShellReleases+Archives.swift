public import Fleet

/// What a host has of a build.
public struct HostHolding: Hashable, Sendable {
    /// Whether its release is there.
    public var hasRelease: Bool
    /// The size of its archive; `nil` where that is not there: an earlier version kept none, or the host had no room for it.
    public var archiveSize: Int64?

    /// What a host has.
    public init(hasRelease: Bool, archiveSize: Int64? = nil) {
        (self.hasRelease, self.archiveSize) = (hasRelease, archiveSize)
    }
}

/// Has builds back that hosts still hold. Changes nothing on them.
public protocol ArchiveControl: Sendable {
    /// What the host has of a build.
    func holding(of build: BuildDigest, on host: HostName) async throws(RolloutError) -> HostHolding

    /// Copies a build's archive of that size from the host into `store`, if it is what its digest says.
    /// - Throws: ``RolloutError``; ``StoreError`` `.unwritable` for `store`.
    func fetch(_ build: BuildDigest, size: Int64, from host: HostName, into store: BuildStore) async throws
}

extension ShellReleases: ArchiveControl {
    /// What the host has of a build.
    public func holding(of build: BuildDigest, on host: HostName) async throws(RolloutError) -> HostHolding {
        let result = try await run(script.holding(build), on: host, deadline: .seconds(30))
        try expectSuccess(result, host, doing: "asking for build \(build.release)")
        let size = result.text.lines.first { $0.hasPrefix("archive=") }.flatMap { BuildSize($0.dropFirst(8)) }
        return HostHolding(hasRelease: result.text.lines.contains("release"), archiveSize: size?.bytes)
    }

    /// Copies a build's archive from the host into `store`.
    public func fetch(
        _ build: BuildDigest, size: Int64, from host: HostName, into store: BuildStore
    ) async throws {
        do {
            let archive = RemoteArchive(
                transport: try await transport(to: host), path: layout.archive(build), size: size,
                privilege: layout.privilege)
            try await store.fetch(build, from: archive)
        } catch let error as TransportError {
            throw RolloutError(error)
        } catch let damaged as DamagedArchive {
            throw RolloutError(
                .command, host: host,
                "the archive of build \(build.release) is damaged there: it is "
                    + "\(damaged.found.release) now", hints: ["is the host's disk sound?"])
        }
    }
}
