/// Python's `'{} and {name[key].attribute!r:>{width}}'`: texts, and fields that values go to.
public struct BraceFormat: Hashable, Sendable {
    /// One part of a format.
    public enum Part: Hashable, Sendable {
        /// Text that stands there as it is.
        case text(String)
        /// A place for a value.
        case field(Field)
    }

    /// A place for a value.
    public struct Field: Hashable, Sendable {
        /// What the value is called: a number, a name, or nothing for the next.
        public var name: String
        /// How the value is come by from there.
        public var path: [Step] = []
        /// `r`, `s` or `a`.
        public var conversion: Unicode.Scalar?
        /// How it is laid out; may hold fields itself.
        public var specification: [Part] = []
    }

    /// One step from a value to a value of it.
    public enum Step: Hashable, Sendable {
        /// `.name`
        case attribute(String)
        /// `[key]`
        case item(String)
    }

    /// The parts, in their order.
    public let parts: [Part]

    /// Reads a format.
    /// - Throws: ``FormatError`` in Python's words.
    public init(_ format: String) throws(FormatError) {
        var reader = Reader(rest: format.unicodeScalars[...])
        parts = try reader.parts(depth: 1)
    }

    private struct Reader {
        var rest: Substring.UnicodeScalarView

        /// Parts up to the end of the format, or of the specification that they make up.
        mutating func parts(depth: Int) throws(FormatError) -> [Part] {
            // A field's specification may hold fields, and theirs none.
            guard depth <= 2 else { throw FormatError("Max string recursion exceeded") }
            var parts: [Part] = []
            var text = String.UnicodeScalarView()
            while let scalar = rest.popFirst() {
                switch scalar {
                case "{" where rest.first == "{" && depth == 1: text.append(rest.removeFirst())
                case "{":
                    if !text.isEmpty { parts.append(.text(String(text))) }
                    text = String.UnicodeScalarView()
                    parts.append(.field(try field(depth: depth)))
                case "}" where depth > 1: return parts + Self.part(text)
                case "}":
                    guard rest.popFirst() == "}" else {
                        throw FormatError("Single '}' encountered in format string")
                    }
                    text.append("}")
                default: text.append(scalar)
                }
            }
            guard depth == 1 else { throw FormatError("expected '}' before end of string") }
            return parts + Self.part(text)
        }

        private static func part(_ text: String.UnicodeScalarView) -> [Part] {
            text.isEmpty ? [] : [.text(String(text))]
        }

        private mutating func field(depth: Int) throws(FormatError) -> Field {
            let name = rest.prefix { $0 != "}" && $0 != ":" && $0 != "!" }
            rest = rest[name.endIndex...]
            var field = try Self.field(Substring(name))
            if rest.first == "!" {
                rest.removeFirst()
                field.conversion = rest.popFirst()
            }
            guard let end = rest.popFirst() else { throw FormatError("expected '}' before end of string") }
            switch end {
            case "}": break
            case ":": field.specification = try parts(depth: depth + 1)
            default: throw FormatError("expected ':' after conversion specifier")
            }
            return field
        }

        private static func field(_ text: Substring) throws(FormatError) -> Field {
            let first = text.prefix { $0 != "." && $0 != "[" }
            var field = Field(name: String(first))
            var path = text[first.endIndex...]
            while let mark = path.popFirst() {
                if mark == "." {
                    let name = path.prefix { $0 != "." && $0 != "[" }
                    path = path[name.endIndex...]
                    guard !name.isEmpty else { throw FormatError("Empty attribute in format string") }
                    field.path.append(.attribute(String(name)))
                } else if mark == "[" {
                    let key = path.prefix { $0 != "]" }
                    path = path[key.endIndex...].dropFirst()
                    guard !key.isEmpty else { throw FormatError("Empty attribute in format string") }
                    field.path.append(.item(String(key)))
                } else {
                    throw FormatError("Only '.' or '[' may follow ']' in format field specifier")
                }
            }
            return field
        }
    }
}
