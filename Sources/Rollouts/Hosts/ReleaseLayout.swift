public import Fleet

/// Where a service's releases lie on a host, and what is restarted when the current one changes.
public struct ReleaseLayout: Hashable, Sendable {
    /// Name of the service: letters, digits, `.`, `_` and `-`.
    public var service: String
    /// Name of the stage that the host belongs to: as a service's.
    public var stage: String
    /// Folder with `releases/`, `current` and `shared/`.
    public var root: String
    /// systemd units to restart, in order.
    public var units: [String]
    /// Folder for the lock, what stands there about stages, and the note of an unconfirmed release.
    public var stateFolder: String
    /// Folder for the units that take an unconfirmed release back.
    public var unitFolder: String
    /// Whose rights changes are made with.
    public var privilege: Privilege
    /// How many releases are kept beside the current and the last good one.
    public var keeps: Int

    /// A layout; state is kept in `/var/lib/drover/<service>` unless `stateFolder` says otherwise.
    public init(
        service: String, stage: String, root: String, units: [String], stateFolder: String? = nil,
        unitFolder: String = "/etc/systemd/system", privilege: Privilege = .root, keeps: Int = 3
    ) {
        self.service = service
        self.stage = stage
        self.root = root
        self.units = units
        self.stateFolder = stateFolder ?? "/var/lib/drover/\(service)"
        self.unitFolder = unitFolder
        self.privilege = privilege
        self.keeps = keeps
    }

    /// Folder for what stands on hosts and balancers about the stage: fencing token, lease, what it runs.
    public var stageFolder: String { "\(stateFolder)/stages/\(stage)" }

    /// Folder of `release`.
    public func folder(of release: ReleaseID) -> String { "\(root)/releases/\(release)" }

    /// Where a build's file is kept as long as its release is there.
    public func archive(_ digest: BuildDigest) -> String { "\(root)/releases/\(Self.archivePrefix)\(digest.file)" }

    /// Where a build's tar, packed anew, is kept in place of its file.
    public func tarArchive(_ digest: BuildDigest, _ tar: TarDigest) -> String { "\(archive(digest)).tar-\(tar)" }

    /// What the names of kept archives begin with.
    static let archivePrefix = ".archive-"

    /// Where a build's file is put before it is unpacked.
    public func incoming(_ digest: BuildDigest) -> String { "\(root)/releases/.incoming-\(digest.file)" }

    /// Where what differs from another build is put before the build is made of both.
    public func incomingDelta(_ digest: BuildDigest) -> String { "\(incoming(digest)).delta" }
}

/// How a build's file is packed.
public enum ArchiveKind: String, Hashable, Sendable, Codable, CaseIterable {
    /// tar, compressed with gzip.
    case gzip
    /// tar, compressed with zstd; the hosts need the `zstd` program.
    case zstd
    /// tar as it is.
    case plain

    /// What a file that begins with `head` is, if it is a tar archive of a known kind; 262 bytes are enough.
    public init?(head: [UInt8]) {
        if head.starts(with: [0x1F, 0x8B]) {
            self = .gzip
        } else if head.starts(with: [0x28, 0xB5, 0x2F, 0xFD]) {
            self = .zstd
        } else if head.count >= 262, head[257..<262].elementsEqual("ustar".utf8) {
            self = .plain
        } else {
            return nil
        }
    }

    /// The flag that makes `tar` read it.
    var tarFlag: String {
        switch self {
        case .gzip: "--gzip"
        case .zstd: "--zstd"
        case .plain: "--no-auto-compress"
        }
    }
}

/// A build's file on this machine.
public struct StoredBuild: Hashable, Sendable {
    /// What it is.
    public var digest: BuildDigest
    /// Where it lies.
    public var path: String
    /// How it is packed.
    public var kind: ArchiveKind
    /// What it takes on a host's disk; `nil` when nobody looked.
    public var extent: BuildExtent?
    /// What is noted beside its release on hosts: a ``BuildNote`` as one line of JSON; `nil` for nothing.
    public var note: String?
    /// The tar within it; `nil` when nobody looked.
    public var tar: TarDigest?
    /// The length of that in bytes.
    public var tarSize: Int64?
    /// Whether the file holds the build's tar packed anew, and is not what ``digest`` says: the tar is verified then.
    public var isRepacked = false

    /// The build at `path`.
    public init(digest: BuildDigest, path: String, kind: ArchiveKind, extent: BuildExtent? = nil) {
        self.digest = digest
        self.path = path
        self.kind = kind
        self.extent = extent
    }
}
