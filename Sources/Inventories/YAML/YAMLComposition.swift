import Fleet
import Yams

/// From text to Yams' nodes, with Yams' own resolving of scalars and refusing of repeated keys out of the way.
enum YAMLComposition {
    /// Put before a key that stands again in its mapping: Yams refuses repeated keys without saying where the second stands,
    /// and takes `1` and `"1"` for the same. A private-use character, so no key of a real file begins with it.
    static let repeatMark: Unicode.Scalar = "\u{F8FE}"

    private static let mostRepeats = 200

    /// The documents of `text`. Keys may be there twice, the earlier ones with ``repeatMark`` in front.
    static func documents(of text: String, file: String) throws(InputError) -> [Node] {
        var text = text
        // Each round reads all of it again: few rounds for a large text.
        let rounds = max(3, min(mostRepeats, 4_000_000 / max(1, text.utf8.count)))
        guard !YAMLAliases.unfoldTooFar(text) else {
            throw InputError(
                "the file's aliases unfold to too many values", at: SourceLocation(file: file),
                hints: ["write the values out where aliases (*name) stand inside of what others stand for"])
        }
        for round in 1...rounds {
            do {
                return try compose(text)
            } catch let YamlError.duplicatedKeysInMapping(_, context) {
                guard round < rounds, let marked = marking(text, at: context.mark) else {
                    throw repeated(at: context.mark, file: file)
                }
                text = marked
            } catch let fault as YamlError {
                throw YAMLFault.explain(fault, text: text, file: file)
            } catch {
                throw InputError("the file can't be read as YAML", at: SourceLocation(file: file))
            }
        }
        throw InputError("keys stand twice in their mappings", at: SourceLocation(file: file))
    }

    private static func compose(_ text: String) throws -> [Node] {
        let parser = try Parser(yaml: text, resolver: .basic, constructor: .default, encoding: .utf8)
        var nodes: [Node] = []
        while let node = try parser.nextRoot() { nodes.append(node) }
        return nodes
    }

    private static func repeated(at mark: Mark, file: String) -> InputError {
        InputError(
            "this key stands twice in its mapping",
            at: SourceLocation(file: file, line: mark.line, column: mark.column))
    }

    /// `text` with ``repeatMark`` in the scalar key at `mark`; `nil` when no plain or quoted scalar begins there.
    private static func marking(_ text: String, at mark: Mark) -> String? {
        var scalars = text.unicodeScalars
        var index = scalars.startIndex
        for _ in 1..<max(mark.line, 1) {
            guard let end = scalars[index...].firstIndex(of: "\n") else { return nil }
            index = scalars.index(after: end)
        }
        guard let start = scalars.index(index, offsetBy: mark.column - 1, limitedBy: scalars.endIndex),
            start < scalars.endIndex
        else { return nil }
        switch scalars[start] {
        case "&", "!", "*", "|", ">", "[", "{": return nil
        case "'", "\"": scalars.insert(repeatMark, at: scalars.index(after: start))
        default: scalars.insert(repeatMark, at: start)
        }
        return String(scalars)
    }
}
