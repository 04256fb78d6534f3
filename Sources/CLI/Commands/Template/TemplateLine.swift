import Fleet
import OrderedCollections
import Templating
import Values

/// One line of `drover render --json-lines`: a template with its variables, and what it comes to.
struct TemplateLine {
    private let id: Value?
    private let kind: String
    private let template: Value
    private let variables: Variables

    /// Reads `{"id", "kind": "arg|when|file", "template", "vars", "untrusted"?}`.
    ///
    /// - Throws: `InputError` when the line is something else.
    init(_ line: String) throws {
        let item: Value
        do throws(JSONError) {
            item = try Value(json: line)
        } catch {
            throw InputError(
                "a line is not valid JSON: \(error.message)",
                hints: ["each line is a JSON object with 'kind', 'template' and 'vars'"])
        }
        guard let template = item["template"], let kind = item["kind"]?.text else {
            throw InputError("a line has no 'template' or no 'kind'")
        }
        id = item["id"]
        self.kind = kind
        self.template = template
        var variables: Variables = [:]
        for (key, value) in item["vars"].pairs { variables[key] = Self.trusted(value) }
        for (key, value) in item["untrusted"].pairs { variables[key] = value }
        self.variables = variables
    }

    /// Strings of a playbook may be templates.
    private static func trusted(_ value: Value) -> Value {
        switch value {
        case .string(let text): .trusted(text)
        case .list(let items): .list(items.map(trusted))
        case .map(let fields): .map(OrderedDictionary(uniqueKeysWithValues: fields.map { ($0.key, trusted($0.value)) }))
        default: value
        }
    }

    /// `{"id", "value"}`, `{"id", "omitted": true}` or `{"id", "error", "message"}`.
    func answer(_ templater: Templater) throws -> String {
        var fields: OrderedDictionary<Value, Value> = [:]
        if let id { fields[.string("id")] = id }
        do {
            if let value = try value(templater) {
                fields[.string("value")] = value
            } else {
                fields[.string("omitted")] = .bool(true)
            }
        } catch let error as TemplateError {
            fields[.string("error")] = .string(error.code.rawValue)
            fields[.string("message")] = .string(error.message)
        }
        return Value.map(fields).json()
    }

    private func value(_ templater: Templater) throws -> Value? {
        switch kind {
        case "arg": return try templater.evaluate(Self.trusted(template), in: variables)
        case "when": return .bool(try templater.condition(Self.trusted(template), in: variables))
        case "file": return .string(try templater.file(template.text ?? "", name: "template", in: variables))
        default: throw InputError("unknown kind '\(kind)'", hints: ["use arg, when or file"])
        }
    }
}

extension Value? {
    /// The pairs of a mapping with string keys.
    fileprivate var pairs: [(String, Value)] {
        guard case .map(let fields)? = self else { return [] }
        return fields.map { ($0.key.text ?? "", $0.value) }
    }
}
