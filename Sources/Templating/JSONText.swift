public import Fleet
import OrderedCollections

/// JSON with the types Python gives it: `1` and `1.0` differ, keys keep their order.
public enum JSONText {
    /// Reads `text`.
    ///
    /// - Throws: ``TemplateError`` of kind `filter` when it is not JSON.
    public static func value(_ text: String) throws -> Value { try JSONReader.object(text).finished() }

    /// Writes `value` as Python's `json.dumps` does; templates in it are written as their source.
    ///
    /// - Parameter indent: Blanks for each level; `nil` for a single line.
    public static func text(_ value: Value, indent: Int? = nil, sortsKeys: Bool = false) throws -> String {
        var layout = JSONLayout()
        layout.indent = try indent.map { try Arithmetic.repeated(" ", $0) }
        layout.sortsKeys = sortsKeys
        let session = Session(scope: Variables(), environment: TemplateEnvironment(), cache: TemplateCache())
        return try JSONWriter(layout).text(try session.object(from: value.withoutTemplates))
    }
}
