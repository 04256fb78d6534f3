import Fleet
import OrderedCollections

/// Where tasks stand while they are read: their file, what is around them, and which keywords they may have.
struct ReadingPlace: Sendable {
    /// Folder of the playbook.
    var playbookFolder: String
    /// Folder of the file that is read.
    var folder: String
    /// What is around the tasks.
    var settings = TaskSettings()
    /// Whether handlers are read.
    var isHandler = false
    /// Task files that led here by `import_tasks`, to notice a file that imports itself.
    var importChain: [String] = []

    /// The role around the tasks.
    var role: RoleInstance? { settings.role }

    /// Folders for files, templates and task files, nearest first: the role's and its parents', the file's, the play's.
    var searchFolders: [String] {
        var folders: [String] = []
        if let role {
            folders.append(role.source.path)
            folders += role.parents.map(\.path)
        }
        for folder in [folder, playbookFolder] where !folders.contains(folder) { folders.append(folder) }
        return folders
    }

    /// The same place with other settings.
    func with(_ settings: TaskSettings) -> Self {
        var place = self
        place.settings = settings
        return place
    }
}
