import Fleet
import Playbooks

/// An error as programs read it: the last JSON object of a command that has no better answer, or an event of its own.
struct ErrorRecord: Encodable, Sendable {
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
}
