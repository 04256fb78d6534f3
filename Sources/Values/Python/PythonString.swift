/// Python's quoted text: prefixes, single, double and triple quotes, backslash escapes.
enum PythonString {
    /// Takes one literal off the front; `nil` when none stands there or it is malformed.
    static func read(_ rest: inout Substring) -> String? {
        let prefix = rest.prefix { $0.isLetter }.lowercased()
        var scalars = rest.drop { $0.isLetter }.unicodeScalars
        guard let quote = scalars.first, quote == "'" || quote == "\"" else { return nil }
        let isTripled = scalars.starts(with: [quote, quote, quote])
        scalars = scalars.dropFirst(isTripled ? 3 : 1)
        guard let inside = inside(&scalars, quote, isTripled: isTripled) else { return nil }
        rest = Substring(scalars)
        if prefix.contains("r") { return inside }
        do throws(PythonEscapes.EscapeError) {
            return try PythonEscapes.decode(inside)
        } catch {
            // A malformed escape makes a malformed literal.
            return nil
        }
    }

    /// What stands up to the closing quotes, which are taken off too.
    private static func inside(
        _ scalars: inout Substring.UnicodeScalarView, _ quote: Unicode.Scalar, isTripled: Bool
    ) -> String? {
        var inside = String.UnicodeScalarView()
        while let scalar = scalars.popFirst() {
            if scalar == quote {
                if !isTripled { return String(inside) }
                if scalars.starts(with: [quote, quote]) {
                    scalars = scalars.dropFirst(2)
                    return String(inside)
                }
            }
            if scalar == "\n", !isTripled { return nil }
            inside.append(scalar)
            guard scalar == "\\" else { continue }
            guard let escaped = scalars.popFirst() else { return nil }
            inside.append(escaped)
        }
        return nil
    }
}
