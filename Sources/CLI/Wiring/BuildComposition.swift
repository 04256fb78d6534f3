import Fleet
import Rollouts

extension Composition {
    /// The builds of a journal and its stores; tells how they are made, and what is odd about one that is added.
    static func builds(
        _ journal: any RunJournal, _ store: BuildStore, _ shared: SharedBuilds?, _ packing: PackingTerms,
        _ terminal: Terminal
    ) -> BuildCatalog {
        BuildCatalog(journal: journal, store: store, shared: shared, controller: .this, terms: packing) { remark in
            switch remark {
            case .unshared(let build, let error):
                terminal.warn("build \(BuildLabel(build)) was not put into \(error.place): \(error.message)")
                for hint in error.hints { terminal.tell(hint: hint) }
            case .soleFolder(let file, let folder):
                terminal.warn("\(file): everything in it lies in the folder \(folder)/")
                terminal.tell(hint: "if that is not meant: tar -C \(folder) -czf build.tar.gz .")
            case .solePackedFolder(let folder, let inner):
                terminal.warn(soleFolder: inner, in: folder)
            case .packed(let folder): terminal.tell(folder)
            case .known(let build, let name, let commit): tell(known: build, name, commit, terminal)
            case .sameName(let build, let others): tell(build, sharingNamesWith: others, terminal)
            }
        }
    }

    private static func tell(known build: BuildRecord, _ name: String?, _ commit: String?, _ terminal: Terminal) {
        terminal.say(
            "the same content is kept already, as \(build.names.joined(separator: ", ")), added \(build.addedAt)"
                + (name.map { ": it is found as \($0) as well from now on" } ?? ""))
        guard let commit else { return }
        let first = build.provenance["commit"].map { "commit \($0.prefix(12))" } ?? "no commit"
        terminal.say("it stays noted as coming from \(first), not from \(commit.prefix(12))")
    }

    private static func tell(
        _ build: BuildRecord, sharingNamesWith others: [BuildRecord], _ terminal: Terminal
    ) {
        let listed = others.prefix(3).map { "\($0.digest.release) of \($0.addedAt)" }.joined(separator: ", ")
        let more = others.count > 3 ? " and \(others.count - 3) more" : ""
        terminal.say("other content has the name of build \(BuildLabel(build)) as well: \(listed)\(more)")
        terminal.tell(hint: "name builds by their digits where one of them is meant, or give each a name of its own")
    }
}
