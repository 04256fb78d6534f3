import Fleet
import OrderedCollections
import Values

/// Public keys that may log in as a user.
struct AuthorizedKeyModule: TaskModule {
    /// Parameters of `ansible.posix.authorized_key`. Keys from an address are not fetched.
    static let specification = ModuleSpecification(
        "authorized_key", collection: "ansible.posix",
        parameters: [
            .init("user", required: true), .init("key", required: true), .init("path", .path),
            .init("state", choices: ["absent", "present"]), .init("key_options"), .init("exclusive", .bool),
            .init("manage_dir", .bool), .init("comment"), .init("follow", .bool),
        ])

    private let user: String
    private let path: HostPath?
    private let isAbsent: Bool
    private let isExclusive: Bool
    private let managesFolder: Bool
    private let keys: [AuthorizedKey]
    /// The arguments, which the result repeats.
    private let given: Variables

    init(_ arguments: ModuleArguments, _ context: ModuleContext) throws {
        user = try arguments.required("user")
        path = try arguments.path("path").map(HostPath.init)
        isAbsent = try arguments.string("state") == "absent"
        isExclusive = try arguments.bool("exclusive")
        managesFolder = try arguments.bool("manage_dir", default: true)
        let text = try arguments.required("key")
        if text.contains("://"), !text.contains(" ") { throw arguments.wrong("key", "cannot be an address") }
        let options = try arguments.string("key_options")
        let comment = try arguments.string("comment")
        given = [
            "key": .string(text), "state": .string(isAbsent ? "absent" : "present"),
            "path": try arguments.string("path").map(Value.string) ?? .null,
            "key_options": options.map(Value.string) ?? .null, "comment": comment.map(Value.string) ?? .null,
            "manage_dir": .bool(managesFolder), "follow": .bool(try arguments.bool("follow")),
            "validate_certs": .bool(true),
        ]
        var keys: [AuthorizedKey] = []
        for line in text.split(separator: "\n").map({ String($0).stripped })
        where !line.isEmpty && !line.hasPrefix("#") {
            guard var key = AuthorizedKey(line) else {
                throw arguments.wrong("key", "holds '\(line.prefix(40))', which is no public key")
            }
            if let options { key.options = options }
            if let comment { key.comment = comment }
            keys.append(key)
        }
        self.keys = keys
    }

    private func file(_ snapshot: Snapshot) -> String? {
        if let path { return path.resolved(snapshot) }
        guard case .user(let account)? = snapshot[.user(user)] else { return nil }
        return account.home.appendingPath(".ssh/authorized_keys")
    }

    func probes(given snapshot: Snapshot) -> [Probe] {
        let needed: [Probe] = [.user(user), .session] + (path?.probes() ?? [])
        guard let file = file(snapshot) else { return needed }
        return needed + [.content(file), .path(file), .target(file.parentFolder)]
    }

    private static func unknown(_ user: String) -> TaskResult {
        TaskResult(failure: "Failed to lookup user \(user)", hints: ["make it first, with a task that calls 'user'"])
    }

    func step(_ snapshot: Snapshot) throws -> Step {
        guard case .user(let account)? = snapshot[.user(user)], let file = file(snapshot) else {
            return .failed(Self.unknown(user))
        }
        let before = String(decoding: snapshot.content(file) ?? [], as: UTF8.self)
        let after = edited(before)
        var fields: Variables = ["keyfile": .string(file), "user": .string(user), "exclusive": .bool(isExclusive)]
        fields.merge(given) { $1 }
        guard after != before else {
            if path != nil, let state = snapshot.path(file) { fields.merge(state.resultFields) { $1 } }
            return .converged(TaskResult(fields: fields))
        }
        var attributes = FileAttributes()
        if managesFolder {
            attributes.owner = String(account.uid)
            attributes.group = String(account.gid)
            attributes.mode = .exact(0o600)
        }
        let write = FileWrite(
            path: file, existing: snapshot.path(file), attributes: attributes, session: snapshot.session)
        // The file is described where the task names it.
        if path != nil { fields.merge(write.after(size: after.utf8.count).resultFields) { $1 } }
        var change = Change(
            script: "", predicted: TaskResult(changed: true, fields: fields), touches: .paths([file.parentFolder]))
        change.script = strictScript(folderLines(file.parentFolder, account, snapshot) + ["(\n\(try write.script()))"])
        change.input = Array(after.utf8)
        change.diffs = [Diff(file, before: snapshot.path(file).map { _ in before }, after: after)]
        return .change(change)
    }

    private func folderLines(_ folder: String, _ account: UserState, _ snapshot: Snapshot) -> [String] {
        guard managesFolder else { return [] }
        let wanted = FileAttributes(owner: String(account.uid), group: String(account.gid), mode: .exact(0o700))
        guard let state = snapshot.target(folder) else {
            return ["mkdir -m 0700 -- \(folder.quoted)", "chown -- \(account.uid):\(account.gid) \(folder.quoted)"]
        }
        return wanted.lines(for: state, path: folder.quoted)
    }

    private func edited(_ text: String) -> String {
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        while lines.last == "" { lines.removeLast() }
        for key in keys {
            let index = lines.firstIndex { AuthorizedKey($0)?.blob == key.blob }
            switch (index, isAbsent) {
            case (let index?, true): lines.remove(at: index)
            case (let index?, false):
                if let known = AuthorizedKey(lines[index]), !known.isSame(as: key) { lines[index] = key.line }
            case (nil, false): lines.append(key.line)
            case (nil, true): break
            }
        }
        if isExclusive, !isAbsent {
            lines = lines.filter { line in
                AuthorizedKey(line).map { own in keys.contains { $0.blob == own.blob } } ?? true
            }
        }
        let result = lines.isEmpty ? "" : lines.joined(separator: "\n") + "\n"
        return result.trimmingLineEnds == text.trimmingLineEnds ? text : result
    }
}

/// One line of `authorized_keys`.
struct AuthorizedKey: Sendable, Equatable {
    var options: String
    let type: String
    let blob: String
    var comment: String

    /// Reads a line; `nil` for comments, empty lines and what is no key.
    init?(_ line: String) {
        let text = line.stripped
        guard !text.hasPrefix("#") else { return nil }
        let words = Self.words(text)
        guard let index = words.firstIndex(where: Self.isType), index < 2, index + 1 < words.count else { return nil }
        options = index == 1 ? words[0] : ""
        type = words[index]
        blob = words[index + 1]
        comment = words.dropFirst(index + 2).joined(separator: " ")
    }

    /// The line.
    var line: String { [options, type, blob, comment].filter { !$0.isEmpty }.joined(separator: " ") }

    /// Options count as a set.
    func isSame(as other: AuthorizedKey) -> Bool {
        type == other.type && comment == other.comment && Set(Self.split(options)) == Set(Self.split(other.options))
    }

    private static func isType(_ word: String) -> Bool {
        word.hasPrefix("ssh-") || word.hasPrefix("ecdsa-sha2-") || word.hasPrefix("sk-")
    }

    /// Words at spaces, but not inside quotation marks.
    private static func words(_ text: String) -> [String] { parts(text, at: " ") }

    private static func split(_ options: String) -> [String] { parts(options, at: ",") }

    private static func parts(_ text: String, at separator: Character) -> [String] {
        var parts: [String] = []
        var part = ""
        var isQuoted = false
        for character in text {
            if character == "\"" { isQuoted.toggle() }
            if character == separator, !isQuoted {
                if !part.isEmpty { parts.append(part) }
                part = ""
            } else {
                part.append(character)
            }
        }
        return part.isEmpty ? parts : parts + [part]
    }
}
