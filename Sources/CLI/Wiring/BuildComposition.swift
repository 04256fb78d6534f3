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
                terminal.warn("build \(build.digest.release) was not put into \(error.place): \(error.message)")
                for hint in error.hints { terminal.tell(hint: hint) }
            case .soleFolder(let file, let folder):
                terminal.warn("\(file): everything in it lies in the folder \(folder)/")
                terminal.tell(hint: "if that is not meant: tar -C \(folder) -czf build.tar.gz .")
            case .solePackedFolder(let folder, let inner):
                terminal.warn(soleFolder: inner, in: folder)
            case .packed(let folder): terminal.tell(folder)
            case .knownAs(let build):
                terminal.say("the same build is here already, as \(build.name), added \(build.addedAt)")
            }
        }
    }
}
