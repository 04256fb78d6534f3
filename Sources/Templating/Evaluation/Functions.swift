import Fleet
import Values

/// Functions every template has.
enum Functions {
    static let names: Set<String> = [
        "range", "dict", "namespace", "lookup", "query", "q", "omit", "undef", "now", "cycler", "joiner",
    ]

    static func isLookup(_ name: String) -> Bool { name == "lookup" || name == "query" || name == "q" }

    static func named(_ name: String, _ evaluator: Evaluator) -> Object? {
        switch name {
        case "omit": return .omit
        case "range": return .callable(Callable(name) { try range($0.positional) })
        case "dict": return .callable(Callable(name, acceptsMarkers: true) { try dict($0) })
        case "namespace": return .callable(Callable(name, acceptsMarkers: true) { try namespace($0) })
        case "undef": return .callable(Callable(name) { try undef($0) })
        case "now":
            let environment = evaluator.session.outside
            return .callable(Callable(name) { try moment($0, environment) })
        case "joiner": return .callable(Callable(name) { joiner($0) })
        case "cycler": return .callable(Callable(name) { try cycler($0.positional) })
        case "lookup", "query", "q":
            let (session, origin) = (evaluator.session, evaluator.origin)
            return .callable(
                Callable(name) { try Evaluator(session, origin: origin).lookup(function: name, $0) })
        default: return nil
        }
    }

    private static func range(_ arguments: [Object]) throws -> Object {
        let numbers = try arguments.map { argument in
            guard let number = argument.integer else {
                throw TemplateError.type("'\(argument.typeName)' object cannot be interpreted as an integer")
            }
            return number
        }
        let range: RangeObject
        switch numbers.count {
        case 1: range = RangeObject(start: 0, stop: numbers[0], step: 1)
        case 2: range = RangeObject(start: numbers[0], stop: numbers[1], step: 1)
        case 3: range = RangeObject(start: numbers[0], stop: numbers[1], step: numbers[2])
        default: throw TemplateError.type("range expected 1 to 3 arguments, got \(numbers.count)")
        }
        guard range.step != 0 else { throw TemplateError.type("range() arg 3 must not be zero") }
        return .range(range)
    }

    static func dict(_ arguments: CallArguments) throws -> Object {
        let result = DictObject()
        if let first = arguments.positional.first { try result.update(from: first) }
        for (name, value) in arguments.named { result.set(.string(name), value) }
        return .dict(result)
    }

    private static func namespace(_ arguments: CallArguments) throws -> Object {
        let result = NamespaceObject()
        guard case .dict(let dict) = try dict(arguments) else { return .none }
        for (key, value) in try dict.pairs() {
            guard case .string(let name) = key else { throw TemplateError.type("namespace names must be strings") }
            result.attributes[name] = value
        }
        return .namespace(result)
    }

    private static func undef(_ arguments: CallArguments) throws -> Object {
        let hint = try (arguments.positional.first ?? arguments.named.first { $0.name == "hint" }?.value)?.text()
        return .undefined(hint ?? "mandatory variable has not been overridden")
    }

    private static func moment(_ arguments: CallArguments, _ environment: TemplateEnvironment) throws -> Object {
        func argument(_ index: Int, _ name: String) -> Object? {
            arguments.positional.indices.contains(index)
                ? arguments.positional[index] : arguments.named.first { $0.name == name }?.value
        }
        let isUTC = try argument(0, "utc")?.isTrue() ?? false
        let now = environment.now()
        let ahead = isUTC ? 0 : environment.zone(now).seconds
        let moment = Moment(seconds: now + Double(ahead), zone: environment.zone)
        guard let format = argument(1, "fmt"), try format.isTrue() else { return .moment(moment) }
        return .string(DateText.format(try format.text(), moment.seconds))
    }

    private static func joiner(_ arguments: CallArguments) -> Object {
        let separator = arguments.positional.first ?? arguments.named.first?.value ?? .string(", ")
        var isUsed = false
        return .callable(
            Callable("joiner") { _ in
                defer { isUsed = true }
                return isUsed ? separator : .string("")
            })
    }

    private static func cycler(_ items: [Object]) throws -> Object {
        guard !items.isEmpty else { throw TemplateError.type("at least one item has to be provided") }
        return .cycler(CyclerObject(items))
    }
}
