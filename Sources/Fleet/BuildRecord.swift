/// A build known by its content, and where it came from.
public struct BuildRecord: Hashable, Sendable, Codable {
    /// What the file holds.
    public let digest: BuildDigest
    /// What it was called when it was first added.
    public let name: String
    /// Absent where there are none, and in what earlier versions wrote.
    private var later: [String]?
    /// Length in bytes.
    public let size: Int64
    /// When it was first added.
    public let addedAt: Timestamp
    /// Where it came from: commit, pipeline, whatever the adder said.
    public let provenance: [String: String]
    /// The tar within its file; `nil` where nobody looked, as earlier versions did not.
    public private(set) var tar: TarDigest?
    /// Absent where nobody signed it, and in what earlier versions wrote.
    private var signed: [BuildSignature]?

    /// A build as it stands in a journal.
    public init(
        digest: BuildDigest, name: String, otherNames: [String] = [], size: Int64, addedAt: Timestamp,
        provenance: [String: String] = [:], tar: TarDigest? = nil, signatures: [BuildSignature] = []
    ) {
        self.tar = tar
        signed = signatures.isEmpty ? nil : signatures
        self.digest = digest
        self.name = name
        later = otherNames.isEmpty ? nil : otherNames
        self.size = size
        self.addedAt = addedAt
        self.provenance = provenance
    }

    private enum CodingKeys: String, CodingKey {
        case digest, name
        case later = "otherNames"
        case size, addedAt, provenance, tar
        case signed = "signatures"
    }

    /// Who vouches for it, the first to do so first.
    public var signatures: [BuildSignature] { signed ?? [] }

    /// So many signatures of a build are kept.
    private static let mostSignatures = 16

    /// What it was called when it was added again, in that order.
    public var otherNames: [String] { later ?? [] }

    /// Everything that it is called: names are labels of what a build holds.
    public var names: [String] { [name] + otherNames }

    /// The same build, found by the names of `other` as well, and with what that knows of its content and of who signed it.
    /// What else is known of it stays.
    public func taking(newsOf other: BuildRecord) -> Self {
        var build = self
        let new = other.names.filter { !names.contains($0) }
        if !new.isEmpty { build.later = otherNames + new }
        build.tar = tar ?? other.tar
        let others = other.signatures.filter { signature in !signatures.contains { $0.text == signature.text } }
        if !others.isEmpty { build.signed = Array((signatures + others).prefix(Self.mostSignatures)) }
        return build
    }

    /// The same build as `tar` has it and `signature` vouches for it.
    public func taking(tar: TarDigest?, signature: BuildSignature? = nil) -> Self {
        let news = BuildRecord(
            digest: digest, name: name, size: size, addedAt: addedAt, tar: tar, signatures: signature.map { [$0] } ?? []
        )
        return taking(newsOf: news)
    }
}

/// Which builds a stage runs and could go back to.
public struct StageRecord: Hashable, Sendable, Codable {
    /// The stage.
    public let stage: String
    /// The build that every host should run.
    public var current: BuildDigest?
    /// The last good build before it.
    public var previous: BuildDigest?
    /// The run that said so.
    public var run: RunID?
    /// When it did.
    public var updatedAt: Timestamp

    /// What `stage` runs.
    public init(
        stage: String, current: BuildDigest? = nil, previous: BuildDigest? = nil, run: RunID? = nil,
        updatedAt: Timestamp
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
    /// The build.
    public let build: BuildDigest
    /// The stage it passed.
    public let stage: String
    /// The run in which it did.
    public let run: RunID
    /// When it did.
    public let at: Timestamp

    /// `build` passed `stage`.
    public init(build: BuildDigest, stage: String, run: RunID, at: Timestamp) {
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
    /// What for, where that is known.
    public var purpose: String?
    /// The least token that is greater; the greatest there is has none above it.
    public var tokenAbove: Int64 { token < .max ? token + 1 : token }

    /// A lease as it stands in a journal, or on hosts.
    public init(stage: String, token: Int64, holder: String, expiresAt: Timestamp, purpose: String? = nil) {
        self.purpose = purpose
        self.stage = stage
        self.token = token
        self.holder = holder
        self.expiresAt = expiresAt
    }
}
