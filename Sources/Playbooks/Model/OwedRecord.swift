import Fleet
import Foundation
import Inventories
import Values

/// Where a host keeps the handlers of one play that it is owed, and how it is asked and told.
///
/// One small file for each play and host name, below `/var/lib/drover/owed` for root and `~/.local/state/drover/owed` for
/// anybody else, so that a host needs no privileges to be kept in mind.
struct OwedRecord: Sendable, Equatable {
    /// What tells the playbook's project from others, whichever folder it is checked out in.
    let project: String
    /// The playbook's file below the project, the play's name as written, and which of that name it is.
    let play: String
    let host: String
    /// A folder that is used instead of the usual ones.
    var folder: String?

    /// The longest list that is believed; more is no work of ours.
    private static let mostHandlers = 1000

    private var name: String { ContentName.of([project, play, host].joined(separator: "\n")) }

    /// Shell lines that set `f` to the file. Who owns `/` is root: asking a program for that takes longer than all else.
    private var place: String {
        let folder =
            folder.map { "d=\(RemoteCommand.quote($0))" }
            ?? "if [ -O / ]; then d=/var/lib/drover/owed; else d=${HOME:-.}/.local/state/drover/owed; fi"
        return "\(folder)\nf=$d/\(name)"
    }

    /// A line that writes what is owed, and nothing where nothing is.
    var query: String { "\(place)\nif [ -f \"$f\" ]; then cat -- \"$f\"; fi" }

    /// Makes `handlers` what is owed, durably, all or nothing.
    func command(keeping handlers: [String], privilege: Privilege) -> RemoteCommand {
        let deadline: Duration = .seconds(60)
        if handlers.isEmpty {
            return RemoteCommand(shell: "\(place)\nrm -f -- \"$f\"", privilege: privilege, deadline: deadline)
        }
        let script = """
            \(place)
            mkdir -p -- "$d" && (umask 077 && cat >"$f.new") && sync -- "$f.new" && mv -f -- "$f.new" "$f" && sync -- "$d"
            """
        return RemoteCommand(
            shell: script, privilege: privilege, input: [UInt8](text(handlers).utf8), deadline: deadline)
    }

    private func text(_ handlers: [String]) -> String {
        let about = "# handlers owed to \(Self.line(host)): \(Self.line(project)) \(Self.line(play))"
        return ([about] + handlers.map(Self.line)).joined(separator: "\n") + "\n"
    }

    /// The handlers that an answer to ``query`` names.
    static func handlers(in text: String) -> [String] {
        text.split(separator: "\n").filter { !$0.hasPrefix("#") }.prefix(mostHandlers).map { line in
            String(line).replacing("%0A", with: "\n").replacing("%23", with: "#").replacing("%25", with: "%")
        }
    }

    /// A name as one line that is no comment.
    private static func line(_ name: String) -> String {
        name.replacing("%", with: "%25").replacing("#", with: "%23").replacing("\n", with: "%0A")
    }
}

/// Short file names for long texts.
enum ContentName {
    /// 32 hexadecimal digits: FNV-1a, from both of its usual ends.
    static func of(_ text: String) -> String {
        [FNVHash.long(text.utf8), FNVHash.long(text.utf8.reversed())].map { Hex.text($0, digits: 16) }.joined()
    }
}

/// What a playbook belongs to, wherever it is checked out.
struct ProjectIdentity: Sendable, Equatable {
    /// Where it was cloned from, else its folder.
    let name: String
    /// The playbook's file below the project's folder.
    let file: String

    /// The project that holds the playbook `file`.
    init(of file: String) {
        let path = FileSearch.absolute(file)
        var folder = FileSearch.folder(of: path)
        let root = Self.root(above: folder)
        folder = root ?? folder
        self.file = path.hasPrefix(folder + "/") ? String(path.dropFirst(folder.count + 1)) : path
        name = root.flatMap(Self.origin) ?? folder
    }

    /// The nearest folder, from `folder` upwards, that git keeps.
    private static func root(above folder: String) -> String? {
        var folder = folder
        while folder.count > 1 {
            if FileManager.default.fileExists(atPath: FileSearch.join(folder, ".git")) { return folder }
            folder = FileSearch.folder(of: folder)
        }
        return nil
    }

    /// Where a clone comes from, without how it is reached: `host/path`.
    private static func origin(_ root: String) -> String? {
        let path = FileSearch.join(root, ".git", "config")
        guard let data = FileManager.default.contents(atPath: path) else { return nil }
        var isOrigin = false
        for line in String(decoding: data, as: UTF8.self).split(separator: "\n") {
            let line = line.stripped
            if line.hasPrefix("[") { isOrigin = line == "[remote \"origin\"]" }
            guard isOrigin, line.hasPrefix("url"), let sign = line.firstIndex(of: "=") else { continue }
            return plain(line[line.index(after: sign)...].stripped)
        }
        return nil
    }

    private static func plain(_ url: String) -> String {
        var text = url
        if let scheme = text.range(of: "://") { text = String(text[scheme.upperBound...]) }
        if let user = text.firstIndex(of: "@"), !text[..<user].contains("/") {
            text = String(text[text.index(after: user)...])
        }
        if text.hasSuffix(".git") { text = String(text.dropLast(4)) }
        return text.replacing(":", with: "/")
    }
}
