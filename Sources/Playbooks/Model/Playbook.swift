public import Fleet
public import Inventories
public import OrderedCollections

/// One or more playbook files, read and checked, with everything they name.
public struct Playbook: Sendable {
    /// Plays in order.
    let plays: [Play]
    /// The reader, for what is included while the playbook runs.
    let reader: PlaybookReader
    let evaluation: Evaluation

    /// Reads playbooks and everything they name: roles, task files, variable files, templates.
    ///
    /// - Parameters:
    ///   - files: Playbook files, run one after another.
    ///   - extra: Variables of the command line.
    ///   - rolePaths: Where roles are looked for besides `roles` beside the playbook.
    ///   - vault: Opens what is encrypted.
    /// - Throws: ``InputError`` with file, line and column for the first thing that is wrong: an unknown module,
    ///   parameter, keyword, filter or handler, a missing file or parameter. Nothing has been touched then.
    public static func load(
        files: [String], extra: Variables = [:], rolePaths: [String] = [], vault: Vault = .locked
    ) throws(InputError) -> Playbook {
        var reader = PlaybookReader(rolePaths: rolePaths, extra: extra, vault: vault)
        var plays: [Play] = []
        for file in files {
            guard FileSearch.isFile(file) else {
                throw InputError(
                    "there is no playbook '\(file)'", hints: ["name an existing file, such as playbooks/site.yml"])
            }
            plays += try reader.plays(of: file)
        }
        return Playbook(plays, reader)
    }

    init(_ plays: [Play], _ reader: PlaybookReader) {
        self.plays = plays
        self.reader = reader
        evaluation = Evaluation(files: ControllerFiles(vault: reader.vault))
    }

    /// Folder of the playbook that a play stands in.
    func folder(of play: Play?) -> String {
        play.map { FileSearch.folder(of: $0.location.file) } ?? "."
    }

    /// The folder whose `group_vars` and `host_vars` count for the whole run: that of the first playbook.
    public static func folder(of files: [String]) -> String? { files.first.map(FileSearch.folder(of:)) }
}
