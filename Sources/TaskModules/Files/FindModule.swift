import Fleet
import OrderedCollections
import Values

/// Files of a host by name, age, size and content.
struct FindModule: TaskModule {
    /// Parameters of `find`.
    static let specification = ModuleSpecification(
        "find",
        parameters: [
            .init("paths", .list, aliases: ["name", "path"], required: true),
            .init("patterns", .list, aliases: ["pattern"]), .init("excludes", .list, aliases: ["exclude"]),
            .init("contains"), .init("file_type", choices: ["any", "directory", "file", "link"]), .init("age"),
            .init("age_stamp", choices: ["atime", "ctime", "mtime"]), .init("size"), .init("recurse", .bool),
            .init("hidden", .bool), .init("follow", .bool), .init("get_checksum", .bool),
            .init("checksum_algorithm", aliases: ["checksum", "checksum_algo"], choices: ["sha1", "sha256"]),
            .init("use_regex", .bool), .init("depth", .int), .init("limit", .int), .init("read_whole_file", .bool),
        ])

    private let paths: [HostPath]
    private let patterns: [FileNamePattern]
    private let excludes: [FileNamePattern]
    private let expressions: [PythonPattern]
    private let excludedExpressions: [PythonPattern]
    private let contains: PythonPattern?
    private let readsWhole: Bool
    private let type: String
    private let age: Int?
    private let stamp: String
    private let size: Int?
    private let options: String
    private let tests: String
    private let limit: Int?
    private let wantsChecksum: Bool
    private let algorithm: String

    init(_ arguments: ModuleArguments, _ context: ModuleContext) throws {
        paths = try (arguments.strings("paths") ?? []).map(HostPath.init)
        let wanted = try arguments.strings("patterns") ?? []
        let unwanted = try arguments.strings("excludes") ?? []
        patterns = wanted.map { FileNamePattern($0) }
        excludes = unwanted.map { FileNamePattern($0) }
        let usesExpressions = try arguments.bool("use_regex")
        expressions = try usesExpressions ? wanted.map { try PythonPattern($0) } : []
        excludedExpressions = try usesExpressions ? unwanted.map { try PythonPattern($0) } : []
        readsWhole = try arguments.bool("read_whole_file")
        contains = try arguments.string("contains").map { try PythonPattern($0) }
        type = try arguments.string("file_type") ?? "file"
        age = try Self.amount("age", ["s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604_800], arguments)
        stamp = try arguments.string("age_stamp") ?? "mtime"
        let kibi = 1024
        size = try Self.amount(
            "size", ["b": 1, "k": kibi, "m": kibi * kibi, "g": kibi * kibi * kibi, "t": kibi * kibi * kibi * kibi],
            arguments)
        let depth = try arguments.bool("recurse") ? arguments.int("depth") : 1
        options = try arguments.bool("follow") ? "-L " : ""
        tests =
            try "-mindepth 1" + (depth.map { " -maxdepth \($0)" } ?? "")
            + (arguments.bool("hidden") ? "" : " ! -name '.*'")
        limit = try arguments.int("limit")
        wantsChecksum = try arguments.bool("get_checksum")
        algorithm = try arguments.string("checksum_algorithm") ?? "sha1"
    }

    private static func amount(
        _ name: String, _ units: [Character: Int], _ arguments: ModuleArguments
    ) throws(InputError) -> Int? {
        guard let text = try arguments.string(name)?.lowercased(), let last = text.last else { return nil }
        let unit = units[last]
        guard let number = Int(unit == nil ? text : String(text.dropLast())) else {
            throw arguments.wrong(name, "cannot be '\(text)'")
        }
        let (amount, isTooLarge) = number.multipliedReportingOverflow(by: unit ?? 1)
        guard !isTooLarge else { throw arguments.wrong(name, "is too large: '\(text)'") }
        return amount
    }

    private func line(_ path: String) -> String {
        "LC_ALL=C find \(options)\(path.quoted) \(tests) -printf '\(FindRecord.format)' | base64 -w0"
    }

    func probes(given snapshot: Snapshot) -> [Probe] {
        var probes: [Probe] = age == nil ? [] : [.clock]
        for path in paths {
            guard let place = path.resolved(snapshot) else {
                probes += path.probes()
                continue
            }
            probes += [.target(place), .query(line(place))]
        }
        // What takes too long is told by the step.
        if contains != nil { probes += ((try? found(snapshot)) ?? []).map { .content($0.path) } }
        if wantsChecksum {
            // As above.
            let files = ((try? matching(snapshot)) ?? []).filter { $0.state.kind == .file }
            probes += files.map { digest($0.path) }
        }
        return probes
    }

    private func digest(_ path: String) -> Probe { algorithm == "sha256" ? .sha256(path) : .sha1(path) }

    private func entries(_ snapshot: Snapshot) -> [TreeEntry] {
        paths.compactMap { $0.resolved(snapshot) }.flatMap { path -> [TreeEntry] in
            guard snapshot.target(path)?.kind == .directory, let output = snapshot.output(line(path)) else { return [] }
            let bytes = Base64Coding.bytes(output.text) ?? []
            return FindRecord.entries(bytes.split(separator: 0, omittingEmptySubsequences: false)).compactMap(\.self)
        }
    }

    /// What fits by everything but content.
    private func found(_ snapshot: Snapshot) throws(InputError) -> [TreeEntry] {
        var found: [TreeEntry] = []
        for entry in entries(snapshot) where try fits(entry, snapshot) { found.append(entry) }
        return found
    }

    private func matching(_ snapshot: Snapshot) throws -> [TreeEntry] {
        let found = try found(snapshot)
        guard let contains, type == "file" else { return found }
        return try found.filter { entry in
            guard let bytes = snapshot.content(entry.path) else { return false }
            // A line must match from its beginning on, as Ansible has it; a whole file may match anywhere.
            return try (readsWhole ? [bytes] : LineEditing.lines(bytes)).contains {
                let text = String(decoding: $0, as: UTF8.self)
                return try contains.firstMatch(in: text, readsWhole ? .anywhere : .start) != nil
            }
        }
    }

    private func fits(_ entry: TreeEntry, _ snapshot: Snapshot) throws(InputError) -> Bool {
        let kinds: [String: FileKind] = ["file": .file, "directory": .directory, "link": .link]
        guard type == "any" || kinds[type] == entry.state.kind else { return false }
        guard try fits(name: entry.path.lastPathPart) else { return false }
        if let age, case .clock(let now)? = snapshot[.clock] {
            let times = ["atime": entry.state.accessed, "ctime": entry.state.changed]
            let elapsed = Double(now) - (times[stamp] ?? entry.state.modified)
            guard age >= 0 ? elapsed >= Double(age) : elapsed <= -Double(age) else { return false }
        }
        guard let size, entry.state.kind == .file else { return true }
        return size >= 0 ? entry.state.size >= size : entry.state.size.magnitude <= size.magnitude
    }

    private func fits(name: String) throws(InputError) -> Bool {
        func begins(_ expressions: [PythonPattern]) throws(InputError) -> Bool {
            for expression in expressions where try expression.firstMatch(in: name, .start) != nil {
                return true
            }
            return false
        }
        if !expressions.isEmpty || !excludedExpressions.isEmpty {
            let isWanted = expressions.isEmpty ? true : try begins(expressions)
            return isWanted ? try !begins(excludedExpressions) : false
        }
        return (patterns.isEmpty || patterns.contains { $0.matches(name) })
            && !excludes.contains { $0.matches(name) }
    }

    func step(_ snapshot: Snapshot) throws -> Step {
        var found = try matching(snapshot)
        if let limit, limit > 0 { found = Array(found.prefix(limit)) }
        let files = found.map { entry -> Value in
            var fields = StatModule.fields(entry.path, entry.state)
            fields["exists"] = nil
            if case .digest(let digest)? = snapshot[digest(entry.path)] { fields["checksum"] = .string(digest) }
            return fields.asMap
        }
        var skipped: OrderedDictionary<Value, Value> = [:]
        for path in paths {
            guard let place = path.resolved(snapshot), snapshot.target(place)?.kind != .directory else { continue }
            skipped[.string(place)] = .string("'\(place)' is not a directory")
        }
        var fields: Variables = [
            "files": .list(files), "matched": .int(files.count), "examined": .int(entries(snapshot).count),
            "skipped_paths": .map(skipped),
        ]
        guard !skipped.isEmpty else { return .converged(TaskResult(message: "All paths examined", fields: fields)) }
        let warnings = skipped.map {
            "Skipped '\($0.key.text ?? "")' path due to this access issue: \($0.value.text ?? "")\n"
        }
        fields["warnings"] = .list(warnings.map(Value.string))
        return .converged(
            TaskResult(message: "Not all paths examined, check warnings for details", fields: fields))
    }
}
