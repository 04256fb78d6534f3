import Fleet
import Foundation
import OrderedCollections
import Values

/// Finds the files that a playbook names.
enum FileSearch {
    /// This machine's Python, for playbooks that run modules of their own with it; one need not be there.
    static let python: String = {
        let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
        return folders.map { "\($0)/python3" }.first(where: isFile) ?? "/usr/bin/python3"
    }()

    /// The first of `folders` that holds `name` below `kind` (`files`, `templates`, `tasks`, `vars`) or directly.
    static func find(_ name: String, kind: String, in folders: [String]) -> String? {
        if name.hasPrefix("/") { return exists(name) ? name : nil }
        if name.hasPrefix("~") {
            let path = HomeFolder.expanding(name)
            return exists(path) ? path : nil
        }
        for folder in folders {
            for candidate in [join(folder, kind, name), join(folder, name)] where exists(candidate) {
                return candidate
            }
        }
        return nil
    }

    /// The same, as an error that says where it was looked for.
    static func require(
        _ name: String, kind: String, in folders: [String], at location: SourceLocation?
    ) throws(InputError) -> String {
        if let path = find(name, kind: kind, in: folders) { return path }
        if name.hasPrefix("/") || name.hasPrefix("~") {
            throw InputError("there is no file '\(name)' on this machine", at: location)
        }
        let places = folders.map { join($0, kind) }.joined(separator: ", ")
        throw InputError("there is no file '\(name)'", at: location, hints: ["looked for in: \(places)"])
    }

    /// A YAML file whose ending may be left out.
    static func yaml(_ path: String) -> String? {
        for ending in ["", ".yml", ".yaml", ".json"] where isFile(path + ending) { return path + ending }
        return nil
    }

    /// Whether something stands at `path`.
    static func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }

    /// Whether a file stands at `path`.
    static func isFile(_ path: String) -> Bool {
        var isFolder: ObjCBool = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && !isFolder.boolValue
    }

    /// Whether a folder stands at `path`.
    static func isFolder(_ path: String) -> Bool {
        var isFolder: ObjCBool = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && isFolder.boolValue
    }

    /// Path components with one slash between; `.` in front adds nothing.
    static func join(_ parts: String...) -> String {
        let joined = parts.filter { !$0.isEmpty && $0 != "." }.joined(separator: "/")
        return joined.isEmpty ? "." : joined.replacing("//", with: "/")
    }

    /// The folder a path stands in.
    static func folder(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// Absolute, seen from the working folder.
    static func absolute(_ path: String) -> String {
        URL(fileURLWithPath: path).standardizedFileURL.path
    }
}
