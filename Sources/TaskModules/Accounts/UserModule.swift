import Fleet
import OrderedCollections
import Values

/// Users.
struct UserModule: TaskModule {
    /// Parameters of `user`.
    static let specification = ModuleSpecification(
        "user",
        parameters: [
            .init("name", aliases: ["user"], required: true), .init("state", choices: ["absent", "present"]),
            .init("uid", .int), .init("non_unique", .bool), .init("group"), .init("groups", .list),
            .init("append", .bool), .init("comment"), .init("home", .path), .init("shell", .path), .init("password"),
            .init("update_password", choices: ["always", "on_create"]), .init("password_lock", .bool),
            .init("password_expire_min", .int), .init("password_expire_max", .int),
            .init("password_expire_warn", .int), .init("expires", .raw),
            .init("create_home", .bool, aliases: ["createhome"]),
            .init("move_home", .bool), .init("skeleton"), .init("umask", .raw), .init("system", .bool),
            .init("force", .bool), .init("remove", .bool), .init("generate_ssh_key", .bool),
            .init("ssh_key_bits", .int), .init("ssh_key_type"), .init("ssh_key_file", .path),
            .init("ssh_key_comment"), .init("ssh_key_passphrase"),
        ])

    private let wish: DesiredUser

    init(_ arguments: ModuleArguments, _ context: ModuleContext) throws { wish = try DesiredUser(arguments) }

    func probes(given snapshot: Snapshot) -> [Probe] {
        guard !wish.isAbsent else { return [.user(wish.name)] }
        var probes: [Probe] = [.user(wish.name)]
        if let group = wish.group { probes.append(.group(group)) }
        if wish.needsShadow { probes.append(.shadow(wish.name)) }
        switch snapshot[.user(wish.name)] {
        case .absent?: probes.append(.group(wish.name))
        case .user(let user)?:
            if wish.createsHome { probes.append(.target(wish.home ?? user.home)) }
            if let file = wish.keyFile(of: user) {
                probes += [.path(file), .content(file + ".pub"), .query(Self.fingerprint(of: file))]
            }
        default: break
        }
        return probes
    }

    private static func fingerprint(of file: String) -> String { "ssh-keygen -l -f \((file + ".pub").quoted)" }

    func step(_ snapshot: Snapshot) throws -> Step {
        guard case .user(let user)? = snapshot[.user(wish.name)] else {
            return wish.isAbsent ? .converged(wish.result(nil, changed: false)) : .change(creation(snapshot))
        }
        return wish.isAbsent ? .change(removal(user)) : try modification(user, snapshot)
    }

    private func removal(_ user: UserState) -> Change {
        var words = ["userdel"]
        if wish.force { words.append("-f") }
        if wish.removesHome { words.append("-r") }
        var predicted = wish.result(nil, changed: true)
        predicted.fields["remove"] = .bool(wish.removesHome)
        predicted.fields["force"] = .bool(wish.force)
        var change = Change(
            script: strictScript([AccountScript.path, shellWords(words + ["--", wish.name])]), predicted: predicted,
            touches: .everything)
        change.diffs = [Diff("user \(wish.name)", before: "uid: \(user.uid)\n", after: nil)]
        return change
    }

    private func creation(_ snapshot: Snapshot) -> Change {
        var hasGroup = false
        if case .group? = snapshot[.group(wish.name)] { hasGroup = true }
        var lines = [AccountScript.path]
        if let home = wish.home, wish.createsHome { lines.append("mkdir -p -- \(home.parentFolder.quoted)") }
        lines.append(shellWords(wish.useradd(hasOwnGroup: hasGroup)))
        lines += wish.passwordLine.map { [$0] } ?? []
        lines += wish.ageing(nil).map { [shellWords($0)] } ?? []
        if wish.generatesKey { lines += wish.keyLines(file: nil) }
        return change(lines, before: nil, after: wish.described, user: nil)
    }

    private func modification(_ user: UserState, _ snapshot: Snapshot) throws -> Step {
        var shadow: ShadowState?
        if case .shadow(let state)? = snapshot[.shadow(wish.name)] { shadow = state }
        var gid: Int?
        if case .group(let group)? = snapshot[.group(wish.group ?? "")] { gid = group.gid }
        if let group = wish.group, gid == nil, Int(group) == nil {
            return .failed(
                TaskResult(
                    failure: "Group \(group) does not exist",
                    hints: ["make it first, with a task that calls 'group'"], fields: ["name": .string(wish.name)]))
        }
        let difference = wish.difference(from: user, gid: gid ?? wish.group.flatMap { Int($0) }, shadow)
        var lines: [String] = []
        if !difference.options.isEmpty {
            lines.append(shellWords(["usermod"] + difference.options + ["--", wish.name]))
        }
        if wish.changesPassword(shadow) { lines += wish.passwordLine.map { [$0] } ?? [] }
        let home = wish.home ?? user.home
        if wish.createsHome, snapshot.target(home) == nil { lines += wish.homeLines(home, user) }
        if let ageing = wish.ageing(shadow) { lines.append(shellWords(ageing)) }
        if let file = wish.keyFile(of: user), snapshot.path(file) == nil { lines += wish.keyLines(file: file) }
        guard !lines.isEmpty else {
            var result = wish.result(user, changed: false)
            if let file = wish.keyFile(of: user) {
                result.fields["ssh_key_file"] = .string(file)
                let key = snapshot.content(file + ".pub").map { String(decoding: $0, as: UTF8.self).stripped }
                result.fields["ssh_public_key"] = key.map(Value.string)
                let fingerprint = snapshot.output(Self.fingerprint(of: file))?.text.trimmingLineEnds
                result.fields["ssh_fingerprint"] = fingerprint.map(Value.string)
            }
            return .converged(result)
        }
        return .change(
            change([AccountScript.path] + lines, before: difference.before, after: difference.after, user: user))
    }

    /// The script ends by showing the account, so that the result has what the system chose.
    private func change(_ lines: [String], before: String?, after: String, user: UserState?) -> Change {
        let predicted = wish.result(user, changed: true)
        var change = Change(
            script: strictScript(lines + ["printf 'account='; getent passwd \(wish.name.quoted)"]),
            predicted: predicted,
            touches: .everything)
        change.diffs = [Diff("user \(wish.name)", before: before, after: after)]
        change.interpret = { answer in
            guard answer.succeeded else { return .failure(of: answer) }
            var result = predicted
            let output = answer.outputFields
            let fields = (output["account"]?.text ?? "").split(separator: ":", omittingEmptySubsequences: false).map(
                String.init)
            if fields.count >= 7, let uid = Int(fields[2]), let gid = Int(fields[3]) {
                let account: Variables = [
                    "uid": .int(uid), "group": .int(gid), "comment": .string(fields[4]), "home": .string(fields[5]),
                    "shell": .string(fields[6]),
                ]
                result.fields.merge(account) { $1 }
            }
            for name in ["ssh_key_file", "ssh_public_key", "ssh_fingerprint"] {
                if let text = output[name] { result.fields[name] = text }
            }
            return result
        }
        return change
    }
}
