import Fleet
import OrderedCollections
import Values

/// One-line sources of apt.
struct AptRepositoryModule: TaskModule {
    /// Parameters of `apt_repository`. Launchpad's short names (`ppa:`) are not resolved.
    static let specification = ModuleSpecification(
        "apt_repository",
        parameters: [
            .init("repo", required: true), .init("state", choices: ["absent", "present"]), .init("mode", .raw),
            .init("update_cache", .bool, aliases: ["update-cache"]), .init("filename"), .init("codename"),
            .init("validate_certs", .bool), .init("install_python_apt", .bool), .init("update_cache_retries", .int),
            .init("update_cache_retry_max_delay", .int),
        ])

    private let source: String
    private let isAbsent: Bool
    private let mode: FileMode?
    private let updates: Bool
    private let file: String

    init(_ arguments: ModuleArguments, _ context: ModuleContext) throws {
        let written = try arguments.required("repo")
        guard let source = AptSource(written), source.isEnabled else {
            throw arguments.wrong(
                "repo", "must be a line such as 'deb http://… release main', not '\(written)'",
                hints: written.hasPrefix("ppa:") ? ["write the archive's address in full"] : [])
        }
        self.source = source.text
        isAbsent = try arguments.string("state") == "absent"
        mode = try arguments.mode()
        updates = try arguments.bool("update_cache", default: true)
        let name = try arguments.string("filename") ?? Self.fileName(source.text)
        file = "/etc/apt/sources.list.d".appendingPath(name.hasPrefix("/") ? name : name + ".list")
    }

    /// A name made of the address's letters and digits.
    private static func fileName(_ source: String) -> String {
        var words = source.split(separator: " ").map(String.init).dropFirst()
        if words.first?.hasPrefix("[") == true {
            let end = words.firstIndex { $0.hasSuffix("]") } ?? words.startIndex
            words = words[(end + 1)...]
        }
        var address = words.first ?? ""
        if let scheme = address.firstRange(of: "://") { address = String(address[scheme.upperBound...]) }
        if let at = address.firstIndex(of: "@") { address = String(address[address.index(after: at)...]) }
        let letters = address.map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : " " }
        return String(letters).split(separator: " ").joined(separator: "_")
    }

    /// Every line of every source file, with the file's name in front.
    private static let question = "grep -sH '' /etc/apt/sources.list /etc/apt/sources.list.d/*.list"

    func probes(given snapshot: Snapshot) -> [Probe] { [.query(Self.question), .path(file), .session] }

    func step(_ snapshot: Snapshot) throws -> Step {
        var files: OrderedDictionary<String, [String]> = [:]
        for line in (snapshot.output(Self.question)?.text ?? "").split(
            separator: "\n", omittingEmptySubsequences: false)
        {
            guard let colon = line.firstIndex(of: ":") else { continue }
            files[String(line[..<colon]), default: []].append(String(line[line.index(after: colon)...]))
        }
        let edited = isAbsent ? removing(from: files) : adding(to: files)
        let fields: Variables = ["repo": .string(source), "state": .string(isAbsent ? "absent" : "present")]
        guard !edited.isEmpty else { return .converged(TaskResult(fields: fields)) }
        var change = Change(
            script: "", predicted: TaskResult(changed: true, fields: fields), touches: .paths(["/etc/apt"]))
        var lines: [String] = []
        for (path, content) in edited {
            let text = content.map { $0 + "\n" }.joined()
            change.diffs.append(
                Diff(
                    path, before: files[path].map { $0.map { $0 + "\n" }.joined() }, after: content.isEmpty ? nil : text
                ))
            guard !content.isEmpty else {
                lines.append("rm -f -- \(path.quoted)")
                continue
            }
            lines.append("(\n\(try script(path, Array(text.utf8), isNew: files[path] == nil, snapshot)))")
            change.input += Array(text.utf8)
        }
        if updates { lines += AptOptions.environment + [AptOptions.update] }
        change.script = strictScript(lines)
        return .change(change)
    }

    private func script(_ path: String, _ bytes: [UInt8], isNew: Bool, _ snapshot: Snapshot) throws -> String {
        var attributes = FileAttributes()
        if isNew { attributes.mode = mode ?? .exact(0o644) }
        // Files other than the named one keep what they have, which only the host knows.
        let existing = isNew ? nil : snapshot.path(path) ?? PathState(.file, mode: 0o644)
        var write = FileWrite(path: path, existing: existing, attributes: attributes, session: snapshot.session)
        write.source = .inputPart(bytes.count)
        write.makesParents = true
        return try write.script()
    }

    /// The files that change, with their lines; none when the source is there and enabled.
    private func adding(to files: OrderedDictionary<String, [String]>) -> OrderedDictionary<String, [String]> {
        for (path, lines) in files {
            guard let index = lines.firstIndex(where: { AptSource($0)?.text == source }) else { continue }
            guard AptSource(lines[index])?.isEnabled == false else { return [:] }
            var lines = lines
            lines[index] = source
            return [path: lines]
        }
        return [file: (files[file] ?? []) + [source]]
    }

    private func removing(from files: OrderedDictionary<String, [String]>) -> OrderedDictionary<String, [String]> {
        var edited: OrderedDictionary<String, [String]> = [:]
        for (path, lines) in files {
            let kept = lines.filter { AptSource($0).map { $0.text != source || !$0.isEnabled } ?? true }
            if kept != lines { edited[path] = kept }
        }
        return edited
    }
}

/// One line of a list of sources.
struct AptSource: Sendable, Equatable {
    /// The source with single spaces.
    let text: String
    /// Whether it stands without `#` in front.
    let isEnabled: Bool

    /// Reads a line; `nil` when it names no source.
    init?(_ line: String) {
        var line = line.stripped
        isEnabled = !line.hasPrefix("#")
        if !isEnabled { line.removeFirst() }
        let words = line.prefix { $0 != "#" }.split(whereSeparator: \.isWhitespace).map(String.init)
        guard words.count > 2, ["deb", "deb-src"].contains(words[0]) else { return nil }
        text = words.joined(separator: " ")
    }
}
