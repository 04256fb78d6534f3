import Fleet
import Rollouts

extension Terminal {
    /// Says what was packed, and what a release of it will hold.
    func tell(_ packed: PackedFolder) {
        say("packed \(packed.folder) as \(packed.name): \(packed.files.of("file")), \(ByteCount(Int(packed.size)))")
        let shown = packed.top.prefix(Self.mostNames).joined(separator: " ")
        let rest = packed.top.count - Self.mostNames
        say("current/ will hold: \(shown)\(rest > 0 ? " and \(rest) more" : "")")
        guard let revision = packed.revision, revision.changes > 0 else { return }
        warn("the working tree differs from commit \(revision.commit.prefix(12)) in \(revision.changes.of("path"))")
        tell(hint: "commit what belongs to it, so that the build can be made again")
    }

    /// Warns that hosts would unpack one folder.
    func warn(soleFolder inner: String, in folder: String) {
        warn("\(folder): everything in it lies in the folder \(inner)/")
        tell(hint: "if that is not meant: drover build make \(RemoteCommand.quote("\(folder)/\(inner)"))")
    }

    private static let mostNames = 12
}
