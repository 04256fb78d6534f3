import Fleet
import Rollouts

/// A build that was removed, as programs read it.
struct RemovedBuildAnswer: SchemaDocument {
    static let schema = DocumentSchema(
        "removed-build", "A build that was removed",
        [
            .always("build", .text, "its digest"),
            .always("name", .text, "what people called it"),
            .always("freed", .integer, "bytes freed on this machine"),
            .maybe("freedShared", .integer, "bytes freed in the shared store; absent where it was not removed there"),
        ])

    let build: BuildDigest
    let name: String
    /// In bytes, on this machine.
    let freed: Int64
    /// In bytes, in the shared store; absent where it was not removed there.
    let freedShared: Int64?

    init(_ removed: RemovedBuild) {
        (build, name, freed) = (removed.build.digest, removed.build.name, removed.freed)
        freedShared = removed.freedShared
    }

    /// In bytes, wherever.
    var size: Int64 { freed + (freedShared ?? 0) }

    /// Where else than on this machine it was removed.
    var place: String {
        guard freedShared != nil else { return "" }
        return freed > 0 ? ", here and where builds are shared" : ", where builds are shared"
    }
}

extension Terminal {
    /// Says what was removed and what that freed.
    func show(_ removed: [RemovedBuildAnswer], as format: OutputFormat) throws {
        guard format == .table else { return write(json: try EncodedJSON.pretty(removed)) }
        for build in removed {
            write("removed \(build.build.release)  \(build.name)  \(ByteCount(Int(build.size)))\(build.place)")
        }
        say("\(removed.count.of("build")) removed, \(Self.freed(removed)) freed")
    }

    /// Says what was let go of at the end of a command.
    func tellPruned(runs: Int, builds: [RemovedBuildAnswer]) {
        guard runs > 0 || !builds.isEmpty else { return }
        let words = [runs.of("run"), builds.count.of("build")]
        say("let go of \(words.joined(separator: " and ")) by retention, \(Self.freed(builds)) freed")
    }

    private static func freed(_ builds: [RemovedBuildAnswer]) -> ByteCount {
        ByteCount(Int(builds.reduce(0) { $0 + $1.size }))
    }
}
