import Foundation
import Values

/// What Drover wrote for programs, held against docs/json.schema.json, which another test holds against the program.
public enum WrittenJSON {
    /// What is wrong with it, each with the place where.
    /// - Parameter isCutOff: Whether the program was ended, so that the last line may be no whole one.
    public static func mistakes(in output: String, isCutOff: Bool = false) -> [String] {
        let values: [Value]
        do {
            values = try PlainJSON.readAll(output, isCutOff: isCutOff)
        } catch { return ["no JSON (\(error)): \(output.suffix(400))"] }
        return values.flatMap { value in
            if case .list(let documents) = value { return documents.flatMap(mistakes) }
            return mistakes(value)
        }
    }

    private static let definitions: Value? = {
        let file = DroverProgram.repository.appending(path: "docs/json.schema.json")
        // Without the file every document is unknown, which is told.
        guard let text = try? String(contentsOf: file, encoding: .utf8) else { return nil }
        return try? PlainJSON.read(text)["$defs"]  // As above.
    }()

    private static func mistakes(_ document: Value) -> [String] {
        guard let name = document["schema"]?.string, let schema = definitions?[name] else {
            return ["no known schema: \(document.json().prefix(400))"]
        }
        return mistakes(document, schema, name).map { "\($0) in \(document.json().prefix(400))" }
    }

    /// Beyond what a validator does: a field that the schema does not have is a mistake.
    private static func mistakes(_ value: Value, _ schema: Value, _ place: String) -> [String] {
        if case .list(let words) = schema["enum"] {
            return words.contains(value) ? [] : ["\(place) is \(value.json()), none of \(schema["enum"]?.json() ?? "")"]
        }
        switch (schema["type"]?.string, value) {
        case ("string", .string(let text)):
            let isTime = text.wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/) != nil
            return schema["format"] == nil || isTime ? [] : ["\(place) is no time of RFC 3339: \(text)"]
        case ("integer", .int), ("number", .int), ("number", .double), ("boolean", .bool): return []
        case ("array", .list(let items)):
            return items.flatMap { mistakes($0, schema["items"] ?? .null, place + "[]") }
        case ("object", .map): return fieldMistakes(value, schema, place)
        default: return ["\(place) is \(value.json().prefix(80)), no \(schema["type"]?.string ?? "kind that is known")"]
        }
    }

    private static func fieldMistakes(_ value: Value, _ schema: Value, _ place: String) -> [String] {
        if let each = schema["additionalProperties"] {
            return (value.fields ?? []).flatMap { mistakes($0.value, each, "\(place).\($0.key.string ?? "")") }
        }
        var parts = [schema]
        if case .list(let events) = schema["oneOf"] {
            parts += events.filter { $0["properties"]?["event"]?["enum"] == .list([value["event"] ?? .null]) }
        }
        let required = parts.flatMap { part -> [Value] in
            if case .list(let names) = part["required"] { names } else { [] }
        }
        let missing = required.compactMap(\.string).filter { value[$0] == nil }.map { "\(place).\($0) is missing" }
        return missing
            + (value.fields ?? []).flatMap { field -> [String] in
                let name = field.key.string ?? ""
                guard let own = parts.reversed().lazy.compactMap({ $0["properties"]?[name] }).first else {
                    return ["\(place).\(name) is in no schema"]
                }
                return mistakes(field.value, own, "\(place).\(name)")
            }
    }
}

extension Value {
    fileprivate var string: String? { if case .string(let text) = self { text } else { nil } }
}
