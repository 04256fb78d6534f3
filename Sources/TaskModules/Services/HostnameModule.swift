import Fleet
import OrderedCollections
import Values

/// The host's own name.
struct HostnameModule: TaskModule {
    /// Parameters of `hostname`.
    static let specification = ModuleSpecification(
        "hostname",
        parameters: [.init("name", required: true), .init("use", choices: ["debian", "generic", "systemd"])])

    private let name: String

    init(_ arguments: ModuleArguments, _ context: ModuleContext) throws { name = try arguments.required("name") }

    private static let file = "/etc/hostname"

    func probes(given snapshot: Snapshot) -> [Probe] { [.content(Self.file), .query("uname -n")] }

    func step(_ snapshot: Snapshot) -> Step {
        let current = snapshot.output("uname -n")?.text.trimmingLineEnds ?? ""
        let permanent = String(decoding: snapshot.content(Self.file) ?? [], as: UTF8.self).stripped
        let facts: Variables = [
            "ansible_hostname": .string(String(name.split(separator: ".").first ?? "")),
            "ansible_nodename": .string(name),
        ]
        let fields: Variables = ["name": .string(name), "ansible_facts": facts.asMap]
        guard current != name || permanent != name else { return .converged(TaskResult(fields: fields, facts: facts)) }
        let lines = [
            "if [ -d /run/systemd/system ] && command -v hostnamectl >/dev/null; then hostnamectl set-hostname \(name.quoted)",
            "else printf '%s\\n' \(name.quoted) >\(Self.file); hostname \(name.quoted); fi",
        ]
        var change = Change(
            script: strictScript(lines), predicted: TaskResult(changed: true, fields: fields, facts: facts),
            touches: .everything)
        let before = current == name ? permanent : current
        change.diffs = [Diff("hostname", before: "hostname = \(before)\n", after: "hostname = \(name)\n")]
        return .change(change)
    }
}

/// One kernel setting, now and after the next boot.
struct SysctlModule: TaskModule {
    /// Parameters of `ansible.posix.sysctl`.
    static let specification = ModuleSpecification(
        "sysctl", collection: "ansible.posix",
        parameters: [
            .init("name", aliases: ["key"], required: true), .init("value", aliases: ["val"]),
            .init("state", choices: ["absent", "present"]), .init("sysctl_set", .bool), .init("reload", .bool),
            .init("sysctl_file", .path), .init("ignoreerrors", .bool),
        ])

    private let name: String
    private let value: String
    private let isAbsent: Bool
    private let sets: Bool
    private let reloads: Bool
    private let ignoresErrors: Bool
    private let file: String

    init(_ arguments: ModuleArguments, _ context: ModuleContext) throws {
        name = try arguments.required("name")
        isAbsent = try arguments.string("state") == "absent"
        var text = try arguments.string("value")?.stripped
        if case .bool(let flag)? = arguments["value"] { text = flag ? "1" : "0" }
        if !isAbsent, text ?? "" == "" { throw arguments.wrong("value", "is needed unless state is 'absent'") }
        value = text ?? ""
        sets = try arguments.bool("sysctl_set")
        reloads = try arguments.bool("reload", default: true)
        ignoresErrors = try arguments.bool("ignoreerrors")
        file = try arguments.path("sysctl_file") ?? "/etc/sysctl.conf"
    }

    private var question: String { "sysctl -n -e -- \(name.quoted)" }

    func probes(given snapshot: Snapshot) -> [Probe] {
        [.content(file), .path(file), .session] + (sets ? [.query(question)] : [])
    }

    func step(_ snapshot: Snapshot) throws -> Step {
        let before = String(decoding: snapshot.content(file) ?? [], as: UTF8.self)
        let after = edited(before)
        let current = snapshot.output(question)?.text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        let isUnset = sets && !isAbsent && current != value.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        guard after != before || isUnset else { return .converged(TaskResult()) }
        var lines: [String] = []
        if isUnset { lines.append("sysctl \(ignoresErrors ? "-e " : "")-w -- \("\(name)=\(value)".quoted) >&2") }
        var change = Change(script: "", predicted: TaskResult(changed: true), touches: .paths([file]))
        if after != before {
            let write = FileWrite(
                path: file, existing: snapshot.path(file), attributes: FileAttributes(), session: snapshot.session)
            lines.append("(\n\(try write.script()))")
            change.input = Array(after.utf8)
            change.diffs = [Diff(file, before: before, after: after)]
            if reloads { lines.append("sysctl \(ignoresErrors ? "-e " : "")-p \(file.quoted) >&2") }
        }
        change.script = strictScript([AccountScript.path] + lines)
        return .change(change)
    }

    private func edited(_ text: String) -> String {
        var lines: [String] = []
        var isPlaced = isAbsent
        for line in text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) {
            let pair = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map {
                String($0).stripped
            }
            guard pair.count == 2, !"#;".contains(line.stripped.prefix(1)) || line.stripped.isEmpty,
                pair[0].replacing("/", with: ".") == name.replacing("/", with: ".")
            else {
                lines.append(line)
                continue
            }
            if !isPlaced {
                lines.append(pair[1] == value ? line : "\(name)=\(value)")
                isPlaced = true
            }
        }
        while lines.last == "" { lines.removeLast() }
        if !isPlaced { lines.append("\(name)=\(value)") }
        let result = lines.isEmpty ? "" : lines.joined(separator: "\n") + "\n"
        return result.trimmingLineEnds == text.trimmingLineEnds ? text : result
    }
}
