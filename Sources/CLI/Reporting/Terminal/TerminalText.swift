/// What may be shown as one or more lines.
protocol TerminalLine: Sendable {
    /// As a terminal is given it.
    var terminalText: TerminalText { get }
}

/// A text is shown on one line, whatever it holds.
extension String: TerminalLine {
    var terminalText: TerminalText { TerminalText(self) }
}

/// Lines for a person in which only Drover's own colours and line ends take effect: everything else is text, and what
/// would command the terminal is written as an escape when it is shown.
///
/// It can't be put into a string; parts are added up with `+`.
struct TerminalText: TerminalLine {
    /// The styles we use.
    enum Style: Int, Sendable {
        case bold = 1
        case red = 31
        case green = 32
        case yellow = 33
        case magenta = 35
        case cyan = 36

        fileprivate var begin: String { "\u{1B}[\(rawValue)m" }
        fileprivate var end: String { self == .bold ? "\u{1B}[22m" : "\u{1B}[39m" }
    }

    private enum Piece: Sendable {
        case text(String)
        case lineEnd
        case begin(Style)
        case end(Style)
    }

    private var pieces: [Piece] = []

    /// Nothing.
    init() {}

    /// `text` on one line: line breaks in it are shown as escapes.
    init(_ text: String) { if !text.isEmpty { pieces = [.text(text)] } }

    /// The lines of `text`, those after the first behind `indent`; one line end at the end is dropped.
    init(lines text: String, indent: String = "") {
        var lines = text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)[...]
        if lines.count > 1, lines.last?.isEmpty == true { lines.removeLast() }
        for (index, line) in lines.enumerated() {
            if index > 0 { pieces.append(.lineEnd) }
            let shown = (index > 0 ? indent : "") + String(Substring(line))
            if !shown.isEmpty { pieces.append(.text(shown)) }
        }
    }

    /// `text` on one line, in `styles` where colour is welcome.
    init(_ text: String, _ styles: Style...) {
        pieces = styles.map(Piece.begin) + [.text(text)] + styles.reversed().map(Piece.end)
    }

    /// Whether there is nothing to show.
    var isEmpty: Bool { pieces.isEmpty }
    var terminalText: TerminalText { self }

    static func + (left: Self, right: Self) -> Self {
        var sum = left
        sum += right
        return sum
    }

    static func + (left: Self, right: String) -> Self { left + Self(right) }

    static func + (left: String, right: Self) -> Self { Self(left) + right }

    static func += (left: inout Self, right: Self) { left.pieces += right.pieces }

    /// The text as bytes for a terminal, secrets masked.
    func shown(_ redactor: Redactor, colours: Bool) -> String {
        var shown = ""
        var run = ""
        for piece in pieces {
            if case .text(let text) = piece {
                run += text
                continue
            }
            if case .lineEnd = piece {} else if !colours { continue }
            shown += VisibleText.line(redactor(run))
            run = ""
            switch piece {
            case .lineEnd: shown += "\n"
            case .begin(let style): shown += style.begin
            case .end(let style): shown += style.end
            case .text: break
            }
        }
        return shown + VisibleText.line(redactor(run))
    }
}

extension [TerminalText] {
    /// All of them with `separator` between them.
    func joined(separator: String) -> TerminalText {
        reduce(into: TerminalText()) { sum, part in
            if !sum.isEmpty { sum += TerminalText(separator) }
            sum += part
        }
    }
}

extension DefaultStringInterpolation {
    /// A string would show styles as escapes.
    @available(*, unavailable, message: "add the parts up with +")
    mutating func appendInterpolation(_ text: TerminalText) {}
}
