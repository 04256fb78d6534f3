import Fleet
import OrderedCollections
import Values

/// A change of a part of a file: what `lineinfile`, `blockinfile` and `replace` have in common.
struct FileEdit: Sendable {
    /// What an edit makes of the content.
    struct Outcome: Sendable {
        var bytes: [UInt8]
        /// What was done, empty when nothing.
        var message: String
        var fields: Variables = [:]
        /// Why the edit cannot be made.
        var failure: String?
    }

    /// What results tell besides what the edit says.
    struct ResultFields: Sendable {
        /// What the backup's name is called.
        var backup = "backup_file"
        /// Whether there is such a field even when no backup was made.
        var alwaysNamesBackup = false
        /// Whether the difference is told, which is empty unless differences are wanted.
        var hasDiff = false
        /// Whether a changed content is told where differences are wanted.
        var showsChange = false
        /// What is told of a file that is there.
        var fields: Variables = [:]
    }

    /// What it means that there is no file.
    enum Missing {
        /// It is made if the task allows that, else the task fails.
        case creation
        /// There is nothing to do, which is said.
        case nothing(String)
    }

    private let path: HostPath
    private let attributes: FileAttributes
    private let creates: Bool
    private let keepsBackup: Bool
    private let validate: String?
    private let missing: String
    private let telling: ResultFields
    private let wantsDiff: Bool
    private let outcomes = KnownOutcomes()
    /// What is said when a file was made, instead of what the edit says.
    var creationMessage: String?

    /// Reads the parameters that editing modules share.
    /// - Parameter missing: What is said when there is no file, with `%s` for its path.
    init(
        _ arguments: ModuleArguments, _ context: ModuleContext, creates: Bool, telling: ResultFields,
        missing: String = "Path %s does not exist !"
    ) throws(InputError) {
        self.missing = missing
        self.telling = telling
        wantsDiff = context.wantsDiff
        path = HostPath(try arguments.requiredPath("path"))
        attributes = try FileAttributes(arguments)
        keepsBackup = try arguments.bool("backup")
        validate = try arguments.string("validate")
        self.creates = creates
        if attributes.mode == .preserve { throw arguments.wrong("mode", "cannot be 'preserve' here") }
    }

    func probes(given snapshot: Snapshot) -> [Probe] {
        guard let path = path.resolved(snapshot) else { return path.probes() }
        var probes: [Probe] = [.path(path), .content(path)]
        switch snapshot[.path(path)] {
        case .absent?: probes.append(.session)
        case .path(let state)? where state.kind == .link: probes.append(.target(path))
        default: break
        }
        if case .symbolic? = attributes.mode { probes.append(.session) }
        return probes
    }

    /// What the edit comes to.
    func step(_ snapshot: Snapshot, whenMissing: Missing, _ edit: ([UInt8]) throws -> Outcome) throws -> Step {
        let path = path.resolved(snapshot) ?? path.written
        let own = snapshot.path(path)
        let target = own?.kind == .link ? snapshot.target(path) : own
        if target?.kind == .directory { return fail(path, 256, "Path \(path) is a directory !") }
        guard let target else {
            if case .nothing(let message) = whenMissing {
                return .converged(TaskResult(message: message.replacing("%s", with: path)))
            }
            guard creates else { return fail(path, 257, missing.replacing("%s", with: path)) }
            return try write(path, nil, from: [], isLink: own != nil, try edit([]), snapshot)
        }
        guard let bytes = snapshot.content(path) else { return fail(path, 1, "\(path) cannot be read") }
        let outcome = try outcomes.outcome(for: bytes, edit)
        if let failure = outcome.failure { return fail(path, 1, failure) }
        guard outcome.bytes == bytes else {
            return try write(path, target, from: bytes, isLink: own?.kind == .link, outcome, snapshot)
        }
        let message =
            attributes.lines(for: target, path: "p", umask: snapshot.session.umask).isEmpty
            ? outcome.message : "ownership, perms or SE linux context changed"
        let fields = fields(path, outcome, before: bytes, from: target, snapshot)
        return attributes.step(
            path, target, fields, umask: snapshot.session.umask, message: message, describesFile: false)
    }

    /// What the result tells, as long as no backup was made.
    private func fields(
        _ path: String, _ outcome: Outcome, before: [UInt8], from state: PathState, _ snapshot: Snapshot
    ) -> Variables {
        var fields = telling.fields.merging(outcome.fields) { $1 }
        if telling.alwaysNamesBackup { fields[telling.backup] = .string("") }
        if telling.showsChange, wantsDiff, outcome.bytes != before {
            fields["diff"] = EditDiff.file(path, from: before, to: outcome.bytes)
        }
        guard telling.hasDiff else { return fields }
        let content = EditDiff.content(path, before: wantsDiff ? before : [], after: wantsDiff ? outcome.bytes : [])
        fields["diff"] = .list([content, EditDiff.attributes(path, attributes, state, snapshot.session.umask)])
        return fields
    }

    private func fail(_ path: String, _ status: Int, _ message: String) -> Step {
        .failed(TaskResult(failed: true, message: message, fields: ["rc": .int(status)]))
    }

    private func write(
        _ path: String, _ state: PathState?, from before: [UInt8], isLink: Bool, _ outcome: Outcome,
        _ snapshot: Snapshot
    ) throws -> Step {
        if state == nil, outcome.bytes.isEmpty, outcome.message.isEmpty { return .converged(TaskResult()) }
        var write = FileWrite(path: path, existing: state, attributes: attributes, session: snapshot.session)
        write.followsLink = isLink && state != nil
        write.makesParents = state == nil
        write.keepsBackup = keepsBackup
        write.validate = validate
        var message = state == nil ? creationMessage ?? outcome.message : outcome.message
        let found = state ?? write.untouched
        if !attributes.lines(for: found, path: "p", umask: snapshot.session.umask).isEmpty {
            message += " and ownership, perms or SE linux context changed"
        }
        let fields = fields(path, outcome, before: before, from: found, snapshot)
        let predicted = TaskResult(changed: true, message: message, fields: fields)
        var change = Change(script: try write.script(), predicted: predicted, touches: .paths([path]))
        change.input = outcome.bytes
        change.diffs = [
            Diff(path, before: state.map { _ in TextContent.shown(before) }, after: TextContent.shown(outcome.bytes))
        ]
        if let state, let diff = attributes.diff(path, from: state, umask: snapshot.session.umask) {
            change.diffs.append(diff)
        }
        change.interpret = { [telling] answer in
            var result = predicted.completed(by: answer)
            if let backup = result.fields.removeValue(forKey: "backup_file") { result.fields[telling.backup] = backup }
            return result
        }
        return .change(change)
    }
}
