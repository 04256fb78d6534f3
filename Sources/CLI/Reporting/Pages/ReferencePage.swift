/// A page of docs/ that is made from what the program itself goes by.
enum ReferencePage: String, CaseIterable, Sendable {
    /// What is written with `--format json`.
    case json
    /// The same for programs.
    case schema
    /// Keys, exit statuses, variables, events and pages of the manual.
    case reference

    /// Its file below docs/.
    var file: String {
        switch self {
        case .json: "json.md"
        case .schema: "json.schema.json"
        case .reference: "reference.md"
        }
    }

    /// What stands in it.
    var text: String {
        switch self {
        case .json: JSONPage.text
        case .schema: JSONSchemaFile.text
        case .reference: ReferenceText.text
        }
    }
}

/// Markdown of pages that are made.
enum Markdown {
    /// A table, with a blank line before it.
    static func table(_ titles: [String], _ rows: [[String]]) -> String {
        let lines = [titles, titles.map { _ in "---" }] + rows
        return "\n" + lines.map { "| " + $0.map(cell).joined(separator: " | ") + " |" }.joined(separator: "\n") + "\n"
    }

    /// What says at a page's top that nobody edits it.
    static func notice(_ source: String) -> String {
        "<!-- Made by scripts/reference from \(source): edit that, and run it again. -->\n"
    }

    private static func cell(_ text: String) -> String {
        text.replacing("|", with: "\\|").replacing("\n", with: " ")
    }
}
