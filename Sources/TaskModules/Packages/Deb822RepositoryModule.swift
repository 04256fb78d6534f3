import Fleet
import OrderedCollections
import Values

/// A source of apt in the format of deb822.
struct Deb822RepositoryModule: TaskModule {
    private static let lists = ["architectures", "components", "languages", "suites", "targets", "types", "uris"]
    private static let flags = [
        "allow_downgrade_to_insecure", "allow_insecure", "allow_weak", "by_hash", "check_date", "check_valid_until",
        "enabled", "pdiffs", "trusted",
    ]

    /// Parameters of `deb822_repository`. A key is a file of the host or the key's own text.
    static let specification = ModuleSpecification(
        "deb822_repository",
        parameters: lists.map { .init($0, .list) } + flags.map { .init($0, .bool) } + [
            .init("name", required: true), .init("date_max_future", .int), .init("inrelease_path"),
            .init("signed_by"), .init("mode", .raw), .init("state", choices: ["absent", "present"]),
        ])

    private let path: String
    private let keys: [String]
    private let text: String
    private let mode: FileMode
    private let isAbsent: Bool

    init(_ arguments: ModuleArguments, _ context: ModuleContext) throws {
        let slug = Self.slug(try arguments.required("name"))
        guard !slug.isEmpty else { throw arguments.wrong("name", "must hold a letter or a digit") }
        path = "/etc/apt/sources.list.d/\(slug).sources"
        keys = ["asc", "gpg"].map { "/etc/apt/keyrings/\(slug).\($0)" }
        mode = try arguments.mode() ?? .exact(0o644)
        isAbsent = try arguments.string("state") == "absent"
        text = try Self.text(arguments)
    }

    private static func slug(_ name: String) -> String {
        let dashed = name.lowercased().split { $0 == "_" || $0.isWhitespace }.joined(separator: "-")
        return dashed.filter { $0 == "-" || ($0.isASCII && ($0.isLowercase || $0.isNumber)) }
    }

    private static func text(_ arguments: ModuleArguments) throws(InputError) -> String {
        var fields: [String: String] = ["name": try arguments.required("name")]
        for name in lists { fields[name] = try arguments.strings(name)?.joined(separator: " ") }
        fields["types"] = fields["types"] ?? "deb"
        for name in flags { fields[name] = try arguments.optionalBool(name).map { $0 ? "yes" : "no" } }
        fields["date_max_future"] = try arguments.int("date_max_future").map(String.init)
        fields["inrelease_path"] = try arguments.string("inrelease_path")
        fields["signed_by"] = try arguments.string("signed_by")
        if let key = fields["signed_by"], key.contains("://") {
            throw arguments.wrong(
                "signed_by", "cannot be an address", hints: ["fetch the key with get_url, and name its file here"])
        }
        return fields.sorted { $0.key < $1.key }.map { field(title($0.key), $0.value) }.joined()
    }

    private static func title(_ name: String) -> String {
        if name == "name" { return "X-Repolib-Name" }
        if name == "uris" { return "URIs" }
        return name.split(separator: "_").map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined(separator: "-")
    }

    /// Further lines are indented, and empty ones hold a point.
    private static func field(_ name: String, _ value: String) -> String {
        guard value.contains("\n") else { return "\(name): \(value)\n" }
        let lines = value.stripped.pythonLines.map {
            "    " + ($0.stripped.isEmpty ? "." : $0.stripped)
        }
        return "\(name):\n" + lines.joined(separator: "\n") + "\n"
    }

    func probes(given snapshot: Snapshot) -> [Probe] {
        [.content(path), .path(path), .session] + (isAbsent ? keys.map(Probe.path) : [])
    }

    func step(_ snapshot: Snapshot) throws -> Step {
        var fields: Variables = ["dest": .string(path), "repo": isAbsent ? .null : .string(text)]
        fields["key_filename"] = .null
        if isAbsent {
            let there = ([path] + keys).filter { snapshot.path($0) != nil }
            guard !there.isEmpty else { return .converged(TaskResult(fields: fields)) }
            var change = Change(
                script: "rm -f -- \(shellWords(there))\n", predicted: TaskResult(changed: true, fields: fields),
                touches: .paths(there))
            change.diffs = there.map { Diff($0, before: "", after: nil) }
            return .change(change)
        }
        let attributes = FileAttributes(mode: mode)
        let before = snapshot.content(path).map { String(decoding: $0, as: UTF8.self) }
        if let state = snapshot.path(path), before == text {
            return attributes.step(path, state, fields, umask: snapshot.session.umask)
        }
        let write = FileWrite(
            path: path, existing: snapshot.path(path), attributes: attributes, session: snapshot.session)
        var change = Change(
            script: try write.script(), predicted: TaskResult(changed: true, fields: fields), touches: .paths([path]))
        change.input = Array(text.utf8)
        change.diffs = [Diff(path, before: before, after: text)]
        return .change(change)
    }
}
