import Fleet
import Rollouts

/// A build as programs read it.
struct BuildAnswer: SchemaDocument {
    static let schema = DocumentSchema(
        "build", "A build",
        [
            .always("digest", .text, "SHA-256 of its archive, 64 digits"),
            .always("release", .text, "the digest's first 12 digits: the name of its folder on hosts"),
            .always("name", .text, "what people call it"),
            .maybe("otherNames", .list(.text), "what it was called when it was added again"),
            .always("size", .integer, "bytes of the archive"),
            .maybe("addedAt", .time, "when it was first added; absent for one that was only written to a file"),
            .always("provenance", .map(.text), "where it comes from, as its adder said"),
            .maybe("tar", .text, "SHA-256 of the tar within, where somebody looked"),
            .maybe("signatures", .list(SignatureAnswer.shape), "who vouches for it, where somebody does"),
            .maybe("path", .text, "`build make --output`: the file that it was written to"),
            .maybe("here", .flag, "`build list`: whether its file is on this machine"),
            .maybe("shared", .flag, "`build list`: whether its file is in the shared store, where that could be asked"),
            .maybe("damaged", .flag, "`build list`: true where the file in the shared store is not what it was"),
            .maybe("stages", .list(.text), "`build list`: stages whose hosts run it, as far as that is known here"),
        ])

    let digest: BuildDigest
    let release: ReleaseID
    let name: String
    /// What it was called when it was added again; absent where it never was.
    var otherNames: [String]?
    let size: Int64
    /// When it was first added; absent for one that was only written to a file.
    let addedAt: String?
    let provenance: [String: String]
    /// SHA-256 of the tar within.
    var tar: String?
    /// Who vouches for it.
    var signatures: [SignatureAnswer]?
    /// The file that it was written to, where it is kept nowhere else.
    var path: String?
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
        otherNames = build.otherNames.isEmpty ? nil : build.otherNames
        size = build.size
        addedAt = build.addedAt.description
        provenance = build.provenance
        tar = build.tar?.description
        signatures = build.signatures.isEmpty ? nil : build.signatures.map { SignatureAnswer($0) }
    }

    init(_ packed: PackedFolder) {
        digest = packed.digest
        release = packed.digest.release
        name = packed.name
        size = packed.size
        addedAt = nil
        provenance = packed.provenance
        path = packed.path
    }

    init(_ build: ListedBuild, _ signatures: [SignatureAnswer]) {
        self.init(build.record)
        self.signatures = signatures.isEmpty ? nil : signatures
        (here, shared, stages) = (build.isHere, build.isShared, build.stages)
        damaged = build.isDamaged ? true : nil
    }
}
