import Fleet
import Foundation

/// Something of a folder that goes into a build.
struct PackedEntry: Sendable {
    /// Its path, seen from the folder's top.
    let path: String
    /// What the archive says of it.
    let member: TarMember
}

/// Finds what of a folder goes into a build: everything but what is left out, in the order of its bytes, with links that stay
/// inside, and nothing that no host could unpack.
struct FolderWalk {
    /// Left out whatever a file says: what version control and Drover keep for themselves.
    private static let kept: Set<String> = [".git", ".drover"]

    private let folder: String
    private let rules: IgnoreRules
    /// Paths of this machine that are left out.
    private let excluded: Set<String>
    private(set) var entries: [PackedEntry] = []
    private var taken = TarRules()

    /// Looks through `folder`.
    /// - Parameter excluded: Paths that are no part of it although they may lie in it, with their links resolved.
    /// - Throws: ``InputError`` that names what cannot be packed.
    init(_ folder: String, excluding excluded: [String]) throws(InputError) {
        self.folder = folder
        self.excluded = Set(excluded)
        rules = try IgnoreRules.read(in: folder)
        try walk(below: "")
        guard !entries.isEmpty else {
            throw InputError("there is nothing in the folder to be packed", at: SourceLocation(file: folder))
        }
    }

    /// The folder that everything lies below, where that is hardly meant.
    var soleFolder: String? { taken.soleFolder }

    private mutating func walk(below parent: String) throws(InputError) {
        for name in try names(in: parent) {
            let path = parent.isEmpty ? name : "\(parent)/\(name)"
            if Self.kept.contains(name) || name.hasPrefix(PackingWorkshop.prefix) || path == IgnoreRules.fileName {
                continue
            }
            guard !excluded.contains("\(folder)/\(path)") else { continue }
            var status = stat()
            guard lstat("\(folder)/\(path)", &status) == 0 else { throw unreadable(path, errno) }
            let isFolder = status.st_mode & S_IFMT == S_IFDIR
            guard !rules.leavesOut(path, isFolder: isFolder) else { continue }
            try take(path, status)
            if isFolder { try walk(below: path) }
        }
    }

    private func names(in parent: String) throws(InputError) -> [String] {
        guard let stream = opendir(parent.isEmpty ? folder : "\(folder)/\(parent)") else {
            throw unreadable(parent, errno)
        }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { tuple in
                tuple.withMemoryRebound(to: CChar.self, capacity: 256) {
                    (String(validatingCString: $0), String(cString: $0))
                }
            }
            guard let valid = name.0 else {
                throw InputError(
                    "the name of \(parent.isEmpty ? "" : parent + "/")\(name.1) is no UTF-8", at: place,
                    hints: ["rename it, or name it in \(IgnoreRules.fileName) with '?' for what is wrong"])
            }
            if valid != ".", valid != ".." { names.append(valid) }
        }
        return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    private mutating func take(_ path: String, _ status: stat) throws(InputError) {
        let member = try member(path, status)
        do throws(TarRefusal) { try taken.take(member) } catch {
            throw InputError("the folder holds \(error.reason): \(error.member)", at: place, hints: [Self.hint(member)])
        }
        entries.append(PackedEntry(path: path, member: member))
    }

    private func member(_ path: String, _ status: stat) throws(InputError) -> TarMember {
        switch status.st_mode & S_IFMT {
        case S_IFDIR: TarMember(name: path + "/", kind: .folder, mode: 0o755, size: 0)
        case S_IFREG:
            TarMember(
                name: path, kind: .file, mode: status.st_mode & S_IXUSR == 0 ? 0o644 : 0o755,
                size: Int64(status.st_size))
        case S_IFLNK:
            TarMember(name: path, kind: .symbolicLink, mode: 0o777, size: 0, target: try target(of: path))
        case S_IFSOCK:
            throw InputError(
                "the folder holds a socket: \(path)", at: place, hints: [Self.leavingOut(path)])
        case S_IFIFO: TarMember(name: path, kind: .pipe, mode: 0, size: 0)
        default: TarMember(name: path, kind: .device, mode: 0, size: 0)
        }
    }

    private func target(of path: String) throws(InputError) -> String {
        let found = [CChar](unsafeUninitializedCapacity: Int(PATH_MAX)) { bytes, count in
            count = bytes.baseAddress.map { max(0, readlink("\(folder)/\(path)", $0, bytes.count)) } ?? 0
        }
        guard !found.isEmpty else { throw unreadable(path, errno) }
        guard let target = String(validating: found.map(UInt8.init(bitPattern:)), as: UTF8.self) else {
            throw InputError("where \(path) leads is no UTF-8", at: place, hints: [Self.leavingOut(path)])
        }
        return target
    }

    private static func hint(_ member: TarMember) -> String {
        member.kind == .symbolicLink
            ? "a build's links stay inside it: what lies elsewhere is named in the service's settings"
            : leavingOut(member.name)
    }

    private static func leavingOut(_ path: String) -> String {
        "leave it out: a line '/\(path)' in \(IgnoreRules.fileName)"
    }

    private var place: SourceLocation { SourceLocation(file: folder) }

    private func unreadable(_ path: String, _ number: Int32) -> InputError {
        InputError(
            .unreadable, "\(path.isEmpty ? "the folder" : path) cannot be read: \(String(cString: strerror(number)))",
            at: place, hints: path.isEmpty ? [] : ["make it readable, or " + Self.leavingOut(path)])
    }
}
