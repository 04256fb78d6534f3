import Fleet
import Foundation
@preconcurrency import Rainbow
import Synchronization

/// The two streams a person or a program reads.
///
/// Data goes to standard output, talk to standard error. Colour never carries meaning alone; `NO_COLOR` and
/// non-terminals get plain lines. Messages are lower case without a final stop; `error:`, `warning:` and `hint:` are
/// the only prefixes.
struct Terminal: Sendable {
    /// Whether a person watches standard error.
    var isInteractive: Bool
    /// Whether colour is welcome on standard error.
    var hasColour: Bool
    /// Masks secrets in everything that is written.
    let redactor = Redactor()
    private let lock = TransientLine()

    static let standard: Terminal = {
        let environment = ProcessInfo.processInfo.environment
        let isTerminal = isatty(STDERR_FILENO) == 1 && environment["TERM"] != "dumb"
        Rainbow.enabled = true
        return Terminal(isInteractive: isTerminal, hasColour: isTerminal && environment["NO_COLOR"] == nil)
    }()

    init(isInteractive: Bool, hasColour: Bool) {
        self.isInteractive = isInteractive
        self.hasColour = hasColour
    }

    /// `text` in bold where colour is welcome.
    func bold(_ text: String) -> String { hasColour ? text.bold : text }

    /// The colours we use.
    enum Colour: Sendable {
        case red, green, yellow, cyan, magenta

        fileprivate var named: NamedColor {
            switch self {
            case .red: .red
            case .green: .green
            case .yellow: .yellow
            case .cyan: .cyan
            case .magenta: .magenta
            }
        }
    }

    /// Writes a line of data to standard output.
    func write(_ line: String) {
        put(redactor(line))
    }

    /// Writes JSON to standard output; secrets are masked in its texts, and it stays JSON.
    func write(json: String) { put(redactor.json(json)) }

    private func put(_ line: String) {
        lock.clear()
        if line.utf8.last == UInt8(ascii: "\n") { return Self.put(line, on: STDOUT_FILENO) }
        if line.utf8.count < Self.large { return Self.put(line + "\n", on: STDOUT_FILENO) }
        Self.put(line, on: STDOUT_FILENO)
        Self.put("\n", on: STDOUT_FILENO)
    }

    /// Longer lines are not copied only to be ended.
    private static let large = 1 << 16

    /// Says a line on standard error.
    func say(_ line: String) {
        lock.clear()
        Self.put(redactor(line) + "\n", on: STDERR_FILENO)
    }

    /// Shows `line` until the next one comes; only where a person watches.
    func show(progress line: String) {
        guard isInteractive else { return }
        lock.draw(redactor(line))
    }

    /// Tells an error with its subject and hints.
    func show(_ error: any ExplainedError) {
        let subject = error.subject.map { "\($0): " } ?? ""
        say(paint("error:", .red) + " \(subject)\(error.message)")
        for hint in error.hints { say(paint("hint:", .cyan) + " \(hint)") }
    }

    /// Tells a warning.
    func warn(_ message: String) { say(paint("warning:", .yellow) + " \(message)") }

    /// `text` in `colour` where colour is welcome.
    func paint(_ text: String, _ colour: Colour) -> String {
        hasColour ? text.applyingColor(colour.named) : text
    }

    static func put(_ text: String, on descriptor: Int32) {
        var text = text
        text.withUTF8 { all in
            var bytes = UnsafeRawBufferPointer(all)[...]
            while !bytes.isEmpty {
                let rest = UnsafeRawBufferPointer(rebasing: bytes)
                let written = Foundation.write(descriptor, rest.baseAddress, rest.count)
                if written < 0 && errno == EINTR { continue }
                if written <= 0 { return }
                bytes = bytes.dropFirst(written)
            }
        }
    }
}

/// The last line of the terminal while it shows progress; cleared before anything lasting is written.
private final class TransientLine: Sendable {
    private let isShown = Mutex(false)

    func draw(_ line: String) {
        isShown.withLock { shown in
            Terminal.put("\r\u{1B}[K" + String(line.prefix(Self.width() - 1)), on: STDERR_FILENO)
            shown = true
        }
    }

    func clear() {
        isShown.withLock { shown in
            if shown { Terminal.put("\r\u{1B}[K", on: STDERR_FILENO) }
            shown = false
        }
    }

    private static func width() -> Int {
        var size = winsize()
        guard ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 1 else { return 80 }
        return Int(size.ws_col)
    }
}
