import Fleet
import OrderedCollections
import Values

/// Unpacks a tar archive on the host.
struct UnarchiveModule: TaskModule {
    /// Parameters of `unarchive`.
    static let specification = ModuleSpecification(
        "unarchive",
        parameters: [
            .init("src", .path, required: true), .init("dest", .path, required: true), .init("remote_src", .bool),
            .init("copy", .bool), .init("creates", .path), .init("list_files", .bool), .init("keep_newer", .bool),
            .init("exclude", .list), .init("include", .list), .init("extra_opts", .list),
            .init("validate_certs", .bool),
        ] + FileAttributes.parameters)

    /// Where the archive comes from.
    private enum Source: Sendable {
        /// Sent along with every question and with the change.
        case content([UInt8])
        /// Too large for that: sent only to be unpacked.
        case upload(path: String, checksum: String)
        /// A file of the host.
        case host(HostPath)
        /// An address that the host downloads from.
        case network(Download)
    }

    private let source: Source
    private let name: String
    private let dest: HostPath
    private let creates: HostPath?
    private let archive: ArchiveLines
    private let attributes: FileAttributes
    private let listsFiles: Bool

    init(_ arguments: ModuleArguments, _ context: ModuleContext) throws {
        name = try arguments.requiredPath("src")
        dest = HostPath(try arguments.requiredPath("dest"))
        creates = try arguments.path("creates").map(HostPath.init)
        attributes = try FileAttributes(arguments)
        listsFiles = try arguments.bool("list_files")
        archive = try ArchiveLines(arguments, attributes)
        guard try !arguments.bool("remote_src"), try arguments.bool("copy", default: true) else {
            if name.contains("://") {
                source = .network(try Download(ModuleArguments(["url": .string(name)], at: arguments.location)))
            } else {
                source = .host(HostPath(name))
            }
            return
        }
        let path = try context.find("files", name)
        let bytes = try context.read(path)
        guard !bytes.starts(with: Array("PK".utf8)) else {
            throw arguments.wrong("src", "is a zip archive; only tar archives can be unpacked")
        }
        // What travels with each question is kept small.
        source =
            bytes.count <= 1 << 20
            ? .content(bytes)
            : .upload(path: path, checksum: FilePlacement(dest: dest, content: bytes, attributes: attributes).checksum)
    }

    private func places(_ snapshot: Snapshot) -> (dest: String, creates: String?)? {
        guard let dest = dest.resolved(snapshot) else { return nil }
        return (dest, creates.map { $0.resolved(snapshot) ?? $0.written })
    }

    func probes(given snapshot: Snapshot) -> [Probe] {
        guard let (dest, creates) = places(snapshot) else { return dest.probes() }
        var probes: [Probe] = [.target(dest)] + (creates.map { [.path($0)] } ?? [])
        if let creates, snapshot.path(creates) != nil { return probes }
        if case .host(let path) = source { probes += path.resolved(snapshot).map { [.target($0)] } ?? path.probes() }
        if snapshot.target(dest)?.kind == .directory, let question = question(dest, snapshot) {
            probes.append(.query(question))
        }
        return probes
    }

    /// What asks whether the archive's files are there as they are in it; `nil` when only unpacking can tell.
    private func question(_ dest: String, _ snapshot: Snapshot) -> String? {
        switch source {
        case .content(let bytes): archive.question(Base64Coding.text(bytes), dest)
        case .host(let path):
            path.resolved(snapshot).flatMap { snapshot.target($0) == nil ? nil : archive.question(file: $0, dest) }
        default: nil
        }
    }

    func step(_ snapshot: Snapshot) throws -> Step {
        guard let (dest, creates) = places(snapshot) else { return fail("unknown path") }
        if let creates, snapshot.path(creates) != nil {
            return .skipped(TaskResult(skipped: true, message: "skipped, since \(creates) exists"))
        }
        guard let folder = snapshot.target(dest), folder.kind == .directory else {
            return fail("dest '\(dest)' must be an existing dir")
        }
        if case .host(let path) = source, path.resolved(snapshot).flatMap(snapshot.target) == nil {
            return fail("Source '\(name)' does not exist")
        }
        var fields: Variables = ["dest": .string(dest), "src": .string(name)]
        fields.merge(folder.resultFields) { $1 }
        var change = Change(script: "", predicted: TaskResult(changed: true), touches: .paths([dest]))
        if let question = question(dest, snapshot), let output = snapshot.output(question) {
            let found = archive.findings(output.text)
            guard output.status == 0 else { return fail("'\(name)' is not an archive that tar can read") }
            fields["handler"] = .string(found.format.handler)
            if listsFiles { fields["files"] = .list(found.members.map(Value.string)) }
            guard !found.isUnpacked else {
                return .converged(TaskResult(fields: fields))
            }
            change.diffs = [Diff(dest, before: "", after: found.differences)]
        }
        change.predicted.fields = fields
        change.script = script(dest, &change)
        let (predicted, archive) = (change.predicted, archive)
        change.interpret = { answer in
            guard answer.succeeded else { return .failure(of: answer) }
            var result = predicted
            var told = answer.outputFields
            if let state = PathReport.state(takenFrom: &told) { result.fields.merge(state.resultFields) { $1 } }
            result.fields.merge(archive.results(of: answer, told, dest)) { $1 }
            return result
        }
        return .change(change)
    }

    private func script(_ dest: String, _ change: inout Change) -> String {
        var lines = ["f=$(mktemp)", #"trap 'rm -f -- "$f"' EXIT"#]
        switch source {
        case .content(let bytes):
            change.input = bytes
            lines.append(#"cat >"$f""#)
        case .upload(let path, let checksum):
            let remote = dest.appendingPath(".drover-\(checksum.prefix(16))")
            change.upload = (path, remote)
            lines = ["f=\(remote.quoted)", #"trap 'rm -f -- "$f"' EXIT"#]
        case .host(let path): lines = ["f=\(path.written.quoted)"]
        case .network(let download): lines += download.lines(to: #""$f""#)
        }
        return strictScript(lines + archive.unpacking(dest) + [PathReport.line(of: dest.quoted)])
    }

    private func fail(_ message: String) -> Step { .failed(TaskResult(failed: true, message: message)) }
}
