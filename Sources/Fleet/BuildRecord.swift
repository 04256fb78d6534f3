/// A build known by its content, and where it came from.
public struct BuildRecord: Hashable, Sendable, Codable {
    /// SHA-256 of the file, 64 lower-case hexadecimal digits.
    public let digest: String
    /// The file's name when it was added.
    public let name: String
    /// Length in bytes.
    public let size: Int64
    /// When it was first added.
    public let addedAt: Timestamp
    /// Where it came from: commit, pipeline, whatever the adder said.
    public let provenance: [String: String]

    /// A build as it stands in a journal.
    public init(digest: String, name: String, size: Int64, addedAt: Timestamp, provenance: [String: String] = [:]) {
        self.digest = digest
        self.name = name
        self.size = size
        self.addedAt = addedAt
        self.provenance = provenance
    }
}

/// Which builds a stage runs and could go back to.
public struct StageRecord: Hashable, Sendable, Codable {
    /// The stage.
    public let stage: String
    /// Digest of the build every host should run.
    public var current: String?
    /// Digest of the last good build before it.
    public var previous: String?
    /// The run that said so.
    public var run: RunID?
    /// When it did.
    public var updatedAt: Timestamp

    /// What `stage` runs.
    public init(
        stage: String, current: String? = nil, previous: String? = nil, run: RunID? = nil, updatedAt: Timestamp
    ) {
        self.stage = stage
        self.current = current
        self.previous = previous
        self.run = run
        self.updatedAt = updatedAt
    }
}

/// That a build passed every gate of a stage.
public struct Evidence: Hashable, Sendable, Codable {
    /// Digest of the build.
    public let build: String
    /// The stage it passed.
    public let stage: String
    /// The run in which it did.
    public let run: RunID
    /// When it did.
    public let at: Timestamp

    /// `build` passed `stage`.
    public init(build: String, stage: String, run: RunID, at: Timestamp) {
        self.build = build
        self.stage = stage
        self.run = run
        self.at = at
    }
}

/// The time-limited right to change a stage.
public struct Lease: Hashable, Sendable, Codable {
    /// The stage it is for.
    public let stage: String
    /// Fencing token: greater than that of every earlier lease of the stage, so a host can refuse a writer whose time
    /// is over.
    public let token: Int64
    /// Who holds it.
    public let holder: String
    /// When it ends by itself.
    public let expiresAt: Timestamp

    /// A lease as it stands in a journal.
    public init(stage: String, token: Int64, holder: String, expiresAt: Timestamp) {
        self.stage = stage
        self.token = token
        self.holder = holder
        self.expiresAt = expiresAt
    }
}
