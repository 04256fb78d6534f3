import Fleet
import Playbooks
import Rollouts
import Synchronization
import Values

/// Gathers what happens for a report, and writes it when the command ends, however it does.
final class JUnitRecord: Sendable {
    private let file: DurableFile
    private let title: String
    private let mask: @Sendable (String) -> String
    private let begun = ContinuousClock.now
    private let cases = Mutex(JUnitCases())

    /// A report at `path`, which says until it is written that the command did not end.
    /// - Throws: ``InputError`` when the file cannot be written: nothing was begun then.
    init(_ path: String, _ title: String, mask: @escaping @Sendable (String) -> String) throws(InputError) {
        file = DurableFile(path)
        (self.title, self.mask) = (title, mask)
        try write(.failed(type: "unfinished", message: "the command was ended before it could report", detail: []))
    }

    /// Takes an event of a stage.
    func note(_ event: StageEvent) { cases.withLock { $0.apply(event) } }

    /// Takes events of a run of playbooks.
    func note(_ events: [RunEvent]) { cases.withLock { cases in for event in events { cases.apply(event) } } }

    /// Writes the report of a command that ended so, with the error that it told last.
    /// - Throws: ``InputError`` when the file cannot be written.
    func end(_ status: ExitStatus, _ error: ErrorReport?) throws(InputError) {
        if status == .done { return try write(.passed) }
        let message = error?.message ?? "it ended with status \(status.rawValue), failed: \(failedNames)"
        let hints = error?.hints.map { "hint: \($0)" } ?? []
        try write(.failed(type: "\(status)", message: message, detail: hints))
    }

    private var failedNames: String {
        let failed = cases.withLock(\.all).filter { if case .failed = $0.outcome { true } else { false } }
        return failed.isEmpty ? "none" : failed.map(\.name).joined(separator: ", ")
    }

    private func write(_ outcome: JUnitCase.Outcome) throws(InputError) {
        let time = ContinuousClock.now - begun
        let whole = JUnitCase(group: "command", name: title, time: time, outcome: outcome)
        let cases = cases.withLock(\.all) + [whole]
        try file.write(Array(JUnitText(title: title, cases: cases, time: time, mask: mask).text.utf8))
    }
}
