import Foundation

/// What a text has to have in it: other text, or something that an extended regular expression of POSIX matches.
public struct TextMatch: Hashable, Sendable, CustomStringConvertible {
    /// As it is written: `/…/` is a regular expression, anything else text.
    public let written: String

    /// The match that is written so.
    public init(_ written: String) { self.written = written }

    /// As it is written.
    public var description: String { written }

    /// The regular expression; `nil` for text.
    var pattern: String? {
        written.count > 2 && written.hasPrefix("/") && written.hasSuffix("/")
            ? String(written.dropFirst().dropLast()) : nil
    }

    /// Why it cannot be used; `nil` when it can.
    var fault: String? { pattern.flatMap { Self.compile($0) { _, fault in fault } } }

    /// Whether `text` has it.
    func matches(_ text: String) -> Bool {
        guard let pattern else { return text.contains(written) }
        return Self.compile(pattern) { expression, fault in
            guard fault == nil else { return false }
            return text.split(separator: "\n", omittingEmptySubsequences: false).contains { line in
                regexec(&expression, String(line.filter { $0 != "\0" }), 0, nil, 0) == 0
            }
        }
    }

    /// Why `pattern` is no extended regular expression; `nil` when it is one.
    static func fault(ofPattern pattern: String) -> String? { compile(pattern) { _, fault in fault } }

    private static func compile<Answer>(_ pattern: String, _ use: (inout regex_t, _ fault: String?) -> Answer) -> Answer
    {
        var expression = regex_t()
        let status = regcomp(&expression, pattern, REG_EXTENDED)
        defer { if status == 0 { regfree(&expression) } }
        guard status != 0 else { return use(&expression, nil) }
        var words = [CChar](repeating: 0, count: 200)
        regerror(status, &expression, &words, words.count)
        let text = String(decoding: words.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return use(&expression, text.prefix(1).lowercased() + text.dropFirst())
    }
}
