import Fleet
import OrderedCollections
import Values

/// What there is at a path.
struct StatModule: TaskModule {
    /// Parameters of `stat`. Mime types and file system attributes are not gathered.
    static let specification = ModuleSpecification(
        "stat",
        parameters: [
            .init("path", .path, aliases: ["dest", "name"], required: true), .init("follow", .bool),
            .init("get_checksum", .bool), .init("get_attributes", .bool, aliases: ["attr", "attributes"]),
            .init("get_mime", .bool, aliases: ["mime", "mime_type", "mime-type"]), .init("get_md5", .bool),
            .init("checksum_algorithm", aliases: ["checksum", "checksum_algo"], choices: ["sha1", "sha256"]),
        ])

    private let path: HostPath
    private let follow: Bool
    private let wantsChecksum: Bool
    private let wantsType: Bool
    private let wantsAttributes: Bool
    private let algorithm: String

    init(_ arguments: ModuleArguments, _ context: ModuleContext) throws {
        path = HostPath(try arguments.requiredPath("path"))
        follow = try arguments.bool("follow")
        wantsChecksum = try arguments.bool("get_checksum", default: true)
        wantsType = try arguments.bool("get_mime", default: true)
        wantsAttributes = try arguments.bool("get_attributes", default: true)
        algorithm = try arguments.string("checksum_algorithm") ?? "sha1"
    }

    func probes(given snapshot: Snapshot) -> [Probe] {
        guard let path = path.resolved(snapshot) else { return path.probes() }
        var probes: [Probe] = [.path(path), .access(path)]
        if follow { probes.append(.target(path)) }
        if wantsChecksum { probes.append(digest(path)) }
        if snapshot[.path(path)].map({ $0 != .absent }) ?? true { probes.append(.query(details.line(of: path))) }
        if snapshot.path(path)?.kind == .link, !follow { probes.append(.query(Self.source(of: path))) }
        return probes
    }

    private var details: PathDetails { PathDetails(wantsType: wantsType, wantsAttributes: wantsAttributes) }

    private func digest(_ path: String) -> Probe { algorithm == "sha256" ? .sha256(path) : .sha1(path) }

    private static func source(of path: String) -> String { "readlink -f -- \(path.quoted)" }

    func step(_ snapshot: Snapshot) -> Step {
        let path = path.resolved(snapshot) ?? path.written
        guard let state = follow ? snapshot.target(path) : snapshot.path(path) else {
            return .converged(TaskResult(fields: ["stat": .map(["exists": .bool(false)])]))
        }
        var fields = Self.fields(path, state)
        fields["blocks"] = .int(state.blocks)
        fields["block_size"] = .int(state.blockSize)
        fields.merge(details.fields(snapshot.output(details.line(of: path))?.text ?? "")) { $1 }
        if case .access(let read, let write, let execute)? = snapshot[.access(path)] {
            fields["readable"] = .bool(read)
            fields["writeable"] = .bool(write)
            fields["executable"] = .bool(execute)
        }
        if let target = state.linkTarget {
            fields["lnk_target"] = .string(target)
            let source = snapshot.output(Self.source(of: path))?.text.trimmingLineEnds ?? ""
            fields["lnk_source"] = .string(source)
        }
        if state.kind == .file, wantsChecksum, case .digest(let digest)? = snapshot[digest(path)] {
            fields["checksum"] = .string(digest)
        }
        return .converged(TaskResult(fields: ["stat": fields.asMap]))
    }

    static func fields(_ path: String, _ state: PathState) -> Variables {
        var fields: Variables = [
            "exists": .bool(true), "path": .string(path), "mode": .string(FileMode.text(state.mode)),
            "isdir": .bool(state.kind == .directory), "isreg": .bool(state.kind == .file),
            "islnk": .bool(state.kind == .link), "isfifo": .bool(state.kind == .fifo),
            "issock": .bool(state.kind == .socket), "isblk": .bool(state.kind == .blockDevice),
            "ischr": .bool(state.kind == .characterDevice), "uid": .int(state.uid), "gid": .int(state.gid),
            "size": .int(state.size), "inode": .int(state.inode), "dev": .int(state.device),
            "nlink": .int(state.links), "atime": .double(state.accessed), "mtime": .double(state.modified),
            "ctime": .double(state.changed),
        ]
        let letters: [(String, UInt16)] = [
            ("rusr", 0o400), ("wusr", 0o200), ("xusr", 0o100), ("rgrp", 0o040), ("wgrp", 0o020), ("xgrp", 0o010),
            ("roth", 0o004), ("woth", 0o002), ("xoth", 0o001), ("isuid", 0o4000), ("isgid", 0o2000),
        ]
        for (name, bit) in letters { fields[name] = .bool(state.mode & bit != 0) }
        if state.owner != "UNKNOWN" { fields["pw_name"] = .string(state.owner) }
        if state.group != "UNKNOWN" { fields["gr_name"] = .string(state.group) }
        return fields
    }
}
