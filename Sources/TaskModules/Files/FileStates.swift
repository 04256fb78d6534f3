import Fleet
import OrderedCollections
import Values

/// A failure that touched nothing.
private func refusal(_ path: String, _ message: String, _ state: PathState? = nil) -> Step {
    let fields: Variables = ["path": .string(path)]
    return .failed(
        TaskResult(failed: true, message: message, fields: fields.merging(state?.resultFields ?? [:]) { $1 }))
}

/// A script whose first failing line ends it.
func strictScript(_ lines: [String]) -> String { (["set -e"] + lines).joined(separator: "\n") + "\n" }

/// `state: absent`.
struct AbsentState: PathPart {
    let path: HostPath

    func probes(given snapshot: Snapshot) -> [Probe] { path.resolved(snapshot).map { [.path($0)] } ?? path.probes() }

    func step(_ snapshot: Snapshot) -> Step {
        let path = path.resolved(snapshot) ?? path.written
        let fields: Variables = ["path": .string(path), "state": .string("absent")]
        guard let state = snapshot.path(path) else { return .converged(TaskResult(fields: fields)) }
        guard path.trimmingSlashes != "/" else { return refusal(path, "refusing to remove '/'") }
        let remove = state.kind == .directory ? "rm -rf" : "rm -f"
        var change = Change(
            script: "\(remove) -- \(path.quoted)\n", predicted: TaskResult(changed: true, fields: fields),
            touches: .paths([path]))
        change.diffs = [Diff(path, before: "state: \(state.stateName)\n", after: "state: absent\n")]
        return .change(change)
    }
}

/// `state: file`: something that is there gets its attributes.
struct ExistingFileState: PathPart {
    let path: HostPath
    let attributes: FileAttributes
    let follow: Bool
    /// Whether the task names the state.
    var isNamed = true

    func probes(given snapshot: Snapshot) -> [Probe] {
        guard let path = path.resolved(snapshot) else { return path.probes() }
        var probes: [Probe] = [.path(path)]
        if snapshot.path(path)?.kind == .link, follow { probes.append(.target(path)) }
        if case .symbolic? = attributes.mode { probes.append(.session) }
        return probes
    }

    func step(_ snapshot: Snapshot) -> Step {
        let path = path.resolved(snapshot) ?? path.written
        let own = snapshot.path(path)
        let state = own?.kind == .link && follow ? snapshot.target(path) : own
        guard let state, state.kind != .directory, state.kind != .link else {
            let found = state?.stateName ?? "absent"
            let fields: Variables = ["path": .string(path), "state": .string(found)]
            let message = "file (\(path)) is \(found), cannot continue"
            let hints = state == nil ? ["'state: touch' makes an empty file, 'state: directory' a folder"] : []
            return .failed(TaskResult(failure: message, hints: hints, fields: fields))
        }
        // One of several names of a file counts as a hard link, whatever the task called it.
        let fields: Variables =
            state.links > 1 && !isNamed ? ["dest": .string(path), "src": .null] : ["path": .string(path)]
        return attributes.step(path, state, fields, umask: snapshot.session.umask)
    }
}

/// `state: touch`.
struct TouchState: PathPart {
    let path: HostPath
    let attributes: FileAttributes
    let times: TouchTimes

    func probes(given snapshot: Snapshot) -> [Probe] {
        path.resolved(snapshot).map { [.target($0), .session] } ?? path.probes()
    }

    func step(_ snapshot: Snapshot) -> Step {
        let path = path.resolved(snapshot) ?? path.written
        let session = snapshot.session
        let found = snapshot.target(path)
        let state =
            found
            ?? PathState(
                .file, mode: 0o666 & ~session.umask, uid: session.uid, gid: session.gid, owner: session.user,
                group: session.group)
        var lines = attributes.lines(for: state, path: path.quoted, umask: session.umask)
        if found == nil {
            lines.insert("touch -- \(path.quoted)", at: 0)
        } else if let options = times.options {
            lines.insert("touch -c \(options)-- \(path.quoted)", at: 0)
        }
        var fields: Variables = ["dest": .string(path)]
        fields.merge(attributes.applied(to: state, umask: session.umask).resultFields) { $1 }
        guard !lines.isEmpty else { return .converged(TaskResult(fields: fields)) }
        var change = Change(
            script: strictScript(lines), predicted: TaskResult(changed: true, fields: fields), touches: .paths([path]))
        let diff = attributes.diff(path, from: state, umask: session.umask)
        change.diffs =
            [
                Diff(
                    path, before: found == nil ? "state: absent\n" : "state: \(state.stateName)\n",
                    after: "state: touch\n")
            ] + [diff].compactMap { $0 }
        return .change(change)
    }
}

/// `state: directory`.
struct FolderState: PathPart {
    let path: HostPath
    let attributes: FileAttributes
    var recurses = false
    var follow = true
    /// Whether a folder that is there stays as it is.
    var keepsExisting = false

    func probes(given snapshot: Snapshot) -> [Probe] {
        guard let path = path.resolved(snapshot) else { return path.probes() }
        var probes: [Probe] = [.path(path)]
        let isThere = snapshot.path(path) != nil
        if snapshot.path(path)?.kind == .link { probes.append(.target(path)) }
        if snapshot[.path(path)] == .absent || attributes.mode?.isRelative == true { probes.append(.session) }
        if recurses, isThere { probes.append(.tree(path)) }
        return probes
    }

    func step(_ snapshot: Snapshot) -> Step {
        let path = path.resolved(snapshot) ?? path.written
        let own = snapshot.path(path)
        guard let own else { return .change(creation(path, snapshot.session)) }
        let state = own.kind == .link && follow ? snapshot.target(path) : own
        guard let state, state.kind == .directory else {
            return refusal(path, "\(path) already exists as a \(state?.stateName ?? "link to nothing")", own)
        }
        if keepsExisting { return .converged(TaskResult(fields: ["path": .string(path)])) }
        let step = attributes.step(path, state, ["path": .string(path)], umask: snapshot.session.umask)
        guard recurses, case .tree(let entries)? = snapshot[.tree(path)] else { return step }
        return recursion(path, entries, first: step, umask: snapshot.session.umask)
    }

    /// Folders on the way are made too, and get the same owner, group and mode.
    private func creation(_ path: String, _ session: SessionState) -> Change {
        var lines = [
            "q=\(path.trimmingSlashes.quoted)",
            #"while [ -n "$q" ] && [ ! -d "$q" ]; do set -- "$q" "$@";"#
                + #" case $q in */*) q=${q%/*} ;; *) break ;; esac; done"#,
            #"mkdir -- "$@""#,
        ]
        let made = PathState(
            .directory, mode: 0o777 & ~session.umask, uid: session.uid, gid: session.gid, owner: session.user,
            group: session.group)
        if let line = FileAttributes.ownershipLine(attributes.owner, attributes.group, path: #""$@""#) {
            lines.append(line)
        }
        let after = attributes.applied(to: made, umask: session.umask)
        if attributes.mode != nil { lines.append(FileAttributes.modeLine(after.mode, path: #""$@""#)) }
        var fields: Variables = ["path": .string(path)]
        fields.merge(after.resultFields) { $1 }
        var change = Change(
            script: strictScript(["set --"] + lines), predicted: TaskResult(changed: true, fields: fields),
            touches: .paths([topmost(path)]))
        change.diffs = [Diff(path, before: "state: absent\n", after: "state: directory\n")]
        // How large a new folder is, is the file system's affair.
        change.script += PathReport.line(of: path.quoted) + "\n"
        let predicted = change.predicted
        change.interpret = { predicted.completed(by: $0) }
        return change
    }

    /// What is known of the folders above goes stale too, because they may have been made.
    private func topmost(_ path: String) -> String {
        guard path.hasPrefix("/") else { return path }
        let parts = path.split(separator: "/")
        return parts.count > 1 ? "/" + parts.prefix(parts.count - 1).joined(separator: "/") : path
    }

    private func recursion(_ path: String, _ entries: [TreeEntry], first: Step, umask: UInt16) -> Step {
        let below = entries.filter { $0.path.trimmingSlashes != path.trimmingSlashes }
        let different = below.filter { !attributes.lines(for: $0.state, path: "p", umask: umask).isEmpty }
        guard !different.isEmpty else { return first }
        var lines: [String] = []
        let place = path.quoted
        if let line = FileAttributes.ownershipLine(attributes.owner, attributes.group, path: "", isLink: true) {
            lines.append("find \(place) -exec \(line)'{}' +")
        }
        lines += modeLines(place, below, umask)
        var change = Change(
            script: "", predicted: TaskResult(changed: true, fields: ["path": .string(path)]), touches: .paths([path]))
        switch first {
        case .change(let own):
            change.diffs = own.diffs
            change.predicted = own.predicted
            lines = own.script.split(separator: "\n").dropFirst().map(String.init) + lines
        case .converged(let result): change.predicted.fields = result.fields
        default: return first
        }
        change.script = strictScript(lines)
        change.diffs += different.prefix(100).compactMap { attributes.diff($0.path, from: $0.state, umask: umask) }
        return .change(change)
    }

    /// One command for each mode that results below.
    private func modeLines(_ place: String, _ below: [TreeEntry], _ umask: UInt16) -> [String] {
        guard let mode = attributes.mode else { return [] }
        if case .exact(let bits) = mode {
            return ["find \(place) -mindepth 1 ! -type l -exec chmod -- 0\(FileMode.text(bits)) '{}' +"]
        }
        var groups: OrderedDictionary<UInt16, [String]> = [:]
        for entry in below where entry.state.kind != .link {
            let wanted = attributes.applied(to: entry.state, umask: umask).mode
            if wanted != entry.state.mode { groups[wanted, default: []].append(entry.path) }
        }
        return groups.map { "chmod -- 0\(FileMode.text($0.key)) \(shellWords($0.value))" }
    }
}
