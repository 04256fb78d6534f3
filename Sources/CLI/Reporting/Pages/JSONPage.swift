import ArgumentParser

/// docs/json.md: what each command writes with `--format json`.
enum JSONPage {
    static var text: String {
        Markdown.notice("what is written itself (`SchemaDocument` in Sources/CLI)") + head + commands + schemas
    }

    private static let head = """
        # JSON

        Whatever a command writes to standard output with `--format json` says under `schema` what it is: `drover.NAME/VERSION`. Within a version
        fields may be added, and those that are here keep their names, their types and their meaning; what may be absent is said below. A change of anything
        else is another version. Lines (an object a line, as things happen) say the version beside it as well, under `version`.

        - Times are RFC 3339 in UTC (`2026-11-30T10:36:44Z`, in events with milliseconds); what lasts is a number, of seconds unless its name says otherwise; sizes are bytes.
        - Names that stand for nothing are absent, never `null`. Fields that are not listed here may appear: pass over them.
        - Decide by words and codes, not by sentences: what is "for people" may be worded anew at any time.
        - A list is written as one JSON list, whose objects each say their schema; a list of nothing is `[]`.
        - A command that fails without a better answer ends with a line of `drover.error`, with `exit`, after whatever it wrote before. Talk and warnings go to standard
          error, as always.
        - Secrets are masked in texts, and control characters are written as escapes.

        [json.schema.json](json.schema.json) has the same as JSON Schema (2020-12), for validators and generators of code. `drover inventory` writes what
        `ansible-inventory` writes, and no schema of Drover's.

        ## Commands


        """

    private static var commands: String {
        let rows = documented(below: Drover.self, ["drover"]).map { path, command in
            let documents = command.documents.map { "[\($0.schema.id)](#\(anchor($0.schema))) (\($0.form.rawValue))" }
            return ["`\(path)`", documents.joined(separator: ", ")]
        }
        return Markdown.table(["command", "writes"], rows).drop { $0 == "\n" }
            + "\n`drover status -w` writes a list every two seconds. `drover history --run N` writes events as lines, or, of a run that was none of builds or units, the object\n"
            + "that fits its kind.\n"
    }

    /// The commands with `--format json`, in the order of `drover --help`.
    static func documented(
        below command: any ParsableCommand.Type, _ path: [String]
    ) -> [(path: String, command: any DocumentedCommand.Type)] {
        if let own = command as? any DocumentedCommand.Type { return [(path.joined(separator: " "), own)] }
        return command.configuration.subcommands.flatMap { below in
            // What is done where no other is named is called by the name of all.
            let isUsual = below == command.configuration.defaultSubcommand
            return documented(below: below, isUsual ? path : path + [below._commandName])
        }
    }

    /// What is written, each kind once, in the order in which commands name it.
    static var all: [DocumentSchema] {
        var known: Set<String> = []
        let written = documented(below: Drover.self, []).flatMap { $0.command.documents.map(\.schema) }
        return ([ErrorRecord.schema] + written).filter { known.insert($0.id).inserted }
    }

    private static var schemas: String { all.map(section).joined() }

    private static func section(_ schema: DocumentSchema) -> String {
        let usual = "\n## \(schema.id)\n\n\(schema.tells).\n" + fields(schema.fields)
        return usual
            + schema.events.map { event in
                "\n### `\(event.name)`\n\n`\"event\": \"\(event.name)\"`: \(event.when).\n"
                    + fields(event.fields)
            }.joined()
    }

    static func anchor(_ schema: DocumentSchema) -> String { schema.id.filter { $0 != "." && $0 != "/" } }

    private static func fields(_ fields: [Shape.Field]) -> String {
        let rows = rows(fields, "")
        return rows.isEmpty ? "" : Markdown.table(["field", "type", "", "meaning"], rows)
    }

    private static func rows(_ fields: [Shape.Field], _ prefix: String) -> [[String]] {
        fields.flatMap { field in
            let own = [
                "`\(prefix)\(field.name)`", field.shape.words, field.isOptional ? "may be absent" : "", field.meaning,
            ]
            guard let inner = field.shape.inner else { return [own] }
            return [own] + rows(inner.fields, prefix + field.name + inner.prefix)
        }
    }
}
