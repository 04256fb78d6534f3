import Fleet
import OrderedCollections
import Values

/// `copy` with `remote_src`: a folder of the host with all that is in it, copied to another place there.
///
/// What is there already and not in the source stays; files that differ are written anew, with the source's mode.
struct RemoteFolderCopy: Sendable {
    /// The folder that is copied, as it stands on the host.
    let from: String
    /// Whether its content goes into the destination, rather than the folder itself: a slash at the end says so.
    let copiesContent: Bool
    let dest: String
    let attributes: FileAttributes
    /// The mode of folders that are made on the way.
    let directoryMode: FileMode?
    /// Whether what links point to is copied, rather than the links.
    let followsLinks: Bool

    /// Where the content ends up.
    private var content: String { copiesContent ? dest : dest.appendingPath(from.lastPathPart) }

    /// What gets the task's owner, group and mode.
    private func top(_ snapshot: Snapshot) -> String {
        let isThere = dest.hasSuffix("/") || snapshot.target(dest)?.kind == .directory
        return isThere ? content : dest
    }

    func probes(_ snapshot: Snapshot) -> [Probe] {
        [.session, .path(dest), .target(dest), .target(content), .target(top(snapshot)), .query(script(acts: false))]
    }

    func step(_ snapshot: Snapshot) -> Step {
        let session = snapshot.session
        guard let source = snapshot.target(from), let answer = snapshot.output(script(acts: false)), answer.status == 0
        else { return .failed(TaskResult(failed: true, message: "the folder \(from) cannot be read")) }
        if let there = snapshot.target(content), there.kind != .directory {
            return .failed(TaskResult(failed: true, message: "cannot write '\(content)': it is no folder"))
        }
        let top = top(snapshot)
        var wanted = attributes
        if wanted.mode == .preserve { wanted.mode = .exact(source.mode) }
        let new = PathState(
            .directory, mode: top == content ? source.mode : 0o777 & ~session.umask, uid: session.uid, gid: session.gid,
            owner: session.user, group: session.group)
        let state = snapshot.target(top) ?? new
        let lines = wanted.lines(for: state, path: top.quoted, umask: session.umask)
        var fields: Variables = ["src": .string(from), "dest": .string(top)]
        fields.merge(wanted.applied(to: state, umask: session.umask).resultFields) { $1 }
        let differs = answer.text.contains("changed")
        guard differs || !lines.isEmpty else { return .converged(TaskResult(fields: fields)) }
        let parts = [parents(snapshot), script(acts: true) + " >&2"] + lines
        var change = Change(
            script: parts.map { "(\n\($0)\n) || exit\n" }.joined(),
            predicted: TaskResult(changed: true, fields: fields),
            touches: .paths([dest]))
        change.diffs = [Diff(content, before: nil, after: "content of \(from)\n")]
        return .change(change)
    }

    /// Makes the folders on the way.
    private func parents(_ snapshot: Snapshot) -> String {
        let path = HostPath(dest)
        let mode = directoryMode == .preserve ? nil : directoryMode
        var folder = attributes
        folder.mode = mode
        if dest.hasSuffix("/"), case .change(let made) = FolderState(path: path, attributes: folder).step(snapshot),
            snapshot.target(dest) == nil
        {
            return made.script
        }
        return "mkdir -p -- \"$(dirname -- \(content.trimmingSlashes.quoted))\""
    }

    /// Goes through both folders; says `changed` where something is missing or differs, and makes it the same when it `acts`.
    private func script(acts: Bool) -> String {
        """
        act=\(acts ? 1 : 0)
        changed=
        put() { changed=1; if [ $act = 1 ]; then cp -R \(followsLinks ? "-L" : "-P") --preserve=mode -- "$1" "$2"; fi; }
        write() { changed=1; if [ $act = 1 ]; then cat <"$1" >"$2" && chmod --reference="$1" -- "$2"; fi; }
        same() { [ "$(sha1sum <"$1")" = "$(sha1sum <"$2")" ]; }
        walk() {
            if [ ! -e "$2" ] && [ ! -L "$2" ]; then put "$1" "$2"; return; fi
            for e in "$1"/* "$1"/.[!.]* "$1"/..?*; do
                if [ ! -e "$e" ] && [ ! -L "$e" ]; then continue; fi
                t=$2/${e##*/}
                if [ ! -e "$t" ] && [ ! -L "$t" ]; then
                    put "$e" "$t" || return
                elif [ -f "$e" ] && [ -f "$t" ]; then
                    same "$e" "$t" || write "$e" "$t" || return
                elif [ -d "$e" ] && [ -d "$t" ]; then
                    walk "$e" "$t" || return
                fi
            done
        }
        walk \(from.trimmingSlashes.quoted) \(content.trimmingSlashes.quoted) && printf %s "${changed:+changed}"
        """
    }
}
