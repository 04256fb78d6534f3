import Fleet
import OrderedCollections
import Values

/// `copy` with `remote_src`: a file or folder of the host copied to another place there.
struct RemoteCopy: Sendable {
    private let source: HostPath
    private let pattern: FilePlacement
    private let directoryMode: FileMode?
    private let followsLinks: Bool

    /// Copies `source` as `pattern` says, whose content is of no meaning.
    init(source: HostPath, _ pattern: FilePlacement, directoryMode: FileMode?, followsLinks: Bool) {
        self.source = source
        self.pattern = pattern
        self.directoryMode = directoryMode
        self.followsLinks = followsLinks
    }

    func probes(given snapshot: Snapshot) -> [Probe] {
        guard let from = source.resolved(snapshot), let dest = pattern.dest.resolved(snapshot) else {
            return source.probes() + pattern.dest.probes()
        }
        if let folder = folder(from, dest, snapshot) { return [.target(from)] + folder.probes(snapshot) }
        var probes: [Probe] = [.target(from), .sha1(from), .session, .query(Self.oldDigest(of: from))]
        for path in [dest, file(at: dest, snapshot)] {
            probes += [.path(path), .target(path), .sha1(path)]
            let differs = snapshot[.sha1(path)] != nil && snapshot.sha1(path) != snapshot.sha1(from)
            if pattern.wantsDiff, differs { probes += [.content(path), .content(from)] }
        }
        return probes
    }

    /// The copy of the folder that the source is, if it is one.
    private func folder(_ from: String, _ dest: String, _ snapshot: Snapshot) -> RemoteFolderCopy? {
        guard snapshot.target(from)?.kind == .directory else { return nil }
        return RemoteFolderCopy(
            from: from, copiesContent: source.written.hasSuffix("/"), dest: dest, attributes: pattern.attributes,
            directoryMode: directoryMode, followsLinks: followsLinks)
    }

    /// MD5 plays no part but in the result.
    private static func oldDigest(of path: String) -> String { "md5sum <\(path.quoted)" }

    private func file(at dest: String, _ snapshot: Snapshot) -> String {
        let isFolder = dest.hasSuffix("/") || snapshot.target(dest)?.kind == .directory
        return isFolder ? dest.appendingPath(source.written.lastPathPart) : dest
    }

    func step(_ snapshot: Snapshot) throws -> Step {
        guard let from = source.resolved(snapshot), let dest = pattern.dest.resolved(snapshot) else {
            return .failed(TaskResult(failed: true, message: "unknown path"))
        }
        guard let sourceState = snapshot.target(from) else {
            return .failed(
                TaskResult(
                    failure: "Source \(from) not found",
                    hints: ["'remote_src: true' looks for it on the host; without it, it is one of this machine"]))
        }
        if let folder = folder(from, dest, snapshot) { return folder.step(snapshot) }
        guard sourceState.kind == .file, let checksum = snapshot.sha1(from) else {
            return .failed(TaskResult(failed: true, message: "source \(from) cannot be read"))
        }
        let path = file(at: dest, snapshot)
        var attributes = pattern.attributes
        if attributes.mode == .preserve { attributes.mode = .exact(sourceState.mode) }
        let target = snapshot.target(path)
        if target?.kind == .directory {
            return .failed(TaskResult(failed: true, message: "cannot write '\(path)': it is a folder"))
        }
        var fields: Variables = ["src": .string(from), "dest": .string(path), "checksum": .string(checksum)]
        if let digest = snapshot.output(Self.oldDigest(of: from))?.text.prefix(while: \.isHexDigit), !digest.isEmpty {
            fields["md5sum"] = .string(String(digest))
        }
        if target != nil, !pattern.replaces {
            return .converged(TaskResult(message: "file already exists", fields: fields))
        }
        let isLink = snapshot.path(path)?.kind == .link
        if let target, !isLink, snapshot.sha1(path) == checksum {
            return attributes.step(path, target, fields, umask: snapshot.session.umask)
        }
        return try write(from, sourceState, to: path, attributes, fields, snapshot)
    }

    /// The change that puts the file in place.
    private func write(
        _ from: String, _ sourceState: PathState, to path: String, _ attributes: FileAttributes, _ fields: Variables,
        _ snapshot: Snapshot
    ) throws -> Step {
        let target = snapshot.target(path)
        let isLink = snapshot.path(path)?.kind == .link
        var write = FileWrite(
            path: path, existing: isLink && !pattern.followsLink ? nil : target, attributes: attributes,
            session: snapshot.session)
        write.keepsAttributes = false
        write.newMode = target == nil ? nil : sourceState.mode
        write.followsLink = isLink && pattern.followsLink && target != nil
        write.source = .file(from)
        write.keepsBackup = pattern.keepsBackup
        write.validate = pattern.validate
        write.makesParents = pattern.dest.written.hasSuffix("/")
        let fields = fields.merging(write.after(size: sourceState.size).resultFields) { $1 }
        var change = Change(
            script: try write.script(), predicted: TaskResult(changed: true, fields: fields), touches: .paths([path]))
        change.diffs = [
            Diff(
                path, before: target.map { _ in snapshot.content(path).map(TextContent.shown) ?? "" },
                after: snapshot.content(from).map(TextContent.shown) ?? "")
        ]
        let predicted = change.predicted
        change.interpret = { predicted.completed(by: $0) }
        return .change(change)
    }
}

extension FileAttributes {
    /// What it takes to give `state`, standing at `path`, these attributes, and nothing else.
    ///
    /// - Parameter describesFile: Whether the result tells owner, group, mode and size.
    func step(
        _ path: String, _ state: PathState, _ fields: Variables, umask: UInt16, message: String? = nil,
        describesFile: Bool = true
    ) -> Step {
        let lines = lines(for: state, path: path.quoted, umask: umask)
        var fields = fields
        if describesFile { fields.merge(applied(to: state, umask: umask).resultFields) { $1 } }
        let result = TaskResult(changed: !lines.isEmpty, message: message, fields: fields)
        guard !lines.isEmpty else { return .converged(result) }
        var change = Change(
            script: (["set -e"] + lines).joined(separator: "\n") + "\n", predicted: result, touches: .paths([path]))
        change.diffs = [diff(path, from: state, umask: umask)].compactMap { $0 }
        return .change(change)
    }
}
