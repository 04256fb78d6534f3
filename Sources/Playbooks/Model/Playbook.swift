public import Fleet
import Inventories
public import OrderedCollections
public import Values

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
    ///   - mistakes: Takes mistakes that reading goes on after; such a playbook is not to be run.
    /// - Throws: ``InputError`` with file, line and column for the first thing that is wrong: an unknown module,
    ///   parameter, keyword, filter or handler, a missing file or parameter. Nothing has been touched then.
    public static func load(
        files: [String], extra: Variables = [:], rolePaths: [String] = [], vault: Vault = .locked,
        mistakes: MistakeLog? = nil
    ) throws(InputError) -> Playbook {
        var reader = PlaybookReader(rolePaths: rolePaths, extra: extra, vault: vault, mistakes: mistakes)
        var plays: [Play] = []
        for file in files {
            do throws(InputError) {
                try requireThere([file])
                plays += try reader.plays(of: file)
            } catch { try mistakes.pass(error) }
        }
        return Playbook(plays, reader)
    }

    /// Whether the files are there; `load` asks it too, and more.
    ///
    /// - Throws: ``InputError`` for the first that is not.
    public static func requireThere(_ files: [String]) throws(InputError) {
        if let absent = files.first(where: { !FileSearch.isFile($0) }) { throw missing(absent) }
    }

    private static func missing(_ file: String) -> InputError {
        InputError("there is no playbook '\(file)'", hints: ["name an existing file, such as playbooks/site.yml"])
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

    /// The folders of its files and of those they import, in order and each once: for the plays of each, the `group_vars` and
    /// `host_vars` there count.
    public var folders: [String] { Self.distinct(plays.map { folder(of: $0) }) }

    /// The folders of playbook files, in order and each once.
    public static func folders(of files: [String]) -> [String] { distinct(files.map(FileSearch.folder(of:))) }

    private static func distinct(_ folders: [String]) -> [String] {
        folders.indices.filter { !folders[..<$0].contains(folders[$0]) }.map { folders[$0] }
    }
}
