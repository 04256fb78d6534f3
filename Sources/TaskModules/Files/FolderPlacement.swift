import Fleet
import OrderedCollections
import Values

/// A local folder that is to stand on the host with everything in it.
struct FolderPlacement: Sendable {
    private var dest: HostPath
    private let source: String
    private var folders: [FolderState] = []
    private var files: [FilePlacement] = []
    private var links: [LinkState] = []

    /// Places `files`, found below the local folder `source`, below `prefix` of the destination.
    init(
        _ entries: [LocalFile], from source: String, below prefix: String, like pattern: FilePlacement,
        directoryMode: FileMode?, read: (String) throws -> [UInt8]
    ) throws {
        dest = pattern.dest
        self.source = source
        var folderAttributes = pattern.attributes
        folderAttributes.mode = directoryMode == .preserve ? nil : directoryMode
        for entry in entries {
            let parts = [dest.written.trimmingSlashes, prefix, entry.relativePath].filter { !$0.isEmpty }
            let path = HostPath(parts.joined(separator: "/"))
            switch entry.kind {
            case .directory:
                // The top folder has its mode from whoever made it; those below get what the task says.
                folders.append(
                    FolderState(
                        path: path, attributes: folderAttributes, keepsExisting: entry.relativePath.isEmpty))
            case .link(let target):
                links.append(
                    LinkState(path: path, source: target, attributes: pattern.attributes, force: true, follow: false))
            case .file:
                var file = pattern
                file.dest = path
                file.followsLink = false
                file.content = try read(source + "/" + entry.relativePath)
                if file.attributes.mode == .preserve { file.attributes.mode = .exact(entry.mode) }
                files.append(file)
            }
        }
    }

    func probes(given snapshot: Snapshot) -> [Probe] {
        folders.flatMap { $0.probes(given: snapshot) } + files.flatMap { $0.probes(given: snapshot) }
            + links.flatMap { $0.probes(given: snapshot) }
    }

    /// One script makes all folders, then writes all files from one standard input.
    func step(_ snapshot: Snapshot) throws -> Step {
        var change = Change(script: "", predicted: TaskResult(changed: true), touches: .nothing)
        change.predicted.fields["src"] = .string(source)
        change.predicted.fields["dest"] = .string(dest.resolved(snapshot) ?? dest.written)
        let steps =
            try folders.map { $0.step(snapshot) } + files.map { try $0.step(snapshot, isPart: true) }
            + links.map { $0.step(snapshot) }
        for step in steps {
            switch step {
            case .failed: return step
            case .change(let part):
                change.script += "(\n\(part.script)) || exit\n"
                change.input += part.input
                change.diffs += part.diffs
            default: break
            }
        }
        guard !change.script.isEmpty else {
            return .converged(TaskResult(fields: change.predicted.fields))
        }
        change.touches = .paths([dest.resolved(snapshot) ?? dest.written])
        return .change(change)
    }
}
