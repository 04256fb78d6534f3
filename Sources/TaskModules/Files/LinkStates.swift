import Fleet
import OrderedCollections
import Values

/// `state: link`.
struct LinkState: PathPart {
    let path: HostPath
    let source: String?
    let attributes: FileAttributes
    var force = false
    var follow = true

    func probes(given snapshot: Snapshot) -> [Probe] {
        guard let path = path.resolved(snapshot) else { return path.probes() }
        var probes: [Probe] = [.path(path), .session]
        if let source = source ?? snapshot.path(path)?.linkTarget {
            probes.append(.target(absolute(source, from: path)))
        }
        if !attributes.isEmpty { probes.append(.target(path)) }
        if force, snapshot.path(path)?.kind == .directory { probes.append(.tree(path)) }
        return probes
    }

    /// What a link at `path` leads to.
    private func absolute(_ source: String, from path: String) -> String {
        path.parentFolder.appendingPath(source)
    }

    func step(_ snapshot: Snapshot) -> Step {
        let path = path.resolved(snapshot) ?? path.written
        let own = snapshot.path(path)
        guard let source = source ?? own?.linkTarget else {
            return fail(path, "src is required for creating new symlinks")
        }
        let leadsTo = absolute(source, from: path)
        let target = snapshot.target(leadsTo)
        if !force, self.source != nil, target == nil {
            let message = "src file does not exist, use 'force=yes' if you really want to create the link: \(leadsTo)"
            var fields: Variables = ["path": .string(path), "src": .string(source)]
            if let own { fields.merge(own.resultFields) { $1 } }
            return .failed(TaskResult(failed: true, message: message, fields: fields))
        }
        if let own, let message = refusal(to: own, path, snapshot) { return fail(path, message, own) }
        let isNew = own?.kind != .link || own?.linkTarget != source
        var lines = isNew ? linking(path, source, over: own) : []
        let touched = follow ? target : own?.kind == .link && !isNew ? own : nil
        if !attributes.isEmpty, touched != nil || (isNew && !follow) {
            let state = touched ?? PathState(.link, mode: 0o777)
            lines += attributes.lines(for: state, path: path.quoted, umask: snapshot.session.umask)
        }
        var fields: Variables = ["dest": .string(path), "src": .string(source)]
        if target == nil {
            // As in Ansible, nothing is told of a link to nothing.
            if follow { fields["warnings"] = .list([.string(Self.danglingWarning)]) }
        } else {
            let link = link(to: source, isNew ? nil : own, snapshot.session)
            fields.merge((follow ? link : attributes.applied(to: link)).resultFields) { $1 }
        }
        guard !lines.isEmpty else { return .converged(TaskResult(fields: fields)) }
        var change = Change(
            script: strictScript(lines), predicted: TaskResult(changed: true, fields: fields),
            touches: .paths([path] + (isNew ? [] : [leadsTo])))
        if isNew {
            let before = own.map { $0.linkTarget.map { "link to: \($0)\n" } ?? "state: \($0.stateName)\n" }
            change.diffs = [Diff(path, before: before, after: "link to: \(source)\n")]
        }
        return .change(change)
    }

    private static let danglingWarning =
        "Cannot set fs attributes on a non-existent symlink target. follow should be set to False to avoid this."

    /// The link itself, whose size is its text's.
    private func link(to source: String, _ own: PathState?, _ session: SessionState) -> PathState {
        own
            ?? PathState(
                .link, mode: 0o777, uid: session.uid, gid: session.gid, owner: session.user, group: session.group,
                size: source.utf8.count)
    }

    private func refusal(to own: PathState, _ path: String, _ snapshot: Snapshot) -> String? {
        guard own.kind != .link else { return nil }
        guard force else { return "refusing to convert from \(own.stateName) to symlink for \(path)" }
        if case .tree(let entries)? = snapshot[.tree(path)], entries.count > 1 {
            return "the directory \(path) is not empty, refusing to convert it"
        }
        return nil
    }

    /// A link that replaces something is made beside it and moved over it.
    private func linking(_ path: String, _ source: String, over own: PathState?) -> [String] {
        guard let own else { return ["ln -sT -- \(source.quoted) \(path.quoted)"] }
        let folder = own.kind == .directory ? ["rmdir -- \(path.quoted)"] : []
        return folder + [
            "t=\(path.parentFolder.quoted)/.drover.$$",
            "ln -sfT -- \(source.quoted) \"$t\"", "mv -fT -- \"$t\" \(path.quoted)",
        ]
    }

    private func fail(_ path: String, _ message: String, _ own: PathState? = nil) -> Step {
        let fields: Variables = ["path": .string(path)]
        return .failed(
            TaskResult(failed: true, message: message, fields: fields.merging(own?.resultFields ?? [:]) { $1 }))
    }
}

/// `state: hard`.
struct HardLinkState: PathPart {
    let path: HostPath
    let source: HostPath?
    let attributes: FileAttributes
    let force: Bool

    func probes(given snapshot: Snapshot) -> [Probe] {
        guard let path = path.resolved(snapshot) else { return path.probes() }
        guard let source else { return [.path(path), .session] }
        return [.path(path), .session]
            + (source.resolved(snapshot).map { [.path($0), .target($0)] } ?? source.probes())
    }

    func step(_ snapshot: Snapshot) -> Step {
        let path = path.resolved(snapshot) ?? path.written
        let own = snapshot.path(path)
        guard let from = source.flatMap({ $0.resolved(snapshot) }) else {
            guard let own, own.links > 1 else { return fail(path, "src is required for creating new hardlinks") }
            return attributes.step(path, own, ["dest": .string(path)], umask: snapshot.session.umask)
        }
        guard let target = snapshot.target(from), snapshot.path(from) != nil else {
            return .failed(
                TaskResult(
                    failure: "src does not exist", hints: ["\(from) must be there on the host before it is linked to"],
                    fields: ["dest": .string(path), "src": .string(from)]))
        }
        var fields: Variables = ["dest": .string(path), "src": .string(from)]
        fields.merge(attributes.applied(to: target, umask: snapshot.session.umask).resultFields) { $1 }
        fields["state"] = .string("hard")
        if let own, own.inode == target.inode, own.device == target.device {
            return attributes.step(path, own, fields, umask: snapshot.session.umask)
        }
        if let own, own.kind == .directory || (!force && own.kind != .link) {
            return fail(path, "Cannot link, \(own.stateName) exists at destination")
        }
        var lines = [
            "t=\(path.parentFolder.quoted)/.drover.$$", "ln -T -- \(from.quoted) \"$t\"",
            "mv -fT -- \"$t\" \(path.quoted)",
        ]
        if own == nil { lines = ["ln -T -- \(from.quoted) \(path.quoted)"] }
        lines += attributes.lines(for: target, path: path.quoted, umask: snapshot.session.umask)
        var change = Change(
            script: strictScript(lines), predicted: TaskResult(changed: true, fields: fields),
            touches: .paths([path, from]))
        change.diffs = [Diff(path, before: own.map { "state: \($0.stateName)\n" }, after: "state: hard\n")]
        return .change(change)
    }

    private func fail(_ path: String, _ message: String) -> Step {
        .failed(TaskResult(failed: true, message: message, fields: ["dest": .string(path)]))
    }
}
