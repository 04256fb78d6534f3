import Fleet
import OrderedCollections
import Values

/// Entries of a user's crontab or of a file in `/etc/cron.d`.
struct CronModule: TaskModule {
    /// Parameters of `cron`.
    static let specification: ModuleSpecification = {
        var specification = ModuleSpecification(
            "cron",
            parameters: [
                .init("name", required: true), .init("user"), .init("job", aliases: ["value"]),
                .init("cron_file", .path), .init("state", choices: ["absent", "present"]), .init("backup", .bool),
                .init("minute"), .init("hour"), .init("day", aliases: ["dom"]), .init("month"),
                .init("weekday", aliases: ["dow"]),
                .init(
                    "special_time", choices: ["reboot", "yearly", "annually", "monthly", "weekly", "daily", "hourly"]),
                .init("disabled", .bool), .init("env", .bool), .init("insertafter"), .init("insertbefore"),
            ])
        specification.exclusive = [["insertafter", "insertbefore"]]
        return specification
    }()

    private let table: CronTable
    private let file: String?
    private let user: String?
    private let isAbsent: Bool
    private let keepsBackup: Bool

    init(_ arguments: ModuleArguments, _ context: ModuleContext) throws {
        file = try arguments.path("cron_file").map { "/etc/cron.d".appendingPath($0) }
        user = try arguments.string("user")
        isAbsent = try arguments.string("state") == "absent"
        keepsBackup = try arguments.bool("backup")
        if !isAbsent, file != nil, user == nil { throw arguments.wrong("user", "is needed with 'cron_file'") }
        if !isAbsent, !arguments.has("job") { throw arguments.wrong("job", "is needed unless state is 'absent'") }
        if file == "/etc/crontab" { throw arguments.wrong("cron_file", "cannot be /etc/crontab") }
        table = try CronTable(arguments, user: file == nil ? nil : user)
    }

    private var command: String { "crontab" + (user.map { " -u \($0.quoted)" } ?? "") }

    private var question: Probe { file.map(Probe.content) ?? .query("\(command) -l") }

    func probes(given snapshot: Snapshot) -> [Probe] {
        [question] + (file.map { [.path($0), .session] } ?? [.query("command -v crontab")])
    }

    func step(_ snapshot: Snapshot) throws -> Step {
        var before = ""
        if let file {
            before = String(decoding: snapshot.content(file) ?? [], as: UTF8.self)
        } else {
            guard snapshot.output("command -v crontab")?.status == 0 else {
                return .failed(TaskResult(failure: "there is no crontab on this host", hints: ["install cron"]))
            }
            before = snapshot.output("\(command) -l")?.text ?? ""
        }
        let lines = before.pythonLines
        let after = try isAbsent ? table.removing(from: lines) : table.placing(in: lines)
        let text = Self.text(after)
        var fields: Variables = [
            "jobs": .list(CronTable.jobs(after).map(Value.string)),
            "envs": .list(CronTable.variables(after).map(Value.string)),
        ]
        if let file { fields["cron_file"] = .string(file) }
        let isRagged = !before.isEmpty && !before.hasSuffix("\n")
        guard after != lines || isRagged else { return .converged(TaskResult(fields: fields)) }
        let isGone = file != nil && isAbsent && after.allSatisfy { $0.stripped.isEmpty }
        var change = Change(
            script: try script(isGone: isGone, snapshot), predicted: TaskResult(changed: true, fields: fields),
            touches: file.map { .paths([$0]) } ?? .paths(["/var/spool/cron"]))
        change.input = Array(text.utf8)
        change.diffs = [Diff(file ?? "crontab", before: before, after: isGone ? nil : text)]
        let predicted = change.predicted
        change.interpret = { predicted.completed(by: $0) }
        return .change(change)
    }

    private static func text(_ lines: [String]) -> String {
        let text = lines.joined(separator: "\n").trimmingLineEnds
        return text.isEmpty ? "" : text + "\n"
    }

    private func script(isGone: Bool, _ snapshot: Snapshot) throws -> String {
        guard let file else {
            let backup = "b=$(mktemp); \(command) -l >\"$b\" 2>/dev/null || :; printf 'backup_file=%s\\n' \"$b\""
            return strictScript((keepsBackup ? [backup] : []) + ["\(command) -"])
        }
        if isGone { return strictScript(["rm -f -- \(file.quoted)"]) }
        var write = FileWrite(
            path: file, existing: snapshot.path(file), attributes: FileAttributes(), session: snapshot.session)
        write.keepsBackup = keepsBackup
        return try write.script()
    }
}
