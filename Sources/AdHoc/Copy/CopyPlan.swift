import Values

/// What has to be done on one host to have the entries there. Made of values; does nothing itself.
struct CopyPlan: Sendable, Equatable {
    struct Transfer: Sendable, Equatable {
        var source: String
        var path: String
        var size: Int
        var mode: UInt16
    }

    /// Folders to make, parents first.
    var folders: [String] = []
    var transfers: [Transfer] = []
    var links: [(path: String, target: String)] = []
    /// What gets another mode: files and folders, folders from the innermost out.
    var modes: [(path: String, mode: UInt16)] = []
    /// What gets another owner.
    var owners: [String] = []
    /// How many entries were there already.
    var same = 0

    /// Bytes that have to be sent.
    var bytes: Int { transfers.reduce(0) { $0 + $1.size } }

    static func == (left: Self, right: Self) -> Bool {
        left.folders == right.folders && left.transfers == right.transfers && left.owners == right.owners
            && left.same == right.same && left.links.elementsEqual(right.links, by: ==)
            && left.modes.elementsEqual(right.modes, by: ==)
    }

    /// - Parameters:
    ///   - entries: What is copied, with the paths where it goes.
    ///   - there: What the host has at those paths.
    ///   - digests: SHA-256 of the local files that may be the same as the host's.
    /// - Throws: ``Obstacle`` when something of another kind is in the way.
    init(
        _ entries: [(entry: CopyEntry, path: String)], there: [String: HostFile], digests: [String: String],
        options: CopyOptions
    ) throws(Obstacle) {
        for (entry, path) in entries {
            let own = there[path]
            switch entry.kind {
            case .folder: try addFolder(entry, path, own)
            case .link(let target): try addLink(target, path, own)
            case .file(let size): try addFile(entry, size, path, own, digests[entry.source], options.mode)
            }
            if let owner = options.owner, own.map({ !Self.has($0, owner) }) ?? true || transfers.last?.path == path {
                owners.append(path)
            }
        }
        modes.sort { ($0.path.count, $0.path) > ($1.path.count, $1.path) }
    }

    private mutating func addFolder(_ entry: CopyEntry, _ path: String, _ own: HostFile?) throws(Obstacle) {
        guard let own else {
            folders.append(path)
            return modes.append((path, entry.mode))
        }
        guard own.kind == .directory else { throw Obstacle(path: path, isFolderHere: true) }
        if own.mode != entry.mode { modes.append((path, entry.mode)) } else { same += 1 }
    }

    private mutating func addLink(_ target: String, _ path: String, _ own: HostFile?) throws(Obstacle) {
        if own?.kind == .directory { throw Obstacle(path: path, isFolderHere: false) }
        if own?.kind == .link, own?.link == target { same += 1 } else { links.append((path, target)) }
    }

    private mutating func addFile(
        _ entry: CopyEntry, _ size: Int, _ path: String, _ own: HostFile?, _ digest: String?, _ wanted: UInt16?
    ) throws(Obstacle) {
        let mode = wanted ?? entry.mode
        if own?.kind == .directory { throw Obstacle(path: path, isFolderHere: false) }
        guard let own, own.kind == .file, own.size == size, let digest, own.digest == digest else {
            return transfers.append(Transfer(source: entry.source, path: path, size: size, mode: mode))
        }
        if own.mode != mode { modes.append((path, mode)) } else { same += 1 }
    }

    private static func has(_ file: HostFile, _ owner: String) -> Bool {
        let wanted = owner.split(separator: ":", omittingEmptySubsequences: false)
        let names = [file.owner, file.ownerNumbers].map { $0.split(separator: ":") }
        return wanted.enumerated().allSatisfy { index, word in
            word.isEmpty || names.contains { index < $0.count && $0[index] == word }
        }
    }

    /// Something of another kind at a place that is needed.
    struct Obstacle: Error, Equatable {
        let path: String
        let isFolderHere: Bool
    }
}
