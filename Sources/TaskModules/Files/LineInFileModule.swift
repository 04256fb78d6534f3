import Fleet
import OrderedCollections
import Values

/// One line that is to be in a file, or not.
struct LineInFileModule: TaskModule {
    /// Parameters of `lineinfile`.
    static let specification: ModuleSpecification = {
        var specification = ModuleSpecification(
            "lineinfile",
            parameters: [
                .init("path", .path, aliases: ["dest", "destfile", "name"], required: true),
                .init("state", choices: ["absent", "present"]), .init("regexp", aliases: ["regex"]),
                .init("search_string"), .init("line", aliases: ["value"]), .init("insertafter"), .init("insertbefore"),
                .init("backrefs", .bool), .init("create", .bool), .init("backup", .bool), .init("firstmatch", .bool),
                .init("validate"),
            ] + FileAttributes.parameters)
        specification.exclusive = [
            ["insertbefore", "insertafter"], ["regexp", "search_string"], ["backrefs", "search_string"],
        ]
        specification.oneOf = [["line", "regexp", "search_string"]]
        return specification
    }()

    private let edit: FileEdit
    private let editing: LineEditing
    private let isAbsent: Bool

    init(_ arguments: ModuleArguments, _ context: ModuleContext) throws {
        isAbsent = try arguments.string("state") == "absent"
        let line = try arguments.string("line")
        if !isAbsent, line == nil { throw arguments.wrong("line", "is needed unless state is 'absent'") }
        var search = LineEditing.Search.line
        if let pattern = try arguments.string("regexp") { search = .pattern(try Self.pattern(pattern, arguments)) }
        if let text = try arguments.string("search_string") { search = .text(Array(text.utf8)) }
        var editing = LineEditing(search: search, line: Array((line ?? "").utf8))
        editing.place = try Self.place(arguments)
        editing.usesGroups = try arguments.bool("backrefs")
        editing.takesFirst = try arguments.bool("firstmatch")
        if editing.usesGroups, !arguments.has("regexp"), !isAbsent {
            throw arguments.wrong("backrefs", "needs 'regexp'")
        }
        self.editing = editing
        edit = try FileEdit(
            arguments, context, creates: !isAbsent && arguments.bool("create"),
            telling: .init(backup: "backup", alwaysNamesBackup: true, hasDiff: true),
            missing: "Destination %s does not exist !")
    }

    private static func pattern(_ text: String, _ arguments: ModuleArguments) throws(InputError) -> PythonPattern {
        do {
            return try PythonPattern(text, over: .bytes)
        } catch {
            throw error.located(at: arguments.location)
        }
    }

    private static func place(_ arguments: ModuleArguments) throws(InputError) -> LineEditing.Place {
        if let after = try arguments.string("insertafter") {
            if after == "EOF" { return .end }
            return after == "BOF" ? .beginning : .after(try pattern(after, arguments))
        }
        guard let before = try arguments.string("insertbefore") else { return .end }
        return before == "BOF" ? .beginning : .before(try pattern(before, arguments))
    }

    func probes(given snapshot: Snapshot) -> [Probe] { edit.probes(given: snapshot) }

    func step(_ snapshot: Snapshot) throws -> Step {
        try edit.step(snapshot, whenMissing: isAbsent ? .nothing("file not present") : .creation) { bytes in
            guard isAbsent else {
                let (bytes, message) = try editing.placing(in: bytes)
                return FileEdit.Outcome(bytes: bytes, message: message)
            }
            let (bytes, found) = try editing.removing(from: bytes)
            let message = found > 0 ? "\(found) line(s) removed" : ""
            return FileEdit.Outcome(bytes: bytes, message: message, fields: ["found": .int(found)])
        }
    }
}
