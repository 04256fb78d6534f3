public import Fleet

/// What a host has of a build.
public struct HostHolding: Hashable, Sendable {
    /// Whether its release is there.
    public var hasRelease: Bool
    /// The size of its archive; `nil` where that is not there: an earlier version kept none, or the host had no room for it.
    public var archiveSize: Int64?
    /// The build's tar, packed anew, where the host made the build itself and never had its file.
    public var repacked: RepackedArchive?

    /// What a host has.
    public init(hasRelease: Bool, archiveSize: Int64? = nil, repacked: RepackedArchive? = nil) {
        (self.hasRelease, self.archiveSize, self.repacked) = (hasRelease, archiveSize, repacked)
    }
}

/// A build's tar in an archive that is not the build's file.
public struct RepackedArchive: Hashable, Sendable {
    /// The tar.
    public var tar: TarDigest
    /// The archive's length in bytes.
    public var size: Int64

    /// A tar in an archive of `size` bytes.
    public init(tar: TarDigest, size: Int64) { (self.tar, self.size) = (tar, size) }

    /// Reads `TAR SIZE`; `nil` for anything else.
    init?(_ text: some StringProtocol) {
        let words = text.split(separator: " ")
        guard words.count == 2, let tar = TarDigest(words[0]), let size = BuildSize(words[1]) else { return nil }
        (self.tar, self.size) = (tar, size.bytes)
    }
}

/// Has builds back that hosts still hold. Changes nothing on them.
public protocol ArchiveControl: Sendable {
    /// What the host has of a build.
    func holding(of build: BuildDigest, on host: HostName) async throws(RolloutError) -> HostHolding

    /// Copies a build's archive of that size from the host into `store`, if it is what its digest says.
    /// - Throws: ``RolloutError``; ``StoreError`` `.unwritable` for `store`.
    func fetch(_ build: BuildDigest, size: Int64, from host: HostName, into store: BuildStore) async throws

    /// Copies a build's tar, packed anew, from the host into `store`, if it is that tar.
    /// - Throws: as ``fetch(_:size:from:into:)``.
    func fetch(
        _ build: BuildDigest, repacked: RepackedArchive, from host: HostName, into store: BuildStore
    ) async throws
}

extension ShellReleases: ArchiveControl {
    /// What the host has of a build.
    public func holding(of build: BuildDigest, on host: HostName) async throws(RolloutError) -> HostHolding {
        let result = try await run(script.holding(build), on: host, deadline: .seconds(30))
        try expectSuccess(result, host, doing: "asking for build \(build.release)")
        let lines = result.text.lines
        let size = lines.first { $0.hasPrefix("archive=") }.flatMap { BuildSize($0.dropFirst(8)) }
        return HostHolding(
            hasRelease: lines.contains("release"), archiveSize: size?.bytes,
            repacked: lines.first { $0.hasPrefix("tar=") }.flatMap { RepackedArchive($0.dropFirst(4)) })
    }

    /// Copies a build's archive from the host into `store`.
    public func fetch(
        _ build: BuildDigest, size: Int64, from host: HostName, into store: BuildStore
    ) async throws {
        try await fetching(build, layout.archive(build), size, from: host) { archive in
            try await store.fetch(build, from: archive)
        }
    }

    /// Copies a build's tar, packed anew, from the host into `store`.
    public func fetch(
        _ build: BuildDigest, repacked: RepackedArchive, from host: HostName, into store: BuildStore
    ) async throws {
        try await fetching(build, layout.tarArchive(build, repacked.tar), repacked.size, from: host) { archive in
            try await store.fetch(build, repacked: repacked.tar, from: archive)
        }
    }

    private func fetching(
        _ build: BuildDigest, _ path: String, _ size: Int64, from host: HostName,
        _ fetch: (RemoteArchive) async throws -> Void
    ) async throws {
        do {
            try await fetch(
                RemoteArchive(
                    transport: try await transport(to: host), path: path, size: size, privilege: layout.privilege))
        } catch let error as TransportError {
            throw RolloutError(error)
        } catch let damaged as DamagedArchive {
            throw RolloutError(
                .command, host: host,
                "the archive of build \(build.release) is damaged there: it is "
                    + "\(damaged.found) now", hints: ["is the host's disk sound?"])
        }
    }
}
