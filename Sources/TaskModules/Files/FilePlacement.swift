import Crypto
import Fleet
import OrderedCollections
import Values

/// A file that is to have a given content: what `copy` and `template` come to for one file.
struct FilePlacement: Sendable {
    /// Path on the host as the task writes it.
    var dest: HostPath
    /// Name the file gets when `dest` is a folder; `nil` when that is a mistake.
    var name: String?
    var content: [UInt8] {
        didSet { checksum = Self.checksum(of: content) }
    }
    /// SHA-1 of the content, lower-case hex; worked out once for all hosts that get it.
    private(set) var checksum: String
    var attributes: FileAttributes
    /// Whether a file that is there with other content is replaced.
    var replaces = true
    var keepsBackup = false
    var followsLink = false
    var validate: String?
    var wantsDiff = false
    /// The local file, for content too large for a script's standard input.
    var localPath: String?
    /// The local file as results name it.
    var origin: String?

    /// Content up to this many bytes travels with the script.
    static let inputLimit = 4 << 20

    /// `content` at `dest`.
    init(dest: HostPath, name: String? = nil, content: [UInt8], attributes: FileAttributes) {
        self.dest = dest
        self.name = name
        self.content = content
        self.attributes = attributes
        checksum = Self.checksum(of: content)
    }

    private static func checksum(of content: [UInt8]) -> String { Hex.text(Insecure.SHA1.hash(data: content)) }

    func probes(given snapshot: Snapshot) -> [Probe] {
        guard let dest = dest.resolved(snapshot) else { return dest.probes() }
        var probes = ask(dest, snapshot)
        if let name, leadsToFolder(dest, snapshot) ?? dest.hasSuffix("/") {
            probes += ask(dest.appendingPath(name), snapshot)
        }
        return probes
    }

    private func ask(_ path: String, _ snapshot: Snapshot) -> [Probe] {
        var probes: [Probe] = [.path(path), .sha1(path)]
        switch snapshot[.path(path)] {
        case .absent?: probes.append(.session)
        case .path(let state)? where state.kind == .link: probes += [.target(path), .session]
        default: break
        }
        if case .symbolic? = attributes.mode { probes.append(.session) }
        let isDifferent = snapshot[.sha1(path)] != nil && snapshot.sha1(path) != checksum
        if wantsDiff, isDifferent, snapshot.path(path) != nil { probes.append(.content(path)) }
        return probes
    }

    private func leadsToFolder(_ path: String, _ snapshot: Snapshot) -> Bool? {
        guard let answer = snapshot[.path(path)] else { return nil }
        guard case .path(let state) = answer else { return path.hasSuffix("/") }
        return state.kind == .directory || snapshot.target(path)?.kind == .directory
    }

    /// - Parameter isPart: Whether standard input goes on behind this file's content.
    func step(_ snapshot: Snapshot, isPart: Bool = false) throws -> Step {
        guard var path = dest.resolved(snapshot) else { return .failed(.init(failed: true, message: "unknown path")) }
        if leadsToFolder(path, snapshot) == true {
            guard let name else { return .failed(Self.folder(path)) }
            path = path.appendingPath(name)
        }
        let state = snapshot.path(path)
        let target = state?.kind == .link ? snapshot.target(path) : state
        if target?.kind == .directory { return .failed(Self.folder(path)) }
        if target != nil, !replaces {
            return .converged(TaskResult(fields: kept(path)))
        }
        if let target, snapshot.sha1(path) == checksum {
            return attributeStep(path, target, snapshot)
        }
        return .change(try write(path, state, target, snapshot, isPart: isPart))
    }

    private static func folder(_ path: String) -> TaskResult {
        TaskResult(failed: true, message: "cannot write '\(path)': it is a folder")
    }

    /// The content is right; owner, group or mode may not be.
    private func attributeStep(_ path: String, _ state: PathState, _ snapshot: Snapshot) -> Step {
        let lines = attributes.lines(for: state, path: path.quoted, umask: snapshot.session.umask)
        let after = attributes.applied(to: state, umask: snapshot.session.umask)
        var result = result(path, changed: !lines.isEmpty, isNew: false, state: after)
        if wantsDiff { result.fields["diff"] = EditDiff.state(path, attributes, state, snapshot.session.umask) }
        guard !lines.isEmpty else { return .converged(result) }
        var change = Change(
            script: (["set -e"] + lines).joined(separator: "\n") + "\n", predicted: result, touches: .paths([path]))
        change.diffs = [attributes.diff(path, from: state, umask: snapshot.session.umask)].compactMap { $0 }
        return .change(change)
    }

    private func write(
        _ path: String, _ state: PathState?, _ target: PathState?, _ snapshot: Snapshot, isPart: Bool
    ) throws -> Change {
        let goesThrough = state?.kind == .link && followsLink && target != nil
        var write = FileWrite(
            path: path, existing: state?.kind == .link && !goesThrough ? nil : target, attributes: attributes,
            session: snapshot.session)
        write.followsLink = goesThrough
        write.keepsBackup = keepsBackup
        write.validate = validate
        write.makesParents = dest.written.hasSuffix("/")
        var change = Change(
            script: "", predicted: result(path, changed: true, isNew: true, state: write.after(size: content.count)),
            touches: .paths([path]))
        write.namesSource = true
        if wantsDiff {
            let before = target.map { _ in snapshot.content(path) ?? [] }
            change.predicted.fields["diff"] = .list([EditDiff.file(path, from: before, to: content, called: origin)])
        }
        if content.count > Self.inputLimit, !isPart, let localPath {
            let upload = path.parentFolder.appendingPath(".drover-\(checksum.prefix(16))")
            change.upload = (localPath, upload)
            write.source = .uploaded(upload)
        } else {
            change.input = content
            if isPart { write.source = .inputPart(content.count) }
        }
        change.script = try write.script()
        change.diffs = diffs(path, target, write, snapshot)
        let predicted = change.predicted
        change.interpret = { predicted.completed(by: $0) }
        return change
    }

    private func diffs(_ path: String, _ target: PathState?, _ write: FileWrite, _ snapshot: Snapshot) -> [Diff] {
        guard wantsDiff else { return [Diff(path, before: target == nil ? nil : "", after: "")] }
        let before = target.map { _ in snapshot.content(path).map(TextContent.shown) ?? "" }
        let content = Diff(path, before: before, after: TextContent.shown(content))
        guard let target, let attributes = attributes.diff(path, from: target, umask: write.session.umask) else {
            return [content]
        }
        return [content, attributes]
    }

    /// A file that is there, and is not to be replaced.
    private func kept(_ path: String) -> Variables {
        var fields: Variables = ["dest": .string(path)]
        if let origin { fields["src"] = .string(origin) }
        return fields
    }

    private func result(_ path: String, changed: Bool, isNew: Bool, state: PathState) -> TaskResult {
        var fields: Variables = ["dest": .string(path), "checksum": .string(checksum), "diff": .list([])]
        if isNew {
            fields["md5sum"] = .string(Hex.text(Insecure.MD5.hash(data: content)))
        } else {
            fields["path"] = .string(path)
        }
        fields.merge(state.resultFields) { $1 }
        return TaskResult(changed: changed, fields: fields)
    }
}

/// Content as people see it in a difference.
enum TextContent {
    /// Text as it is; anything else by its size.
    static func shown(_ bytes: [UInt8]) -> String {
        guard bytes.count <= 1 << 20 else { return "(\(bytes.count) bytes)\n" }
        guard !bytes.contains(0), let text = String(validating: bytes, as: UTF8.self) else {
            return "(\(bytes.count) bytes that are no text)\n"
        }
        return text
    }
}
