import ArgumentParser
import Foundation
import TextTable

/// How data is written to standard output.
enum OutputFormat: String, ExpressibleByArgument, CaseIterable, Sendable {
    /// For people.
    case table
    /// For programs.
    case json
}

/// How tables are drawn.
enum TableStyle: Sendable {
    /// As wide as the terminal at most; elsewhere as wide as they are.
    case fitted
    /// As wide as they are.
    case wide
    /// The first column alone, without a title.
    case names
}

/// A table for people: titles and rows of cells.
struct Table: Sendable {
    var titles: [String]
    var rows: [[String]] = []
    /// Titles of the columns that are left out where there is no room for all, the first one first.
    var spare: [String] = []

    init(_ titles: String...) { self.titles = titles }

    mutating func add(_ cells: String...) { rows.append(cells) }

    /// The lines of the table, its titles first; none when it has no rows.
    var lines: [String] {
        guard !rows.isEmpty else { return [] }
        let table = TextTable<[String]> { row in
            zip(titles, row).map { Column(title: $0, value: VisibleText.cell($1)) }
        }
        guard let drawn = table.string(for: rows, style: Style.plain) else { return [] }
        return drawn.split(separator: "\n").map { String($0.replacing(/\s+$/, with: "")) }
    }
}

extension Terminal {
    /// Writes the data: the table for people, `value` as JSON for programs.
    func show(_ table: Table, or value: some SchemaDocument, as format: OutputFormat) throws {
        switch format {
        case .table: write(table)
        case .json: write(json: try EncodedJSON.pretty(value))
        }
    }

    /// Writes the data: the table for people, `values` as JSON for programs.
    func show(_ table: Table, or values: [some SchemaDocument], as format: OutputFormat) throws {
        switch format {
        case .table: write(table)
        case .json: write(json: try EncodedJSON.pretty(values))
        }
    }

    /// Writes the table as it is wanted; nothing when it has no rows.
    func write(_ table: Table) { for line in lines(of: table) { write(line) } }

    /// The lines of the table as it is wanted.
    func lines(of table: Table) -> [String] {
        // Masked before anything is cut, so that no secret is told in two halves.
        var table = table
        table.rows = table.rows.map { $0.map { redactor($0) } }
        switch tables {
        case .names: return table.rows.compactMap(\.first)
        case .wide: return table.lines
        case .fitted: return (output.size.map { table.fitted(to: $0.columns) } ?? table).lines
        }
    }
}

/// JSON with keys in a fixed order.
enum EncodedJSON {
    /// On several lines, for a whole answer.
    static func pretty(_ value: some SchemaDocument) throws -> String {
        try encoded(NamedDocument(own: value), [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes])
    }

    /// On several lines, for a whole answer that is a list: each of it says its schema, so that it may be taken out of it.
    static func pretty<Document: SchemaDocument>(_ values: [Document]) throws -> String {
        try encoded(
            values.map { NamedDocument(own: $0) }, [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes])
    }

    /// On one line, for an event.
    static func line(_ value: some SchemaDocument) throws -> String {
        try encoded(NamedDocument(own: value, isLine: true), [.sortedKeys, .withoutEscapingSlashes])
    }

    private static func encoded(_ value: some Encodable, _ formatting: JSONEncoder.OutputFormatting) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = formatting
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }
}

/// A document's own fields, and its schema. Lines say their schema's version beside it, as they did before they had names.
private struct NamedDocument<Own: SchemaDocument>: Encodable {
    let own: Own
    var isLine = false

    private enum Key: String, CodingKey { case schema, version }

    func encode(to encoder: any Encoder) throws {
        try own.encode(to: encoder)
        var fields = encoder.container(keyedBy: Key.self)
        try fields.encode(Own.schema.id, forKey: .schema)
        if isLine { try fields.encode(Own.schema.version, forKey: .version) }
    }
}
