import OrderedCollections
import Values

/// docs/json.schema.json: what `drover --format json` writes, as JSON Schema.
enum JSONSchemaFile {
    static var text: String {
        let references = JSONPage.all.map { object(["$ref": .string("#/$defs/" + $0.id.replacing("/", with: "~1"))]) }
        var definitions: [(Value, Value)] = JSONPage.all.map { (Value.string($0.id), Self.document($0)) }
        definitions.append((.string("document"), object(["anyOf": .list(references)])))
        let document = object(["$ref": .string("#/$defs/document")])
        let whole: Value = object([
            "$schema": .string("https://json-schema.org/draft/2020-12/schema"),
            "$comment": .string(
                "Made by scripts/reference from what is written itself. Fields may be added within a version."),
            "title": .string("What drover writes with --format json"),
            "anyOf": .list([document, object(["type": .string("array"), "items": document])]),
            "$defs": .map(.init(uniqueKeysWithValues: definitions)),
        ])
        return whole.json(JSONLayout(indent: " ", sortsKeys: true, ensuresASCII: false)) + "\n"
    }

    private static func object(_ fields: [String: Value]) -> Value {
        .map(.init(uniqueKeysWithValues: fields.map { (Value.string($0.key), $0.value) }))
    }

    private static func document(_ schema: DocumentSchema) -> Value {
        let named: [Shape.Field] = [
            .always("schema", .word([schema.id]), "what this is"),
            .maybe("version", .integer, "of lines: the schema's version"),
        ]
        let events: [Shape.Field] =
            schema.events.isEmpty ? [] : [.always("event", .word(schema.events.map(\.name)), "what happened")]
        guard case .map(var fields) = value(.object(named + schema.fields + events)) else { return .null }
        fields[.string("description")] = .string(schema.tells)
        if !schema.events.isEmpty {
            fields[.string("oneOf")] = .list(
                schema.events.map { event in
                    value(.object([.always("event", .word([event.name]), event.when)] + event.fields))
                })
        }
        return .map(fields)
    }

    private static func value(_ shape: Shape) -> Value {
        switch shape {
        case .text: object(["type": .string("string")])
        case .time: object(["type": .string("string"), "format": .string("date-time")])
        case .word(let words): object(["enum": .list(words.map { .string($0) })])
        case .integer: object(["type": .string("integer")])
        case .number: object(["type": .string("number")])
        case .flag: object(["type": .string("boolean")])
        case .list(let shape): object(["type": .string("array"), "items": value(shape)])
        case .map(let shape): object(["type": .string("object"), "additionalProperties": value(shape)])
        case .object(let fields):
            object([
                "type": .string("object"),
                "required": .list(fields.filter { !$0.isOptional }.map { .string($0.name) }),
                "properties": .map(.init(uniqueKeysWithValues: fields.map { (Value.string($0.name), property($0)) })),
            ])
        }
    }

    private static func property(_ field: Shape.Field) -> Value {
        guard case .map(var fields) = value(field.shape) else { return .null }
        fields[.string("description")] = .string(field.meaning)
        return .map(fields)
    }
}
