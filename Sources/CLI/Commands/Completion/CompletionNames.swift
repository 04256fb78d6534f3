import ArgumentParser
import Fleet
import Foundation
import Inventories
import Rollouts

/// Names that a shell completes, as far as files of this machine have them. No connection is made, no program is run, no password
/// is asked for, nothing is written; what can't be read has no names.
struct CompletionNames {
    /// The command line so far.
    private let words: [String]
    private let seams: Seams

    init(_ words: [String], _ seams: Seams = .live) {
        (self.words, self.seams) = (words.map(Self.unquoted), seams)
    }

    /// Stages of the service's file.
    var stages: [String] { plain(draft?.stages.map(\.name) ?? []) }

    /// Hosts and groups of the inventory, or of the stage, that the command line names; stages, which may stand for all of theirs,
    /// where it names none.
    var hosts: [String] {
        guard let inventory else { return stages }
        return plain(inventory.hosts.map(\.description) + inventory.groups.map(\.name))
    }

    /// Digests and names of the newest builds that the journal has, if it is a file of this machine.
    var builds: [String] {
        get async {
            guard let journal = state?.localJournal else { return [] }
            // What can't be read has no names.
            let builds = try? await journal.builds(prefix: "")
            let newest = (builds ?? []).prefix(Self.most)
            return plain(newest.map(\.digest.release.description) + newest.flatMap(\.names))
        }
    }

    /// The newest runs that the journal has, if it is a file of this machine.
    var runs: [String] {
        get async {
            // As above.
            let runs = try? await state?.localJournal?.runs(stage: nil, limit: Self.most)
            return plain((runs ?? []).map(\.id.description))
        }
    }

    /// Files and folders that begin with `prefix`. Bash marks folders itself.
    func files(_ prefix: String) -> [String] {
        let prefix = Self.unquoted(prefix)
        let folder = prefix.lastIndex(of: "/").map { String(prefix[...$0]) } ?? ""
        let start = prefix.dropFirst(folder.count)
        let path = folder.hasPrefix("/") ? folder : "\(seams.workingFolder)/\(folder)"
        // As above.
        let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
        let fitting = names.filter { $0.hasPrefix(start) && (start.hasPrefix(".") || !$0.hasPrefix(".")) }
        return plain(
            fitting.sorted().map { name in
                let isMarked = CompletionShell.requesting != .bash && Self.isFolder("\(path)/\(name)")
                return folder + name + (isMarked ? "/" : "")
            })
    }

    private static let most = 50

    /// A word as it was meant: shells hand on what was typed, with its quotes.
    private static func unquoted(_ word: String) -> String {
        word.replacing(#/\\(.)|['"]/#) { $0.output.1 ?? "" }
    }

    /// Names as the shell takes them. Bash expands what it is given to complete by: only names in which there is nothing to
    /// expand are for it. The others quote what they insert; nothing in a name ends a line.
    private func plain(_ names: some Sequence<String>) -> [String] {
        let visible = names.filter { !$0.unicodeScalars.contains { $0.properties.generalCategory == .control } }
        switch CompletionShell.requesting {
        // What follows a colon is a description.
        case .zsh?: return visible.map { $0.replacing("\\", with: "\\\\").replacing(":", with: "\\:") }
        case .fish?: return visible
        default: return visible.filter { $0.utf8.allSatisfy(Self.isPlain) }
        }
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: "._-/@+,%".utf8.contains(byte)
        }
    }

    // MARK: What the command line says

    /// The values that follow any of `flags`.
    private func values(of flags: String...) -> [String] {
        words.indices.compactMap { index in
            if flags.contains(words[index]), index + 1 < words.count { return words[index + 1] }
            let given = flags.first { $0.hasPrefix("--") && words[index].hasPrefix($0 + "=") }
            return given.map { String(words[index].dropFirst($0.count + 1)) }
        }
    }

    private var draft: ServiceFileDraft? {
        // As above.
        guard let path = values(of: "--service").last ?? (try? seams.serviceFile()) else { return nil }
        return ServiceFileReader.review(path, MistakeLog())
    }

    private var state: StateChoice? {
        // As above.
        try? draft?.file.map { try StateChoice($0, seams) } ?? StateChoice(ServiceOptions(), seams)
    }

    private var inventory: Inventory? {
        var (sources, folders) = (values(of: "-i", "--inventory"), [String]())
        if sources.isEmpty, let draft, let stage = stage(of: draft) {
            let file = draft.forStages
            (sources, folders) = (stage.inventory.map(file.resolve), file.playbookFolders(of: stage))
        }
        if sources.isEmpty, let usual = seams.environment["DROVER_INVENTORY"], !usual.isEmpty { sources = [usual] }
        // As above.
        return try? Inventory.load(
            sources: sources.filter { !Self.holdsProgram($0) }, playbookFolders: folders, mistakes: MistakeLog())
    }

    /// The stage that `--stage` names, or any word.
    private func stage(of draft: ServiceFileDraft) -> ServiceFile.Stage? {
        let named = values(of: "--stage") + words
        return named.lazy.compactMap { name in draft.stages.first { $0.name == name } }.first
            ?? (draft.stages.count == 1 ? draft.stages.first : nil)
    }

    // MARK: Files

    private static func isFolder(_ path: String) -> Bool {
        var isFolder: ObjCBool = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && isFolder.boolValue
    }

    /// Whether reading an inventory's source would run something.
    private static func holdsProgram(_ source: String) -> Bool {
        guard isFolder(source) else { return FileManager.default.isExecutableFile(atPath: source) }
        let below = FileManager.default.enumerator(atPath: source)?.compactMap { $0 as? String } ?? []
        return below.map { "\(source)/\($0)" }.contains {
            !isFolder($0) && FileManager.default.isExecutableFile(atPath: $0)
        }
    }
}
