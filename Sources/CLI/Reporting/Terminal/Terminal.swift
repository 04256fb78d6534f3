import Fleet
import Foundation
import Synchronization

/// The two streams a person or a program reads.
///
/// Data goes to standard output, talk to standard error. Colour never carries meaning alone; `NO_COLOR` and
/// non-terminals get plain lines. Messages are lower case without a final stop; `error:`, `warning:` and `hint:` are
/// the only prefixes. Whatever a line holds, only ``TerminalText``'s own colours and line ends take effect.
struct Terminal: Sendable {
    /// Whether a person watches standard error.
    var isInteractive: Bool
    /// Whether colour is welcome on standard error.
    var hasColour: Bool
    /// Whether nobody is there to answer, whatever the streams are.
    private(set) var isUnattended = false
    /// Standard output as it is watched.
    var output = Watcher(isTerminal: false, hasColour: false)
    /// How much is said.
    var verbosity = Verbosity.usual
    /// How tables are drawn.
    var tables = TableStyle.fitted
    /// What is written and said, and more, is kept there as well.
    var log: LogFile?
    /// Masks secrets in everything that is written.
    let redactor = Redactor()
    private let lock = TransientLine()
    private let told = ToldError()

    /// How far files are on their way to hosts.
    var uploads: UploadTally { lock.uploads }

    /// Who reads a stream.
    struct Watcher: Sendable {
        var isTerminal: Bool
        var hasColour: Bool

        /// Who reads `descriptor`.
        init(_ descriptor: Int32, _ environment: [String: String]) {
            isTerminal = isatty(descriptor) == 1
            hasColour = isTerminal && environment["TERM"] != "dumb" && environment["NO_COLOR"] == nil
        }

        /// Its columns and rows, as they are now; `nil` where no person watches.
        var size: (columns: Int, rows: Int)? {
            guard isTerminal else { return nil }
            var size = winsize()
            let isKnown = ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 1 && size.ws_row > 1
            return isKnown ? (Int(size.ws_col), Int(size.ws_row)) : (80, 24)
        }

        init(isTerminal: Bool, hasColour: Bool) { (self.isTerminal, self.hasColour) = (isTerminal, hasColour) }
    }

    static let standard: Terminal = {
        let environment = ProcessInfo.processInfo.environment
        let errors = Watcher(STDERR_FILENO, environment)
        let isInteractive = errors.isTerminal && environment["TERM"] != "dumb"
        return Terminal(
            isInteractive: isInteractive, hasColour: errors.hasColour, output: Watcher(STDOUT_FILENO, environment))
    }()

    init(isInteractive: Bool, hasColour: Bool, output: Watcher = Watcher(isTerminal: false, hasColour: false)) {
        (self.isInteractive, self.hasColour, self.output) = (isInteractive, hasColour, output)
    }

    /// The same where nobody watches: plain lines, and no questions.
    var unattended: Self {
        var terminal = self
        (terminal.isUnattended, terminal.isInteractive, terminal.hasColour) = (true, false, false)
        terminal.output.hasColour = false
        return terminal
    }

    /// For how long nothing was written.
    var silence: Duration { lock.silence }

    /// `text` in bold where colour is welcome.
    func bold(_ text: String) -> TerminalText { TerminalText(text, .bold) }

    /// `text` in `colour` where colour is welcome.
    func paint(_ text: String, _ colour: TerminalText.Style) -> TerminalText { TerminalText(text, colour) }

    // MARK: Data

    /// Writes a line of data to standard output.
    func write(_ line: some TerminalLine) {
        keep(line)
        put(line.terminalText.shown(redactor, colours: output.hasColour))
    }

    /// Writes JSON to standard output; secrets are masked in its texts, and it stays JSON.
    func write(json: String) {
        let shown = VisibleText.json(redactor.json(json))
        log?.add(shown)
        put(shown)
    }

    /// Begins at the top of an empty screen.
    func clearScreen() { Self.put("\u{1B}[H\u{1B}[2J", on: STDOUT_FILENO) }

    private func put(_ line: String) {
        lock.clear()
        if line.utf8.last == UInt8(ascii: "\n") { return Self.put(line, on: STDOUT_FILENO) }
        if line.utf8.count < Self.large { return Self.put(line + "\n", on: STDOUT_FILENO) }
        Self.put(line, on: STDOUT_FILENO)
        Self.put("\n", on: STDOUT_FILENO)
    }

    /// Longer lines are not copied only to be ended.
    private static let large = 1 << 16

    /// Writes what a host's command wrote on a stream: to a terminal made visible but for colours, unless it is wanted
    /// `raw`; elsewhere as it is. Secrets are masked.
    func relay(_ bytes: [UInt8], _ stream: CommandStream, raw: Bool = false) {
        lock.clear()
        let descriptor = stream == .output ? STDOUT_FILENO : STDERR_FILENO
        let isWatched = stream == .output ? output.isTerminal : isatty(STDERR_FILENO) == 1
        var shown = redactor(bytes)
        keep(TerminalText(lines: String(decoding: shown, as: UTF8.self)))
        if isWatched, !raw { shown = HostOutput.visible(shown) }
        if shown.last != UInt8(ascii: "\n") { shown.append(UInt8(ascii: "\n")) }
        shown.withUnsafeBytes { Self.put($0, on: descriptor) }
    }

    // MARK: Talk

    /// Says a line on standard error, unless nothing is to be said but what went wrong.
    func say(_ line: some TerminalLine) {
        keep(line)
        if verbosity > .quiet { speak(line) }
    }

    /// Says a line on standard error that nobody may miss: a question, what went wrong, how something was left.
    func tell(_ line: some TerminalLine) {
        keep(line)
        speak(line)
    }

    /// Says what is done behind a command, to those who want to know it to that `depth`.
    func trace(_ depth: Verbosity, _ line: @autoclosure () -> String) {
        guard traces(depth) else { return }
        let line = TerminalText(lines: "· " + line(), indent: "    ")
        keep(line)
        if verbosity >= depth { speak(line) }
    }

    /// Whether somebody wants to know what is done to that `depth`.
    func traces(_ depth: Verbosity) -> Bool { verbosity >= depth || log != nil }

    private func speak(_ line: some TerminalLine) {
        lock.clear()
        Self.put(line.terminalText.shown(redactor, colours: hasColour) + "\n", on: STDERR_FILENO)
    }

    private func keep(_ line: some TerminalLine) {
        log?.add(line.terminalText.shown(redactor, colours: false))
    }

    /// Says what is waited for until something else is said: where a person watches on the last line, elsewhere when it
    /// takes long.
    func show(progress line: String) {
        guard verbosity > .quiet else { return }
        lock.draw(VisibleText.cell(redactor(line)), isWatched: isInteractive)
    }

    /// Shows for how long that has been waited for, where it is time to.
    func beat() {
        if let line = lock.beat(isWatched: isInteractive) { Self.put(line + "\n", on: STDERR_FILENO) }
    }

    /// Tells an error with its subject and hints.
    func show(_ error: any ExplainedError) {
        told.note(ErrorRecord(error))
        tell(error: error.message, about: error.subject, hints: error.hints)
    }

    /// Remembers an error that was told otherwise.
    func note(_ error: ErrorRecord) { told.note(error) }

    /// The error that was told last.
    var lastError: ErrorRecord? { told.last }

    /// Tells an error, with what it is about and what can be done.
    func tell(error message: String, about subject: String? = nil, hints: [String] = []) {
        let about = subject.map { TerminalText("\($0): ") } ?? TerminalText()
        tell(paint("error:", .red) + " " + about + Self.paragraph(message))
        for hint in hints { tell(hint: hint) }
    }

    /// Tells what can be done.
    func tell(hint: String) { tell(paint("hint:", .cyan) + " " + Self.paragraph(hint)) }

    /// Tells a warning.
    func warn(_ message: String) { tell(paint("warning:", .yellow) + " " + Self.paragraph(message)) }

    /// Tells warnings that may be many of a kind: the first ones, and how many more there are.
    func warn(all warnings: [String]) {
        let told = traces(.connections) ? warnings.count : Self.mostWarnings
        for warning in warnings.prefix(told) { warn(warning) }
        guard warnings.count > told else { return }
        warn("and \(warnings.count - told) more of the inventory's warnings, which -v tells")
    }

    /// Of hundreds nobody would read one.
    private static let mostWarnings = 5

    /// Tells a warning with its place and what can be done.
    func warn(_ warning: ErrorReport) {
        warn(warning.description)
        for hint in warning.hints { tell(hint: hint) }
    }

    /// Further lines of a message are indented, so that none can be taken for one of ours.
    private static func paragraph(_ message: String) -> TerminalText { TerminalText(lines: message, indent: "    ") }

    static func put(_ text: String, on descriptor: Int32) {
        var text = text
        text.withUTF8 { put(UnsafeRawBufferPointer($0), on: descriptor) }
    }

    private static func put(_ all: UnsafeRawBufferPointer, on descriptor: Int32) {
        var bytes = all[...]
        while !bytes.isEmpty {
            let rest = UnsafeRawBufferPointer(rebasing: bytes)
            let written = Foundation.write(descriptor, rest.baseAddress, rest.count)
            if written < 0 && errno == EINTR { continue }
            if written <= 0 { return }
            bytes = bytes.dropFirst(written)
        }
    }
}

/// What went wrong last.
private final class ToldError: Sendable {
    private let record = Mutex<ErrorRecord?>(nil)

    var last: ErrorRecord? { record.withLock(\.self) }

    func note(_ error: ErrorRecord) { record.withLock { $0 = error } }
}
