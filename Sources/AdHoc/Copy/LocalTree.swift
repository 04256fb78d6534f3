public import Fleet
import Foundation
import Values

/// Something to be copied: a file, a folder, or a symbolic link.
struct CopyEntry: Sendable, Equatable {
    enum Kind: Sendable, Equatable {
        case folder
        case file(size: Int)
        case link(to: String)
    }

    var kind: Kind
    /// Where it is on this machine.
    var source: String
    /// Where it goes, below the copy's target; empty for the target itself.
    var name: String
    /// Permission bits; of no account for a link.
    var mode: UInt16
}

/// What one source of a copy holds: folders before what is in them.
public struct LocalTree: Sendable, Equatable {
    /// The name it has in a target that is a folder; `nil` when its contents go there.
    let name: String?
    let entries: [CopyEntry]

    /// Looks at `path` and all that is below it.
    /// - Throws: ``InputError`` for what is not there, can't be read, or is neither file, folder nor link.
    public static func read(_ path: String) throws(InputError) -> LocalTree {
        let parts = path.split(separator: "/")
        let isContents = parts.isEmpty || parts.last == "." || parts.last == ".."
        let top = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
        var entries: [CopyEntry] = []
        // A link that is named with a slash behind it stands for what it leads to.
        try add(top, "", following: path.hasSuffix("/") || isContents, to: &entries)
        return LocalTree(name: isContents ? nil : String(parts[parts.count - 1]), entries: entries)
    }

    private static func add(
        _ path: String, _ name: String, following: Bool = false, to entries: inout [CopyEntry]
    ) throws(InputError) {
        var status = stat()
        guard (following ? stat(path, &status) : lstat(path, &status)) == 0 else { throw error(path, errno) }
        let mode = UInt16(status.st_mode & 0o7777)
        switch FileKind(mode: status.st_mode) {
        case .file:
            guard access(path, R_OK) == 0 else { throw error(path, errno) }
            entries.append(
                CopyEntry(kind: .file(size: Int(status.st_size)), source: path, name: name, mode: mode))
        case .link:
            guard let target = link(path) else { throw error(path, errno) }
            entries.append(CopyEntry(kind: .link(to: target), source: path, name: name, mode: mode))
        case .directory:
            entries.append(CopyEntry(kind: .folder, source: path, name: name, mode: mode))
            for child in try contents(path) {
                try add(path + "/" + child, name.isEmpty ? child : name + "/" + child, to: &entries)
            }
        default:
            throw InputError(
                "it is neither a file, a folder nor a link", at: SourceLocation(file: path),
                hints: ["leave it out: sockets, pipes and devices are not copied"])
        }
    }

    private static func contents(_ folder: String) throws(InputError) -> [String] {
        do { return try FileManager.default.contentsOfDirectory(atPath: folder).sorted() } catch {
            throw InputError("the folder cannot be read", at: SourceLocation(file: folder))
        }
    }

    private static func link(_ path: String) -> String? {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = readlink(path, &buffer, buffer.count)
        return count > 0 ? String(decoding: buffer.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self) : nil
    }

    private static func error(_ path: String, _ number: Int32) -> InputError {
        InputError(String(cString: strerror(number)).lowercased(), at: SourceLocation(file: path))
    }
}
