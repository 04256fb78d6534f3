import Fleet
import Playbooks
import Rollouts
import Templating

/// A failure as programs read it: the last JSON object of a command that has no better answer.
struct FailureRecord: Encodable, Sendable {
    let event = "error"
    /// What went wrong, in one sentence.
    var error: String
    /// What to do about it.
    var hints: [String] = []
    /// The status that the program ends with; absent while it goes on.
    var exit: Int32?
    /// What it is about, where that is neither a file nor a host: a stage, a run, a build.
    var subject: String?
    var host: HostName?
    var file: String?
    var line: Int?
    var column: Int?

    private enum CodingKeys: String, CodingKey { case event, error, hints, exit, subject, host, file, line, column }

    init(_ message: String, hints: [String] = []) { (error, self.hints) = (message, hints) }

    init(_ error: any ExplainedError) {
        self.init(error.message, hints: error.hints)
        host = Self.host(of: error)
        if let location = Self.location(of: error) { place(at: location) }
        if file == nil, error.subject != host?.description { subject = error.subject }
    }

    /// What an event of a run says went wrong, if it says so.
    init?(_ event: RunEvent) {
        switch event {
        case .taskFinished(let report) where report.outcome == .failed:
            self.init("task '\(report.task)': \(report.message ?? "failed")", hints: report.trouble?.hints ?? [])
            host = report.host
            if let trouble = report.trouble { place(at: trouble.location) }
        case .hostUnreachable(let lost, let error):
            self.init(error)
            host = lost
        case .problem(let problem): self.init(problem)
        default: return nil
        }
    }

    init(_ problem: RunProblem) {
        self.init(problem.message, hints: problem.hints)
        host = problem.host
        if let location = problem.location { place(at: location) }
    }

    private mutating func place(at location: SourceLocation) {
        file = location.file
        if location.line > 0 { line = location.line }
        if location.column > 0 { column = location.column }
    }

    private static func location(of error: any ExplainedError) -> SourceLocation? {
        (error as? InputError)?.location ?? (error as? TemplateError)?.location
    }

    private static func host(of error: any ExplainedError) -> HostName? {
        (error as? TransportError)?.host ?? (error as? TrafficError)?.balancer ?? (error as? RolloutFault)?.host
    }
}
