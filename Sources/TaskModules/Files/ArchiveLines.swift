import Fleet
import OrderedCollections
import Values

/// What `tar` is asked and told.
struct ArchiveLines: Sendable {
    private let options: [String]
    private let members: [String]
    private let attributes: FileAttributes

    /// Reads the parameters that choose members.
    init(_ arguments: ModuleArguments, _ attributes: FileAttributes) throws(InputError) {
        var options = try arguments.strings("extra_opts") ?? []
        if try arguments.bool("keep_newer") { options.append("--keep-newer-files") }
        for pattern in try arguments.strings("exclude") ?? [] { options.append("--exclude=\(pattern)") }
        self.options = options
        members = try arguments.strings("include") ?? []
        self.attributes = attributes
    }

    private var selection: String {
        members.isEmpty ? "" : " -- " + shellWords(members)
    }

    private func tar(_ action: String, _ dest: String) -> String {
        shellWords(["tar", action, "-C", dest] + options) + " -f \"$f\"" + selection
    }

    /// Differences, then a line `@@`, then the state of each member.
    private func lines(_ dest: String) -> [String] {
        let format = #"%F|%U|%G|%u|%g|%a|%n\n"#
        return [
            "LC_ALL=C tar -t -f \"$f\" >/dev/null 2>&1 || exit 9", "export LC_ALL=C", Self.formatLine,
            "\(tar("--diff", dest)) 2>&1", "echo @@",
            shellWords(["tar", "-t"] + options)
                + " -f \"$f\"\(selection) | (cd \(dest.quoted) && tr '\\n' '\\0' | xargs -0 -r stat --printf '\(format)' -- 2>/dev/null)",
            "exit 0",
        ]
    }

    /// The question about an archive that goes with it as base64.
    func question(_ base64: String, _ dest: String) -> String {
        (["f=$(mktemp)", #"trap 'rm -f -- "$f"' EXIT"#, "base64 -d >\"$f\" <<'end'", base64, "end"] + lines(dest))
            .joined(separator: "\n")
    }

    /// The question about an archive that is on the host.
    func question(file: String, _ dest: String) -> String {
        (["f=\(file.quoted)"] + lines(dest)).joined(separator: "\n")
    }

    /// Unpacks `$f`, and gives everything in it the attributes asked for.
    func unpacking(_ dest: String) -> [String] {
        var lines = [Self.formatLine, #"printf 'tar_path=%s\narchive_path=%s\n' "$(command -v tar)" "$f""#]
        lines.append(tar("--extract", dest))
        guard !attributes.isEmpty else { return lines }
        let list = shellWords(["tar", "-t"] + options) + " -f \"$f\"\(selection) | tr '\\n' '\\0' | xargs -0 -r"
        lines.append("cd \(dest.quoted)")
        if let line = FileAttributes.ownershipLine(attributes.owner, attributes.group, path: "", isLink: true) {
            lines.append("\(list) \(line.stripped)")
        }
        if case .exact(let bits)? = attributes.mode { lines.append("\(list) chmod -- 0\(FileMode.text(bits))") }
        return lines
    }

    /// What a host answered: the archive's members, whether all is as in the archive, and what is not.
    func findings(
        _ text: String
    ) -> (members: [String], isUnpacked: Bool, differences: String, format: ArchiveFormat) {
        let parts = text.split(separator: "\n", omittingEmptySubsequences: false)
            .split(separator: "@@", maxSplits: 1, omittingEmptySubsequences: false)
        let fields = CommandResult(status: 0, output: Array(text.utf8)).outputFields
        let differences = (parts.first ?? []).filter(isDifference).joined(separator: "\n")
        let states = (parts.count > 1 ? parts[1] : []).compactMap(Self.state)
        let wrong = states.filter { !attributes.lines(for: $0.state, path: "p").isEmpty }
        let listed = differences + wrong.map { "\n\($0.path): attributes differ" }.joined()
        return (states.map(\.path), listed.isEmpty, listed, ArchiveFormat(magic: fields[Self.magic]?.text ?? ""))
    }

    private static let magic = "archive_magic"
    private static let formatLine = #"printf '\#(magic)=%s\n' "$(od -An -v -N6 -tx1 "$f" | tr -d ' ')""#

    /// What the run of tar came to.
    /// - Parameter told: What the script told of itself.
    func results(of answer: CommandResult, _ told: Variables, _ dest: String) -> Variables {
        let format = ArchiveFormat(magic: told[Self.magic]?.text ?? "")
        let (program, file) = (told["tar_path"]?.text ?? "tar", told["archive_path"]?.text ?? "")
        let words = [program, "--extract", "-C", dest] + format.options + options + ["-f", file] + members
        let results: Variables = [
            "cmd": .list(words.map(Value.string)), "rc": .int(0), "out": .string(""), "err": .string(answer.errorText),
        ]
        return ["handler": .string(format.handler), "extract_results": results.asMap]
    }

    /// What the task sets itself does not count.
    private func isDifference(_ line: Substring) -> Bool {
        if line.hasSuffix(": Uid differs") { return attributes.owner == nil }
        if line.hasSuffix(": Gid differs") { return attributes.group == nil }
        if line.hasSuffix(": Mode differs") { return attributes.mode == nil }
        return [
            ": Mod time differs", ": Size differs", ": Contents differ", "No such file or directory",
            ": File type differs",
        ]
        .contains { line.hasSuffix($0) } || line.contains(": Not linked to ") || line.contains(": Symlink differs")
    }

    private static func state(_ line: Substring) -> TreeEntry? {
        let fields = line.split(separator: "|", maxSplits: 6, omittingEmptySubsequences: false).map(String.init)
        guard fields.count == 7, let mode = UInt16(fields[5], radix: 8) else { return nil }
        let kind: FileKind = fields[0] == "directory" ? .directory : fields[0] == "symbolic link" ? .link : .file
        return TreeEntry(
            fields[6],
            PathState(
                kind, mode: mode, uid: Int(fields[3]) ?? 0, gid: Int(fields[4]) ?? 0, owner: fields[1], group: fields[2]
            ))
    }
}

/// How an archive is compressed, by its first bytes.
enum ArchiveFormat: Sendable {
    case gzip, bzip2, xz, zstd, plain

    /// - Parameter magic: The first six bytes in hexadecimal.
    init(magic: String) {
        let known: [(String, Self)] = [("1f8b", .gzip), ("425a68", .bzip2), ("fd377a585a00", .xz), ("28b52ffd", .zstd)]
        self = known.first { magic.hasPrefix($0.0) }?.1 ?? .plain
    }

    /// What Ansible calls the part of it that unpacks such archives.
    var handler: String {
        switch self {
        case .gzip: "TgzArchive"
        case .bzip2: "TarBzipArchive"
        case .xz: "TarXzArchive"
        case .zstd: "TarZstdArchive"
        case .plain: "TarArchive"
        }
    }

    /// The option that tar would need if it did not find out by itself.
    var options: [String] {
        switch self {
        case .gzip: ["-z"]
        case .bzip2: ["-j"]
        case .xz: ["-J"]
        case .zstd: ["--use-compress-program=zstd"]
        case .plain: []
        }
    }
}
