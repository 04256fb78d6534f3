import Fleet
import OrderedCollections
import Values

/// Groups of users.
struct GroupModule: TaskModule {
    /// Parameters of `group`.
    static let specification = ModuleSpecification(
        "group",
        parameters: [
            .init("name", required: true), .init("state", choices: ["absent", "present"]), .init("gid", .int),
            .init("system", .bool), .init("non_unique", .bool), .init("force", .bool),
        ])

    private let name: String
    private let isAbsent: Bool
    private let gid: Int?
    private let isSystem: Bool
    private let allowsTwins: Bool
    private let force: Bool

    init(_ arguments: ModuleArguments, _ context: ModuleContext) throws {
        name = try arguments.required("name")
        isAbsent = try arguments.string("state") == "absent"
        gid = try arguments.int("gid")
        isSystem = try arguments.bool("system")
        allowsTwins = try arguments.bool("non_unique")
        force = try arguments.bool("force")
    }

    func probes(given snapshot: Snapshot) -> [Probe] { [.group(name)] }

    func step(_ snapshot: Snapshot) -> Step {
        guard case .group(let group)? = snapshot[.group(name)] else {
            return isAbsent ? .converged(result(changed: false, gid: nil)) : .change(creation())
        }
        if isAbsent {
            let words = ["groupdel"] + (force ? ["-f"] : []) + ["--", name]
            return .change(change(shellWords(words), before: "gid: \(group.gid)\n", after: nil, gid: nil))
        }
        guard let gid, gid != group.gid else { return .converged(result(changed: false, gid: group.gid)) }
        let words = ["groupmod", "-g", String(gid)] + (allowsTwins ? ["-o"] : []) + ["--", name]
        return .change(change(shellWords(words), before: "gid: \(group.gid)\n", after: "gid: \(gid)\n", gid: gid))
    }

    private func creation() -> Change {
        var words = ["groupadd"]
        if let gid { words += ["-g", String(gid)] + (allowsTwins ? ["-o"] : []) }
        if isSystem { words.append("-r") }
        return change(shellWords(words + ["--", name]), before: nil, after: gid.map { "gid: \($0)\n" } ?? "", gid: gid)
    }

    private func change(_ line: String, before: String?, after: String?, gid: Int?) -> Change {
        let show = isAbsent ? [] : ["g=$(getent group \(name.quoted)); g=${g#*:*:}; echo gid=${g%%:*}"]
        let predicted = result(changed: true, gid: gid)
        var change = Change(
            script: strictScript([AccountScript.path, line] + show), predicted: predicted, touches: .everything)
        change.diffs = [Diff("group \(name)", before: before, after: after)]
        change.interpret = { answer in
            guard answer.succeeded else { return .failure(of: answer) }
            var result = predicted
            if let gid = answer.outputFields["gid"]?.text.flatMap({ Int($0) }) { result.fields["gid"] = .int(gid) }
            return result
        }
        return change
    }

    private func result(changed: Bool, gid: Int?) -> TaskResult {
        var fields: Variables = ["name": .string(name), "state": .string(isAbsent ? "absent" : "present")]
        if !isAbsent {
            fields["system"] = .bool(isSystem)
            if let gid { fields["gid"] = .int(gid) }
        }
        return TaskResult(changed: changed, fields: fields)
    }
}

/// What scripts about accounts share.
enum AccountScript {
    /// Login sessions of ordinary users do not see the administrator's programs.
    static let path = "PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin"
}
