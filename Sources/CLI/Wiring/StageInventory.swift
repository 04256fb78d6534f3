import Fleet
import Inventories
import Playbooks
import Rollouts
import Values

/// The inventory of a stage: its sources, with the variables beside its playbooks.
struct StageInventory {
    /// The flags by which other commands find the same hosts.
    let origin: [String]
    private let sources: [String]
    private let folders: [String]
    private let absent: InputError?

    init(_ file: ServiceFile, _ stage: ServiceFile.Stage, _ seams: Seams) {
        // One that is somebody else's is never found, and has to be named again.
        let isUsual = file.path == (try? seams.serviceFile())
        origin = ["--stage", stage.name] + (isUsual ? [] : ["--service", file.path])
        sources = stage.inventory.map(file.resolve)
        folders = file.playbookFolders(of: stage)
        absent = file.absentInventory(of: stage)
    }

    /// - Parameters:
    ///   - imported: Folders of playbooks that the stage's own import: what stands beside them counts for their plays, and not
    ///     for its hosts.
    ///   - mistakes: Takes mistakes that reading goes on after.
    func load(
        _ vault: Vault, imported: [String] = [], mistakes: MistakeLog? = nil
    ) throws(InputError) -> Inventory {
        if let absent { throw absent }
        return try Inventory.load(
            sources: sources, playbookFolders: folders + imported, vault: vault, mistakes: mistakes
        ).beside(folders)
    }
}
