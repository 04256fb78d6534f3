import Fleet
import Playbooks

/// An error as programs read it: the last JSON object of a command that has no better answer, or an event of its own.
struct ErrorRecord: SchemaDocument, Sendable {
    static let schema = DocumentSchema(
        "error",
        "Something that went wrong: the last line of a command that failed without a better answer, with `exit`; "
            + "or, without, an event of a run of playbooks",
        [.always("event", .word(["error"]), "always the same")] + ErrorFields.fields(.error) + [
            .maybe("exit", .integer, "the status that the program ends with"),
            .maybe("task", .text, "the task that failed, where it is what ended the command"),
            .maybe("location", .text, "where that task stands: file, line and column"),
            .maybe("part", .word(RunPart.names), "what of a run it is part of, when it is no task"),
        ])

    /// What went wrong.
    let error: ErrorReport
    /// The status that the program ends with; absent while it goes on.
    var exit: Int32?
    /// The task that failed, and where it stands.
    var task, location: String?
    /// What of the run it is part of, when it is no task.
    var part: String?

    init(_ error: any Error) { self.error = ErrorReport(error) }

    init(_ error: ErrorReport) { self.error = error }

    /// What an event of a run says went wrong, if it says so.
    init?(_ event: RunEvent) {
        switch event {
        case .taskFinished(let report):
            guard report.outcome == .failed, let error = report.error else { return nil }
            self.init(error)
            (task, location) = (report.task, report.location.description)
        case .hostUnreachable(let host, let error):
            self.init(ErrorReport(error).located(at: ErrorPlace(host: host)))
        case .error(let error, let part): self.init(error, in: part)
        default: return nil
        }
    }

    init(_ error: ErrorReport, in part: RunPart) {
        self.init(error)
        self.part = part.name
    }

    private enum Key: String, CodingKey { case event, exit, task, location, part }

    func encode(to encoder: any Encoder) throws {
        try ErrorFields(error).encode(to: encoder)
        var fields = encoder.container(keyedBy: Key.self)
        try fields.encode("error", forKey: .event)
        try fields.encodeIfPresent(exit, forKey: .exit)
        try fields.encodeIfPresent(task, forKey: .task)
        try fields.encodeIfPresent(location, forKey: .location)
        try fields.encodeIfPresent(part, forKey: .part)
    }
}

/// The fields that every JSON object has which tells of an error or a warning.
struct ErrorFields: Encodable, Sendable {
    /// What is told of.
    enum Severity: String {
        case error, warning
    }

    private let report: ErrorReport
    private let severity: Severity

    /// What they are.
    static func fields(_ severity: Severity) -> [Shape.Field] {
        [
            .always(severity.rawValue, .text, "one sentence for people"),
            .always("code", .text, "what kind it is, to decide by: [events.md](events.md#errors-and-warnings)"),
            .always("hints", .list(.text), "what to do about it, each a sentence; may be empty"),
            .maybe("host", .text, "the host or balancer it happened on"),
            .maybe("subject", .text, "what it is about where that is neither: a stage, a run, a build, a pool"),
            .maybe("file", .text, "where the cause stands"),
            .maybe("line", .integer, "the line there, from 1"),
            .maybe("column", .integer, "the column there, from 1"),
        ]
    }

    /// The same of an object that need not tell of an error.
    static var optional: [Shape.Field] { fields(.error).map { .maybe($0.name, $0.shape, $0.meaning) } }

    init(_ report: ErrorReport, as severity: Severity = .error) { (self.report, self.severity) = (report, severity) }

    private enum Key: String, CodingKey { case error, warning, code, hints, host, file, line, column, subject }

    func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: Key.self)
        try fields.encode(report.message, forKey: severity == .error ? .error : .warning)
        try fields.encode(report.code, forKey: .code)
        try fields.encode(report.hints, forKey: .hints)
        try fields.encodeIfPresent(report.place.host, forKey: .host)
        try fields.encodeIfPresent(report.place.name, forKey: .subject)
        guard let location = report.place.location else { return }
        try fields.encode(location.file, forKey: .file)
        if location.line > 0 { try fields.encode(location.line, forKey: .line) }
        if location.column > 0 { try fields.encode(location.column, forKey: .column) }
    }
}

extension WithError: SchemaDocument where Own: SchemaDocument {
    static var schema: DocumentSchema { Own.schema }
}

/// A JSON object with the fields of an error, if there is one, beside its own; of two with one name its own.
struct WithError<Own: Encodable>: Encodable {
    let own: Own
    let error: ErrorFields?

    func encode(to encoder: any Encoder) throws {
        try error?.encode(to: encoder)
        try own.encode(to: encoder)
    }
}

extension RunPart {
    /// Its name for programs.
    var name: String {
        switch self {
        case .play: "play"
        case .varsFiles: "vars_files"
        case .include: "include"
        case .meta: "meta"
        }
    }

    /// All the names.
    static let names = ["play", "vars_files", "include", "meta"]
}
