import Fleet
import OrderedCollections
import Values

/// Puts content, a local file or a local folder on the host, or copies on the host itself.
struct CopyModule: TaskModule {
    /// Parameters of `copy`.
    static let specification: ModuleSpecification = {
        var specification = ModuleSpecification(
            "copy",
            parameters: [
                .init("src", .path), .init("content", .raw), .init("dest", .path, required: true),
                .init("backup", .bool), .init("force", .bool), .init("validate"), .init("directory_mode", .raw),
                .init("remote_src", .bool), .init("local_follow", .bool), .init("follow", .bool), .init("checksum"),
            ] + FileAttributes.parameters)
        specification.oneOf = [["src", "content"]]
        specification.exclusive = [["src", "content"]]
        return specification
    }()

    private enum Kind: Sendable {
        case file(FilePlacement)
        case folder(FolderPlacement)
        case remote(RemoteCopy)
    }

    private let kind: Kind

    init(_ arguments: ModuleArguments, _ context: ModuleContext) throws {
        let dest = HostPath(try arguments.requiredPath("dest"))
        let attributes = try FileAttributes(arguments)
        var placement = FilePlacement(dest: dest, content: [], attributes: attributes)
        placement.replaces = try arguments.bool("force", default: true)
        placement.keepsBackup = try arguments.bool("backup")
        placement.followsLink = try arguments.bool("follow")
        placement.validate = try arguments.string("validate")
        placement.wantsDiff = context.wantsDiff
        if let content = arguments["content"] {
            guard !dest.written.hasSuffix("/") else {
                throw arguments.wrong("dest", "must name a file, not a folder, when there is 'content'")
            }
            placement.content = Array(Self.text(content).utf8)
            kind = .file(placement)
            return
        }
        let source = try arguments.requiredPath("src")
        if try arguments.bool("remote_src") {
            kind = .remote(
                RemoteCopy(
                    source: HostPath(source), placement, directoryMode: try arguments.mode("directory_mode"),
                    followsLinks: try arguments.bool("local_follow")))
            return
        }
        kind = try Self.local(source, placement, arguments, context)
    }

    private static func local(
        _ source: String, _ placement: FilePlacement, _ arguments: ModuleArguments, _ context: ModuleContext
    ) throws -> Kind {
        let path = try context.find("files", source.trimmingSlashes)
        let files = try context.localFiles(path, arguments.bool("local_follow", default: true))
        if let top = files.first, top.kind == .directory {
            let prefix = source.hasSuffix("/") ? "" : source.lastPathPart
            return .folder(
                try FolderPlacement(
                    files, from: path, below: prefix, like: placement, directoryMode: arguments.mode("directory_mode"),
                    read: context.read))
        }
        var placement = placement
        placement.name = source.lastPathPart
        placement.content = try context.read(path)
        placement.origin = path
        // What was encrypted here and is not there can't be uploaded as it lies.
        if files.first?.size == placement.content.count { placement.localPath = path }
        if placement.attributes.mode == .preserve { placement.attributes.mode = files.first.map { .exact($0.mode) } }
        if let wanted = try arguments.string("checksum"), wanted.lowercased() != placement.checksum {
            throw arguments.wrong("checksum", "is not that of '\(path)', which is \(placement.checksum)")
        }
        return .file(placement)
    }

    /// Collections become JSON, as in Ansible.
    private static func text(_ content: Value) -> String {
        switch content {
        case .list, .map: content.json()
        default: content.plainText ?? ""
        }
    }

    func probes(given snapshot: Snapshot) -> [Probe] {
        switch kind {
        case .file(let placement): placement.probes(given: snapshot)
        case .folder(let placement): placement.probes(given: snapshot)
        case .remote(let copy): copy.probes(given: snapshot)
        }
    }

    func step(_ snapshot: Snapshot) throws -> Step {
        switch kind {
        case .file(let placement): try placement.step(snapshot)
        case .folder(let placement): try placement.step(snapshot)
        case .remote(let copy): try copy.step(snapshot)
        }
    }
}
