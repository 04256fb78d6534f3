import AdHoc
import Fleet
import Synchronization

/// Shows the lines of hosts' logs as they come: behind their hosts' names where there are several, or one JSON object a line.
final class LogReporter: CommandReporter {
    /// A line as programs read it.
    struct Line: SchemaDocument {
        static let schema = DocumentSchema(
            "log", "A line that a unit wrote to its host's journal",
            [
                .always("event", .word(["log"]), "always the same"),
                .always("host", .text, "the host"),
                .always("line", .text, "the line, as `journalctl` writes it"),
            ])

        let event = "log"
        let host: HostName
        let line: String
    }

    private let lines: any CommandReporter
    /// Whether nobody but the user ends it.
    private let isEndless: Bool
    private let failure = Atomic(false)
    private let output = Atomic(false)

    init(_ hosts: [HostName], _ terminal: Terminal, _ format: OutputFormat, isEndless: Bool) {
        lines =
            switch format {
            case .table: StreamedCommandReporter(hosts, terminal, isNamed: hosts.count > 1, endsWithTally: false)
            case .json: JSONLines(terminal)
            }
        self.isEndless = isEndless
    }

    /// Whether some host's log could not be shown to its end.
    var hasFailed: Bool { failure.load(ordering: .relaxed) }

    /// Whether some host had a line.
    var hasWritten: Bool { output.load(ordering: .relaxed) }

    func tell(_ event: CommandEvent) {
        if case .wrote(_, .output, _) = event { output.store(true, ordering: .relaxed) }
        guard case .ended(let end) = event else { return lines.tell(event) }
        if isEndless, end.result == nil || end.error?.code == .cancelled {
            // That somebody has seen enough is no failure.
            return lines.tell(.ended(CommandEnd(end.host, .success(0))))
        }
        if !end.isSuccess { failure.store(true, ordering: .relaxed) }
        lines.tell(event)
    }

    func finish() { lines.finish() }

    /// Each line as an object on standard output; what goes wrong as people read it.
    private final class JSONLines: CommandReporter {
        private let terminal: Terminal
        private let errors: StreamedCommandReporter
        private let cutters = Mutex<[HostName: LineCutter]>([:])

        init(_ terminal: Terminal) {
            self.terminal = terminal
            errors = StreamedCommandReporter([], terminal, endsWithTally: false)
        }

        func tell(_ event: CommandEvent) {
            switch event {
            case .wrote(let host, .output, let piece):
                cutters.withLock { cutters in
                    for line in cutters[host, default: LineCutter()].feed(piece) { write(line, of: host) }
                }
            case .wrote(_, .errors, _): errors.tell(event)
            case .ended(let end):
                cutters.withLock { cutters in
                    var cutter = cutters.removeValue(forKey: end.host) ?? LineCutter()
                    if let rest = cutter.finish() { write(rest, of: end.host) }
                }
                errors.tell(event)
            }
        }

        private func write(_ line: [UInt8], of host: HostName) {
            let line = Line(host: host, line: String(decoding: line, as: UTF8.self))
            // Plain values always encode.
            if let text = try? EncodedJSON.line(line) { terminal.write(json: text) }
        }

        func finish() { errors.finish() }
    }
}
