import Fleet
import Rollouts

/// A build as programs read it.
struct BuildAnswer: Encodable {
    let digest: BuildDigest
    let release: ReleaseID
    let name: String
    let size: Int64
    let addedAt: String
    let provenance: [String: String]
    /// Whether its file is on this machine.
    var here: Bool?
    /// Whether its file is in the shared store, where there is one that could be asked.
    var shared: Bool?
    /// Whether its file there cannot be what it was.
    var damaged: Bool?
    /// Stages whose hosts run it, as far as that is known here.
    var stages: [String]?

    init(_ build: BuildRecord) {
        digest = build.digest
        release = build.digest.release
        name = build.name
        size = build.size
        addedAt = build.addedAt.description
        provenance = build.provenance
    }

    init(_ build: ListedBuild) {
        self.init(build.record)
        (here, shared, stages) = (build.isHere, build.isShared, build.stages)
        damaged = build.isDamaged ? true : nil
    }
}
