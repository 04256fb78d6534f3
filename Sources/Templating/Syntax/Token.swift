import Values

/// A piece of template source.
struct Token: Equatable {
    enum Kind: Equatable {
        /// Text outside of all tags.
        case data(String)
        case variableBegin, variableEnd
        case blockBegin, blockEnd
        case name(String)
        case string(String)
        case integer(Int)
        case float(Double)
        /// An operator or bracket as written.
        case symbol(Symbol)
        case end
    }

    enum Symbol: String {
        case add = "+", subtract = "-", divide = "/", floorDivide = "//", multiply = "*", modulo = "%", power = "**"
        case tilde = "~", leftBracket = "[", rightBracket = "]", leftParenthesis = "(", rightParenthesis = ")"
        case leftBrace = "{", rightBrace = "}", equal = "==", notEqual = "!=", greater = ">", greaterEqual = ">="
        case less = "<", lessEqual = "<=", assign = "=", dot = ".", colon = ":", pipe = "|", comma = ","
        case semicolon = ";"
    }

    var kind: Kind
    /// Line within the template, from 1.
    var line: Int

    /// For messages.
    var description: String {
        switch kind {
        case .data: "text"
        case .variableBegin: "'{{'"
        case .variableEnd: "'}}'"
        case .blockBegin: "'{%'"
        case .blockEnd: "'%}'"
        case .name(let name): "'\(name)'"
        case .string(let text): "string '\(text)'"
        case .integer(let number): "'\(number)'"
        case .float(let number): "'\(number)'"
        case .symbol(let symbol): "'\(symbol.rawValue)'"
        case .end: "the end"
        }
    }
}

/// Raised while a template is read; carries the line within the template.
struct SyntaxError: Error, Equatable {
    var message: String
    var line: Int
    var hints: [String] = []

    /// What stands between quotes on a line, its escapes replaced.
    /// - Throws: itself for an escape that means nothing.
    static func decoded(_ text: some StringProtocol, line: Int) throws(SyntaxError) -> String {
        do throws(PythonEscapes.EscapeError) {
            return try PythonEscapes.decode(text)
        } catch {
            throw SyntaxError(message: "a text has a \(error.reason)", line: line)
        }
    }
}
