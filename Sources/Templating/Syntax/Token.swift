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
}
