/// Where YAML text goes: keeps the column, and whether the line has anything but indentation.
struct YAMLSink {
    let step: Int
    let width: Int
    var output = ""
    private(set) var column = 0
    private var isAfterBlank = true
    private(set) var isAtIndent = true
    /// Columns before a line; `nil` outside of the document.
    var indent: Int?
    var flowLevel = 0

    init(step: Int, width: Int) {
        self.step = step
        self.width = width
    }

    mutating func deepen(indentless: Bool) {
        if let current = indent {
            if !indentless { indent = current + step }
        } else {
            indent = 0
        }
    }

    mutating func lineStart() {
        let target = indent ?? 0
        if !isAtIndent || column > target || (column == target && !isAfterBlank) { lineBreak() }
        if column < target {
            put(String(repeating: " ", count: target - column))
            isAfterBlank = true
        }
    }

    private mutating func lineBreak() {
        output += "\n"
        column = 0
        isAfterBlank = true
        isAtIndent = true
    }

    private mutating func put(_ text: String) {
        output += text
        column += text.scalarCount
    }

    mutating func indicator(_ text: String, spaced: Bool, endsBlank: Bool = false, keepsIndent: Bool = false) {
        put(isAfterBlank || !spaced ? text : " " + text)
        isAfterBlank = endsBlank
        isAtIndent = isAtIndent && keepsIndent
    }

    private mutating func markText() {
        isAfterBlank = false
        isAtIndent = false
    }

    // MARK: Scalars

    mutating func plain(_ text: String, splits: Bool) {
        guard !text.isEmpty else { return }
        if !isAfterBlank { put(" ") }
        markText()
        words(text, splits: splits, quote: nil)
    }

    mutating func singleQuoted(_ text: String, splits: Bool) {
        indicator("'", spaced: true)
        words(text, splits: splits, quote: "'")
        indicator("'", spaced: false)
    }

    /// Writes runs of blanks, of breaks and of other characters, folding long lines at single blanks.
    private mutating func words(_ text: String, splits: Bool, quote: String?) {
        var rest = text.unicodeScalars[...]
        var isFirst = true
        while let scalar = rest.first {
            if scalar == " " {
                let run = rest.prefix { $0 == " " }
                rest = rest[run.endIndex...]
                if run.count == 1, column > width, splits, !isFirst, !rest.isEmpty {
                    lineStart()
                    markText()
                } else {
                    put(String(run))
                }
            } else if scalar == "\n" {
                let run = rest.prefix { $0 == "\n" }
                rest = rest[run.endIndex...]
                lineBreak()
                for _ in run { lineBreak() }
                lineStart()
                markText()
            } else {
                let run = rest.prefix { $0 != " " && $0 != "\n" }
                rest = rest[run.endIndex...]
                put(quote == nil ? String(run) : String(run).replacingScalars(of: "'", with: "''"))
            }
            isFirst = false
        }
    }

    private static let escapes: [Unicode.Scalar: String] = [
        "\0": "0", "\u{7}": "a", "\u{8}": "b", "\t": "t", "\n": "n", "\u{B}": "v", "\u{C}": "f", "\r": "r",
        "\u{1B}": "e", "\"": "\"", "\\": "\\", "\u{85}": "N", "\u{A0}": "_", "\u{2028}": "L", "\u{2029}": "P",
    ]

    mutating func doubleQuoted(_ text: String, splits: Bool) {
        indicator("\"", spaced: true)
        let scalars = Array(text.unicodeScalars)
        var wasBlank = false
        for (index, scalar) in scalars.enumerated() {
            if scalar == " ", splits, !wasBlank, column > width, index > 0, index < scalars.count - 1 {
                lineStart()
                if scalars[index + 1] == " " { put("\\") }
                wasBlank = true
                continue
            }
            wasBlank = scalar == " "
            put(Self.escaped(scalar))
        }
        indicator("\"", spaced: false)
    }

    private static func escaped(_ scalar: Unicode.Scalar) -> String {
        if let escape = escapes[scalar] { return "\\" + escape }
        if YAMLAnalysis.isPrintable(scalar) { return String(scalar) }
        let (mark, width) = scalar.value <= 0xFF ? ("x", 2) : scalar.value <= 0xFFFF ? ("u", 4) : ("U", 8)
        let digits = String(scalar.value, radix: 16, uppercase: true)
        return "\\" + mark + String(repeating: "0", count: width - digits.utf8.count) + digits
    }
}
