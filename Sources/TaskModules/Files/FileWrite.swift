import Fleet
import OrderedCollections
import Values

/// Replaces a file's content in one step: readers see the old content or the new one, never a part.
struct FileWrite: Sendable {
    /// Where the new content comes from.
    enum Source: Sendable, Equatable {
        /// The script's standard input, to its end.
        case input
        /// So many bytes of the script's standard input.
        case inputPart(Int)
        /// A file that was uploaded to this path beforehand; it is used up.
        case uploaded(String)
        /// Another file of the host.
        case file(String)
        /// Shell lines that fill the file named by `"$t"`.
        case lines([String])
    }

    /// The path as the task names it.
    var path: String
    /// What stands there and is replaced: the target where a link is followed.
    var existing: PathState?
    /// Whether owner, group and mode of what stood there are kept where nothing else is asked for.
    var keepsAttributes = true
    /// Mode of a new file before what is asked for; `nil` leaves it to the umask.
    var newMode: UInt16?
    /// Whether `path` is a link whose target is to be replaced.
    var followsLink = false
    /// Whether folders on the way are made.
    var makesParents = false
    var source: Source = .input
    var attributes: FileAttributes
    var validate: String?
    /// Whether a file with the same content stays, which the script tells by `unchanged=yes`.
    var comparesFirst = false
    var keepsBackup = false
    /// Whether the script tells what the new content's file was called until it took its place, as `src=`.
    var namesSource = false
    var session: SessionState

    /// Reads the parameters that modules which write files share.
    init(path: String, existing: PathState?, attributes: FileAttributes, session: SessionState) {
        self.path = path
        self.existing = existing
        self.attributes = attributes
        self.session = session
    }

    /// What stands there afterwards, with `size` bytes.
    func after(size: Int) -> PathState {
        var state = attributes.applied(to: untouched, umask: session.umask)
        state.size = size
        return state
    }

    /// What the new file would be if nothing were asked for.
    var untouched: PathState {
        if var state = existing, keepsAttributes {
            state.kind = .file
            return state
        }
        return PathState(
            .file, mode: newMode ?? 0o666 & ~session.umask, uid: session.uid, gid: session.gid, owner: session.user,
            group: session.group)
    }

    /// The script. On success it writes `backup_file=` with a path if a backup was made.
    func script() throws(InputError) -> String {
        var lines = ["set -e", followsLink ? "d=$(readlink -f -- \(path.quoted))" : "d=\(path.quoted)"]
        lines.append(followsLink ? "p=${d%/*}" : "p=\(path.parentFolder.quoted)")
        if makesParents {
            lines.append(#"[ -d "$p" ] || mkdir -p -- "$p""#)
        } else {
            lines.append(#"[ -d "$p" ] || { echo "destination directory $p does not exist" >&2; exit 1; }"#)
        }
        lines += temporaryFile
        if comparesFirst, let existing {
            let own = attributes.lines(for: existing, path: #""$d""#, umask: session.umask)
            lines.append(#"if cmp -s -- "$t" "$d"; then"#)
            lines += own + ["echo \(own.isEmpty ? "unchanged" : "attributes")=yes", "exit 0", "fi"]
        }
        lines += ownership
        lines.append(FileAttributes.modeLine(after(size: 0).mode, path: #""$t""#))
        lines += try validation()
        if keepsBackup, existing != nil {
            lines += Self.backupLines
        }
        lines.append(#"mv -fT -- "$t" "$d""#)
        if namesSource { lines.append(#"printf 'src=%s\n' "$t""#) }
        return lines.joined(separator: "\n") + "\n"
    }

    /// Keeps the old content under a name that no other backup has: several may be made in one second.
    private static let backupLines = [
        "n=$$; s=$(date +%Y-%m-%d@%H:%M:%S)", #"while [ -e "$d.$n.$s~" ]; do n=$((n + 1)); done"#,
        #"b="$d.$n.$s~"; cp -p -- "$d" "$b"; printf 'backup_file=%s\n' "$b""#,
    ]

    /// The new content under a temporary name in the same folder, readable by its owner alone until it is complete.
    private var temporaryFile: [String] {
        if case .uploaded(let upload) = source { return ["t=\(upload.quoted)", #"trap 'rm -f -- "$t"' EXIT"#] }
        // A validator may judge by the name's ending.
        let ending =
            validate == nil ? "" : path.lastPathPart.split(separator: ".").dropFirst().last.map { ".\($0)" } ?? ""
        let suffix = ending.isEmpty ? "" : "--suffix=\(ending.quoted) "
        var lines = [#"t=$(mktemp \#(suffix)-- "$p/.drover.XXXXXXXX")"#, #"trap 'rm -f -- "$t"' EXIT"#]
        switch source {
        case .file(let other): lines.append("cat -- \(other.quoted) >\"$t\"")
        case .lines(let own): lines += own
        case .inputPart(let count): lines.append("head -c \(count) >\"$t\"")
        default: lines.append(#"cat >"$t""#)
        }
        return lines
    }

    private var ownership: [String] {
        var lines: [String] = []
        let (owner, group) = (attributes.owner, attributes.group)
        if let existing, keepsAttributes, owner == nil || group == nil {
            // Only root may give files away; others keep what they can, as Ansible does.
            lines.append(#"chown -- \#(existing.uid):\#(existing.gid) "$t" 2>/dev/null || :"#)
        } else if group == nil {
            lines.append(#"if [ -g "$p" ]; then chgrp -- \#(session.gid) "$t"; fi"#)
        }
        if let line = FileAttributes.ownershipLine(owner, group, path: #""$t""#) { lines.append(line) }
        return lines
    }

    private func validation() throws(InputError) -> [String] {
        guard let validate else { return [] }
        let words = try ShellWords.split(validate)
        guard words.contains(where: { $0.contains("%s") }) else {
            throw InputError("parameter 'validate' must hold %s, where the file's name goes, not '\(validate)'")
        }
        let command = ShellLine.quoting(words, placing: #""$t""#)
        return ["PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin"]
            + ["\(command) || { s=$?; echo \"failed to validate\" >&2; exit $s; }"]
    }

}

extension CommandResult {
    /// `name=value` lines of standard output.
    var outputFields: Variables {
        var fields: Variables = [:]
        for line in text.split(separator: "\n") {
            let pair = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            if pair.count == 2 { fields[pair[0]] = .string(pair[1]) }
        }
        return fields
    }
}

/// What a path is like when a script is through, told by the script itself.
enum PathReport {
    private static let field = "path_state"

    /// The shell line that tells it.
    /// - Parameter path: A word as the shell reads it.
    static func line(of path: String) -> String {
        "LC_ALL=C stat --printf '\(field)=\(StatSection.format)-\\n' -- \(path)"
    }

    /// Takes it out of a script's ``CommandResult/outputFields``.
    static func state(takenFrom fields: inout Variables) -> PathState? {
        guard let record = fields.removeValue(forKey: field)?.text else { return nil }
        return StatRecord.parse(ArraySlice(record.utf8)) { $0 == "-" }?.1
    }
}

extension TaskResult {
    /// This result with `fields` added when the script succeeded, a failure with what it wrote otherwise.
    func completed(by answer: CommandResult) -> TaskResult {
        guard answer.succeeded else { return .failure(of: answer) }
        var result = self
        result.fields.merge(answer.outputFields) { $1 }
        if let state = PathReport.state(takenFrom: &result.fields) { result.fields.merge(state.resultFields) { $1 } }
        return result
    }

    /// A failed script: its last line of complaint is the message.
    static func failure(of answer: CommandResult, message: String? = nil) -> TaskResult {
        let complaint = answer.errorText.isEmpty ? answer.text : answer.errorText
        let last = complaint.split(separator: "\n").last { !$0.allSatisfy(\.isWhitespace) }.map(String.init)
        return TaskResult(
            failed: true, message: message ?? last ?? "exit status \(answer.status)",
            fields: [
                "rc": .int(Int(answer.status)), "stdout": .string(answer.text), "stderr": .string(answer.errorText),
            ])
    }
}
